import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { dnsQuery, overTcp, readDns, tcpMessageLength, types, classes } from './dns-message.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))

test('a question is encoded as RFC 1035 shows it', () => {
  assert.deepEqual(
    Buffer.from(dnsQuery({ id: 0x1234, name: 'version.bind', type: types.TXT, class: classes.CH })).toString('hex'),
    '1234000000010000000000000776657273696f6e0462696e640000100003',
  )
  assert.deepEqual(
    Buffer.from(dnsQuery({ id: 1, name: '', type: types.ANY, recursion: true, payload: 4096 })).toString('hex'),
    '0001010000010000000000010000ff00010000291000000000000000',
  )
})

test('an answer with a compressed name and a text', () => {
  const message = readDns(
    hex(`1234 8580 0001 0001 0001 0000 07 76657273696f6e 04 62696e64 00 0010 0003
    c00c 0010 0003 00000000 000a 09 392e31382e3439 2d31 c00c 0002 0003 00000000 0002 c00c`),
  )
  assert.equal(message?.answers[0]?.text, '9.18.49-1')
  assert.equal(message?.answers[0]?.name, 'version.bind')
  assert.equal(message?.authority[0]?.text, 'version.bind')
  assert.deepEqual([message?.rcode, message?.recursionAvailable, message?.authoritative], [0, true, true])
})

test('a pointer that leads to itself or forwards is refused', () => {
  assert.equal(readDns(hex('0001 8000 0001 0000 0000 0000 c00c 0001 0001')), null)
  assert.equal(readDns(hex('0001 8000 0001 0000 0000 0000 c0ff 0001 0001')), null)
})

test('a cut message keeps the records that are whole', () => {
  const whole = hex(`0001 8400 0000 0002 0000 0000 01 61 00 0001 0001 00000005 0004 7f000001
    01 62 00 0001 0001 00000005 0004 7f0000`)
  assert.deepEqual(
    readDns(whole)?.answers.map((record) => [record.name, record.text]),
    [['a', '127.0.0.1']],
  )
})

test('over TCP the length goes first', () => {
  const framed = overTcp(hex('0102 03'))
  assert.equal(tcpMessageLength(framed), 5)
  assert.equal(tcpMessageLength(framed.subarray(0, 4)), null)
  assert.equal(tcpMessageLength(new Uint8Array(1)), null)
})

test('no bytes make the reader throw, and none make it long', () => {
  const start = fc.constantFrom('00018400000100030000000007766572', '000184000001ffff00000000', '')
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 600 }), (prefix, bytes) => {
      const message = readDns(Uint8Array.from([...hex(prefix), ...bytes]))
      assert.ok(message === null || message.answers.length <= 512)
    }),
    { numRuns: 2000 },
  )
})

test('every cut and every flipped byte of a real answer is survived', () => {
  const real = hex('1234858000010001000000000776657273696f6e0462696e6400 00100003c00c0010000300000000000a09392e31382e34392d31')
  for (let at = 0; at < real.length; at++) {
    readDns(real.subarray(0, at))
    for (const value of [0, 0xc0, 0xff]) readDns(Uint8Array.from(real, (byte, index) => (index === at ? value : byte)))
  }
  assert.ok(readDns(real))
})
