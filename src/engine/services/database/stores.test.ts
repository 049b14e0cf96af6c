import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loopbackProfile, lookAt } from '../../testing.ts'
import { bytesOf, u32 } from '../wire/byte-reader.ts'
import { mysql, nameOf } from './mysql.ts'
import { packet, parseHandshake } from './mysql-message.ts'
import { nats } from '../message/nats.ts'
import { postgresql } from './postgresql.ts'
import { redis } from './redis.ts'
import { replayer, serve, speaker } from '../testing-server.ts'

test('Redis: each way of refusing is a password wanted, protected mode is told apart', async (t) => {
  const refusal = async (answer: string): Promise<unknown> => (await lookAt(redis, await serve(t, speaker('', [], answer))))?.facts
  assert.deepEqual(await refusal('-NOAUTH Authentication required.\r\n'), { auth: true })
  assert.deepEqual(await refusal('-DENIED Redis is running in protected mode because protected mode is enabled\r\n'), { auth: true, protectedMode: true })
  assert.equal(await refusal("-ERR unknown command 'PING'\r\n"), undefined)
})

test('Redis: its kin go by their own names', async (t) => {
  const info = async (text: string): Promise<readonly unknown[]> => {
    const sighting = await lookAt(redis, await serve(t, speaker('', [[/^PING/, '+PONG\r\n'], [/^INFO/, `$${text.length}\r\n${text}\r\n`]])))
    return [sighting?.product, sighting?.version, sighting?.facts?.keys]
  }
  assert.deepEqual(await info('redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\ndb0:keys=3,expires=0\r\ndb1:keys=4,expires=1\r\n'), ['Valkey', '8.0.1', 7])
  assert.deepEqual(await info('redis_version:6.2.14\r\nredis_mode:sentinel\r\n'), ['Redis Sentinel', '6.2.14', 0])
  assert.deepEqual(await info('redis_version:7.4.0\r\ndragonfly_version:df-v1.21.2\r\n'), ['Dragonfly', '1.21.2', 0])
})

test('Redis: INFO that never ends leaves the look incomplete', async (t) => {
  const sighting = await lookAt(redis, await serve(t, speaker('', [[/^PING/, '+PONG\r\n'], [/^INFO/, '$50000\r\nredis_version:7\r\n']])))
  assert.equal(sighting?.product, 'Redis')
  assert.equal(sighting?.incomplete?.code, 'timeout')
  assert.equal('auth' in (sighting?.facts ?? {}), false)
})

test('MySQL: names, versions and packages out of the handshake', () => {
  const short = (text: string): readonly unknown[] => {
    const { product, version, distro, packageVersion } = nameOf(text)
    return [product, version, distro, packageVersion]
  }
  assert.deepEqual(short('5.5.5-10.11.6-MariaDB-0+deb12u1'), ['MariaDB', '10.11.6', 'debian', '0+deb12u1'])
  assert.deepEqual(short('10.6.12-MariaDB-0ubuntu0.22.04.1'), ['MariaDB', '10.6.12', 'ubuntu', '0ubuntu0.22.04.1'])
  assert.deepEqual(short('8.0.36-0ubuntu0.22.04.1'), ['MySQL', '8.0.36', 'ubuntu', '0ubuntu0.22.04.1'])
  assert.deepEqual(short('8.0.36'), ['MySQL', '8.0.36', undefined, undefined])
  assert.deepEqual(short('8.0.36-28'), ['Percona Server', '8.0.36', undefined, undefined])
  assert.deepEqual(short('5.7.25-TiDB-v7.5.0'), ['TiDB', '5.7.25', undefined, undefined])
  assert.deepEqual(short('5.5.62'), ['MySQL', '5.5.62', undefined, undefined])
})

const greeting = packet(0, bytesOf(10, '8.0.36', 0, u32(1), 'abcdefgh', 0, [0xff, 0xff], 33, [2, 0], [0xff, 0xc1], 21, new Uint8Array(10), 'abcdefghijkl', 0, 'caching_sha2_password', 0))

test('MySQL: a server that only takes known hosts says so, and no more', async (t) => {
  const denied = packet(0, bytesOf(0xff, [0x6a, 4], "Host '127.0.0.1' is not allowed to connect to this MySQL server"))
  const sighting = await lookAt(mysql, await serve(t, replayer(denied, [])))
  assert.equal(sighting?.product, 'MySQL')
  assert.deepEqual(sighting?.facts, { blocked: "Host '127.0.0.1' is not allowed to connect to this MySQL server" })
})

test('MySQL: an empty password through a switch of plug-ins is a login', async (t) => {
  assert.equal(parseHandshake(greeting)?.plugin, 'caching_sha2_password')
  const change = packet(2, bytesOf(0xfe, 'caching_sha2_password', 0, 'abcdefghijklmnopqrst', 0))
  const port = await serve(t, replayer(greeting, [change, packet(4, bytesOf(0, 0, 0, 2, 0, 0, 0))]))
  const facts = (await lookAt(mysql, port, { profile: { ...loopbackProfile, defaults: true } }))?.facts
  assert.deepEqual([facts?.rootWithoutPassword, facts?.starttls, facts?.authPlugin, facts?.auth], [true, true, 'caching_sha2_password', false])
})

const serverError = (code: string, text: string): Uint8Array => {
  const body = bytesOf('SFATAL', 0, `C${code}`, 0, `M${text}`, 0, 0)
  return bytesOf('E', u32(body.length + 4), body)
}

test('PostgreSQL: no line for us in pg_hba is a refusal, other errors tell nothing', async (t) => {
  const facts = async (answer: Uint8Array): Promise<unknown> => {
    let first = true
    const port = await serve(t, (socket) => {
      socket.once('data', () => {
        socket.write(first ? 'N' : Buffer.from(answer))
        first = false
      })
    })
    const seen = (await lookAt(postgresql, port))?.facts
    return [seen?.authMethod, seen?.auth, seen?.plainAllowed, seen?.errorCode]
  }
  assert.deepEqual(await facts(serverError('28000', 'no pg_hba.conf entry')), ['rejected', true, false, '28000'])
  assert.deepEqual(await facts(serverError('57P03', 'the database system is starting up')), ['unknown', null, true, '57P03'])
  assert.deepEqual(await facts(bytesOf('R', u32(12), u32(5), 'salt')), ['md5', true, true, undefined])
})

test('NATS: what is neither PONG nor a refusal is not concluded from', async (t) => {
  const info = 'INFO {"server_id":"N1","version":"2.10.1","max_payload":1048576}\r\n'
  const sighting = await lookAt(nats, await serve(t, speaker(info, [[/^PING/, "-ERR 'maximum connections exceeded'\r\n"], [/^CONNECT/, '']])))
  assert.equal(sighting?.version, '2.10.1')
  assert.equal('auth' in (sighting?.facts ?? {}), false)
  assert.equal(sighting?.incomplete?.code, 'protocol')
})
