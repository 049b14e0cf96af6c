import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { Profile } from '#core/profile.ts'
import { array, constantFrom, oneof, sample, uint8Array } from 'fast-check'
import { Unseen } from '../probe.ts'
import { services } from '../probes.ts'
import type { Service, Sighting } from '../service.ts'
import { loopbackProfile, lookAt } from '../testing.ts'
import { imap } from './mail/imap.ts'
import { ftp } from './file/ftp.ts'
import { memcached } from './database/memcached.ts'
import { mongodb } from './database/mongodb.ts'
import { mysql } from './database/mysql.ts'
import { nats } from './message/nats.ts'
import { pop3 } from './mail/pop3.ts'
import { postgresql } from './database/postgresql.ts'
import { redis } from './database/redis.ts'
import { smtp } from './mail/smtp.ts'
import { ssh } from './shell/ssh.ts'
import { telnet } from './shell/telnet.ts'
import { endless, replayer, serve, speaker } from './testing-server.ts'
import { zookeeper } from './cluster/zookeeper.ts'

const ours: readonly Service[] = [ssh, ftp, smtp, pop3, imap, telnet, mysql, nats, postgresql, redis, memcached, mongodb, zookeeper]
const quick: Profile = { ...loopbackProfile, defaults: true, limits: { ...loopbackProfile.limits, answer: 150 } }

/** Servers of other protocols, as their first words sound; the name is that of the service that may recognise it. */
const strangers: Readonly<Record<string, (socket: Socket) => void>> = {
  ssh: speaker('SSH-2.0-Other_1.0\r\n', [], '\0\0\0\0'),
  ftp: speaker('220 Ready\r\n', [[/^FEAT/, '502 no\r\n'], [/^USER/, '331 password\r\n'], [/^PASS/, '530 no\r\n'], [/^AUTH/, '502 no\r\n']]),
  smtp: speaker('220 mail ESMTP\r\n', [[/^EHLO/, '250-mail\r\n250 SIZE 1000\r\n'], [/^MAIL/, '250 ok\r\n'], [/^RCPT/, '550 no\r\n'], [/^RSET/, '250 ok\r\n'], [/^QUIT/, '221 bye\r\n']], '502 unknown\r\n'),
  pop3: speaker('+OK ready\r\n', [[/^CAPA/, '+OK\r\nUSER\r\n.\r\n']], '-ERR unknown\r\n'),
  imap: speaker('* OK ready\r\n', [[/^v1 /, '* CAPABILITY IMAP4rev1\r\nv1 OK done\r\n']], '* BAD unknown\r\n'),
  http: replayer('', ['HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n']),
  redis: speaker('', [[/^PING/, '+PONG\r\n'], [/^INFO/, '$20\r\nredis_version:7.0.1\n\r\n']], "-ERR unknown command\r\n"),
  'redis-like errors': speaker('', [], "-ERR unknown command\r\n"),
  memcached: speaker('', [[/^version/, 'VERSION 1.6.18\r\n'], [/^stats/, 'STAT pid 1\r\nEND\r\n']], 'ERROR\r\n'),
  echo: (socket) => { socket.pipe(socket) },
  'tls alert': replayer('', [Uint8Array.of(0x15, 3, 1, 0, 2, 2, 40)]),
  silent: (socket) => { socket.resume() },
  'hangs up': (socket) => { socket.end() },
  'endless zeros': endless('', new Uint8Array(16_384)),
  'endless lines': endless('', 'hello\r\n'.repeat(1000)),
  'endless 220': endless('220-', '220-more\r\n'.repeat(1000)),
  'endless telnet': endless('', Uint8Array.from({ length: 9000 }, (_, index) => [255, 253, 1][index % 3]!)),
  'all ones': replayer('', [new Uint8Array(64).fill(255), new Uint8Array(64).fill(255)]),
}

/** What may be recognised beside what the name says: a stranger that truly sounds like it. */
const known: Readonly<Record<string, readonly string[]>> = { 'endless telnet': ['telnet'] }

async function sight(service: Service, port: number): Promise<Sighting | null> {
  try {
    return await lookAt(service, port, { profile: quick })
  } catch (error) {
    if (error instanceof Unseen) return null
    throw error
  }
}

for (const [name, talk] of Object.entries(strangers)) {
  test(`${name} is taken for nothing else`, async (t) => {
    const port = await serve(t, talk)
    const found = await Promise.all(ours.map(async (service) => [service.name, await sight(service, port)] as const))
    assert.deepEqual(found.filter(([, sighting]) => sighting !== null).map(([service]) => service), known[name] ?? ours.filter((service) => service.name === name).map((service) => service.name))
  })
}

test('every service of this room is registered', () => {
  assert.deepEqual(ours.filter((service) => !services.includes(service)).map((service) => service.name), [])
})

/** Conversations that begin as a real one and go wrong anywhere. */
const beginnings: readonly string[] = [
  'SSH-2.0-OpenSSH_9.2p1\r\n', '220 mail ESMTP\r\n', '220 ftp\r\n', '+OK\r\n', '* OK ready\r\n', 'INFO {"server_id":"a","version":"2.1"}\r\n', '\xff\xfd\x18', 'J\0\0\0\x0a8.0.36\0', '-DENIED Redis', '',
]

test('talk that goes wrong anywhere ends in a sighting, in null or in Unseen, and in nothing else', async (t) => {
  const talks = sample(array(oneof(uint8Array({ maxLength: 120 }), constantFrom(...beginnings, '250 ok\r\n', '331 go\r\n', '230 in\r\n', '+PONG\r\n', 'VERSION 1.6\r\n', 'R\0\0\0\x08\0\0\0\0', 'S', 'N').map((text) => Buffer.from(text, 'latin1'))), { maxLength: 8 }), { numRuns: 40, seed: 2026 })
  const servers = await Promise.all(talks.map((answers, index) => serve(t, replayer(beginnings[index % beginnings.length]!, answers))))
  let looked = 0
  for (const port of servers) {
    await Promise.all(ours.map(async (service) => {
      const sighting = await sight(service, port)
      looked += 1
      // Whatever it is: flat facts, bounded text.
      for (const fact of Object.values(sighting?.facts ?? {})) assert.ok(JSON.stringify(fact).length < 32_768)
    }))
  }
  assert.equal(looked, talks.length * ours.length)
})
