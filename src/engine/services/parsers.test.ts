import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, nat, property, uint8Array } from 'fast-check'
import { textOf } from '../net/transcript.ts'
import { bsonOf, parseBson } from './database/bson.ts'
import { bytesOf, u32, u32le } from './wire/byte-reader.ts'
import { parseEpsv, parseListing, parsePasv } from './file/ftp-anonymous.ts'
import { parseCapabilities, parseId } from './mail/imap.ts'
import { parseJson } from './wire/json-object.ts'
import { dotEnd, tagEnd } from './mail/mail-access.ts'
import { binaryEnd, parseBinary, parseVersionLine } from './database/memcached.ts'
import { messageEnd, parseAnswer } from './database/mongodb.ts'
import { nameOf } from './database/mysql.ts'
import { packetEnd, parseColumn, parseError, parseHandshake, resultEnd, switchAnswer } from './database/mysql-message.ts'
import { parseCapa } from './mail/pop3.ts'
import { messagesEnd, parseMessages } from './database/postgresql-message.ts'
import { sessionOf } from './database/postgresql.ts'
import { bulkEnd, parseInfo } from './database/redis.ts'
import { parseReply, replyEnd } from './wire/reply.ts'
import { parseAuthFailure, parseGexGroup, parseHostKey, parseKexInit, parseKexReply, string } from './shell/ssh-message.ts'
import { sshProductOf } from './shell/ssh-product.ts'
import { parseTelnet, promptOf } from './shell/telnet.ts'
import { frameEnd, isConnected, parseChildren } from './cluster/zookeeper.ts'

type Parser = (bytes: Uint8Array) => unknown

const text = (parse: (text: string) => unknown): Parser => (bytes) => parse(textOf(bytes))

/** Each parser with a message that it accepts, so that cuts and flips of it reach deep. */
const parsers: Readonly<Record<string, readonly [Parser, Uint8Array | string]>> = {
  reply: [(bytes) => parseReply(bytes), '211-Features:\r\n AUTH TLS\r\n211 End\r\n'],
  epsv: [text(parseEpsv), 'Entering Extended Passive Mode (|||1234|)'],
  pasv: [text(parsePasv), 'Entering Passive Mode (127,0,0,1,4,210)'],
  listing: [text(parseListing), 'drwxrwxrwx    2 0        0            4096 Jan 01 00:00 incoming\r\n'],
  capabilities: [text(parseCapabilities), '* CAPABILITY IMAP4rev1 STARTTLS\r\nv1 OK\r\n'],
  id: [text(parseId), '* ID ("name" "Dovecot" "version" "2.3")\r\n'],
  capa: [text(parseCapa), '+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n'],
  json: [text(parseJson), '{"a":[1,2,{"b":null}]}'],
  'memcached binary': [parseBinary, bytesOf(0x81, 0x0b, 0, 0, 0, 0, 0, 0, u32(6), u32(0), u32(0), u32(0), '1.6.18')],
  'memcached version': [text(parseVersionLine), 'VERSION 1.6.18\r\n'],
  bson: [parseBson, bsonOf({ ok: 1, name: 'a', on: true })],
  mongodb: [(bytes) => parseAnswer(bytes, 1), bytesOf(u32le(34), u32le(9), u32le(1), u32le(2013), u32le(0), 0, bsonOf({ ok: 1 }))],
  handshake: [parseHandshake, bytesOf([74, 0, 0, 0], 10, '8.0.36', 0, u32(1), 'abcdefgh', 0, [0xff, 0xf7], 33, [2, 0], [0xff, 0x81], 21, new Uint8Array(10), 'abcdefghijkl', 0, 'mysql_native_password', 0)],
  'mysql error': [parseError, bytesOf([14, 0, 0, 0], 0xff, [0x6a, 4], 'Host denied')],
  'mysql column': [(bytes) => parseColumn(bytes, 50), bytesOf([1, 0, 0, 1], 1, [3, 0, 0, 2], 'def', [5, 0, 0, 3], [0xfe, 0, 0, 2, 0], [5, 0, 0, 4], 4, 'shop', [5, 0, 0, 5], [0xfe, 0, 0, 2, 0])],
  'mysql switch': [(bytes) => switchAnswer(2, bytes), bytesOf(0xfe, 'mysql_native_password', 0)],
  'mysql name': [text(nameOf), '5.5.5-10.11.6-MariaDB-0+deb12u1'],
  postgresql: [(bytes) => sessionOf(parseMessages(bytes) ?? []), bytesOf('R', u32(8), u32(0), 'S', u32(4 + 19), 'server_version', 0, '15', 0, 0, 'Z', u32(5), 'I')],
  'redis info': [text(parseInfo), 'redis_version:7.0.15\r\ndb0:keys=1,expires=0\r\n'],
  kexinit: [parseKexInit, bytesOf(20, new Uint8Array(16), ...Array.from({ length: 10 }, () => string('a,b,c')), 0, u32(0))],
  'kex reply': [parseKexReply, bytesOf(31, string('key'), string('value'), string('signature'))],
  'host key': [parseHostKey, bytesOf(string('ssh-rsa'), string(Uint8Array.of(1, 0, 1)), string(new Uint8Array(128).fill(200)))],
  'auth failure': [parseAuthFailure, bytesOf(51, string('publickey,password'), 0)],
  'gex group': [parseGexGroup, bytesOf(31, string(new Uint8Array(128).fill(200)), string(Uint8Array.of(2)))],
  'ssh product': [text(sshProductOf), 'OpenSSH_9.2p1 Debian-2+deb12u3'],
  telnet: [parseTelnet, bytesOf([255, 253, 24, 255, 250, 24, 1, 255, 240], 'login: ')],
  prompt: [text(promptOf), 'Debian GNU/Linux 12\r\nbox login: '],
  connected: [isConnected, bytesOf(u32(37), u32(0), u32(10_000), new Uint8Array(8), u32(16), new Uint8Array(16), 0)],
  children: [parseChildren, bytesOf(u32(33), u32(1), new Uint8Array(8), u32(0), u32(1), u32(9), 'zookeeper')],
}

