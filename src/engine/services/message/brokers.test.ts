import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loopbackProfile, lookAt } from '../../testing.ts'
import { amqp } from './amqp.ts'
import { bytesOf, u16, u32 } from '../wire/byte-reader.ts'
import { mqtt } from './mqtt.ts'
import { amqpStart } from '../wire/recorded-bytes.ts'
import { socks } from '../web/socks.ts'
import { replayer, serve, type Said } from '../testing-server.ts'

const close403 = bytesOf(1, u16(0), u32(23), u16(10), u16(50), u16(403), 12, 'ACCESS_DENIED'.slice(0, 12), u16(0), u16(0), 0xce)

/** The broker greets with RabbitMQ's recorded words, then answers the login. */
const broker =
  (login: Said | null): Parameters<typeof serve>[1] =>
  (socket) => {
    socket.once('data', () => {
      socket.write(amqpStart)
      socket.once('data', () => {
        if (login === null) socket.end()
        else socket.write(login)
      })
    })
  }

test('AMQP: guest is let in, told off, shown the door, or left waiting', async (t) => {
  const login = async (answer: Said | null): Promise<readonly unknown[]> => {
    const sighting = await lookAt(amqp, await serve(t, broker(answer)), { profile: { ...loopbackProfile, defaults: true } })
    return [sighting?.facts?.guestLogin, sighting?.facts?.auth, sighting?.incomplete?.code]
  }
  assert.deepEqual(await login(bytesOf(1, u16(0), u32(12), u16(10), u16(30), new Uint8Array(8), 0xce)), [true, false, undefined])
  assert.deepEqual(await login(close403), [false, true, undefined])
  assert.deepEqual(await login(null), [false, true, undefined])
  assert.deepEqual(await login(''), [null, null, 'timeout'])
})

test('AMQP 1.0: the mechanisms of its SASL layer', async (t) => {
  const mechanisms = bytesOf(
    u32(40),
    2,
    1,
    u16(0),
    [0, 0x53, 0x40, 0xc0, 0x1a, 1, 0xf0],
    u32(18),
    2,
    0xa3,
    5,
    'PLAIN',
    9,
    'ANONYMOUS',
  )
  const frame = bytesOf(u32(mechanisms.length), mechanisms.subarray(4))
  const port = await serve(t, (socket) => {
    socket.once('data', (bytes: Buffer) =>
      socket.write(bytes[4] === 3 ? bytesOf('AMQP', 3, 1, 0, 0, frame) : bytesOf('AMQP', 0, 1, 0, 0)),
    )
  })
  const sighting = await lookAt(amqp, port)
  assert.deepEqual(
    [sighting?.facts?.protocol, sighting?.facts?.mechanisms, sighting?.facts?.anonymous, sighting?.facts?.cleartextLogin],
    ['1.0', ['ANONYMOUS', 'PLAIN'], true, true],
  )
})

test('MQTT: a refusal that is not about credentials tells nothing of them', async (t) => {
  const code = async (value: number): Promise<readonly unknown[]> => {
    const sighting = await lookAt(mqtt, await serve(t, replayer('', [bytesOf(0x20, 2, 0, value)])))
    return [sighting?.facts?.auth, sighting?.facts?.returnCode, sighting?.facts?.cleartextLogin]
  }
  assert.deepEqual(await code(4), [true, 4, true])
  assert.deepEqual(await code(5), [true, 5, true])
  assert.deepEqual(await code(1), [null, 1, undefined])
  assert.deepEqual(await code(2), [null, 2, undefined])
})

test('MQTT: an open broker that keeps its statistics to itself is open all the same', async (t) => {
  const sighting = await lookAt(mqtt, await serve(t, replayer('', [bytesOf(0x20, 2, 0, 0), bytesOf(0x90, 3, 0, 1, 0x80)])))
  assert.deepEqual([sighting?.facts?.auth, sighting?.facts?.topics, sighting?.facts?.sysVersion], [false, [], null])
})

test('SOCKS 4 alone, open and closed', async (t) => {
  const four = async (code: number): Promise<readonly unknown[]> => {
    const sighting = await lookAt(
      socks,
      await serve(t, (socket) => {
        socket.once('data', (bytes: Buffer) => {
          if (bytes[0] === 4) socket.write(bytesOf(0, code, new Uint8Array(6)))
          else socket.end()
        })
      }),
    )
    return [sighting?.facts?.protocol, sighting?.facts?.auth, sighting?.facts?.openProxy]
  }
  assert.deepEqual(await four(90), ['4', false, true])
  assert.deepEqual(await four(91), ['4', true, false])
})

test('SOCKS 5: greets anybody and goes nowhere, or tries and finds nobody', async (t) => {
  const reply = async (code: number): Promise<unknown> => {
    const sighting = await lookAt(
      socks,
      await serve(t, (socket) => {
        socket.once('data', (bytes: Buffer) => {
          if (bytes[0] !== 5) return socket.end()
          socket.write(Uint8Array.of(5, 0))
          return socket.once('data', () => socket.write(bytesOf(5, code, 0, 1, new Uint8Array(6))))
        })
      }),
    )
    return sighting?.facts?.openProxy
  }
  assert.equal(await reply(2), false)
  assert.equal(await reply(5), true)
})