/** Ends of messages: null, or a length between 1 and what there is. */
const ends: Readonly<Record<string, (received: Uint8Array) => number | null>> = {
  replyEnd, dotEnd, tagEnd: tagEnd('v1'), binaryEnd, messageEnd, packetEnd, resultEnd, messagesEnd, bulkEnd, frameEnd,
}

const cheapEnough = { numRuns: 300 }

for (const [name, [parse, sample]] of Object.entries(parsers)) {
  const good = typeof sample === 'string' ? Buffer.from(sample, 'latin1') : sample

  test(`${name}: accepts what it should, and survives anything`, () => {
    const accepted = parse(good)
    assert.ok(accepted !== null && accepted !== false && accepted !== undefined, 'the sample must be accepted, or cuts of it prove nothing')
    check(property(uint8Array({ maxLength: 300 }), (bytes) => { parse(bytes) }), cheapEnough)
    for (let length = 0; length <= good.length; length++) parse(good.subarray(0, length))
    check(property(nat(good.length - 1), nat(255), uint8Array({ maxLength: 40 }), (at, byte, tail) => {
      const flipped = Uint8Array.from([...good, ...tail])
      flipped[at] = byte
      parse(flipped)
    }), cheapEnough)
  })
}

for (const [name, end] of Object.entries(ends)) {
  test(`${name}: never beyond what was received`, () => {
    const samples = Object.values(parsers).map(([, sample]) => (typeof sample === 'string' ? Buffer.from(sample, 'latin1') : sample))
    const inside = (bytes: Uint8Array): void => {
      const length = end(bytes)
      assert.ok(length === null || length <= bytes.length, `${length} of ${bytes.length}`)
    }
    for (const sample of samples) for (let length = 0; length <= sample.length; length++) inside(sample.subarray(0, length))
    check(property(uint8Array({ maxLength: 200 }), inside), cheapEnough)
  })
}

test('bson: nothing nests deeper than 16, nothing escapes by its name', () => {
  let nested = bsonOf({ ok: 1 })
  for (let depth = 0; depth < 40; depth++) {
    const body = bytesOf(3, 'a', 0, nested, 0)
    nested = bytesOf(u32le(body.length + 4), body)
  }
  assert.equal(parseBson(nested), null)
  assert.equal(Object.getPrototypeOf(parseBson(bsonOf({ ['__proto__']: 'x' }))), null)
})

test('a megabyte of one byte is parsed at once', () => {
  for (const byte of [0, 10, 32, 40, 45, 48, 65, 255]) {
    const bytes = new Uint8Array(1_000_000).fill(byte)
    for (const [parse] of Object.values(parsers)) parse(bytes)
    for (const end of Object.values(ends)) end(bytes)
  }
})
