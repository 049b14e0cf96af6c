import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import { wallOf } from './address.ts'
import { newAnswer, readAnswer } from './answer.ts'
import { cookieOf, seedOf } from './cookie.ts'
import { echoPacket, framed, synTemplate, udpPacket, writeSyn } from './frame.ts'
import { newPace } from './pace.ts'

const wall = wallOf(parseIpSet('192.0.2.0/24,2001:db8::/64'), parseIpSet('192.0.2.7,2001:db8::7'))
const four = wall('192.0.2.1')!
const six = wall('2001:db8::1')!

/** The checksum of RFC 1071 over all that a TCP, UDP or ICMPv6 checksum covers is zero when it is right. */
function checked(packet: Uint8Array): number {
  const version = packet[0]! >> 4
  const at = version === 4 ? 20 : 40
  const proto = version === 4 ? packet[9]! : packet[6]!
  const covered = Buffer.concat([
    proto === 1 ? Buffer.alloc(0) : Buffer.concat([packet.subarray(version === 4 ? 12 : 8, at), Buffer.from([0, proto, (packet.length - at) >> 8, (packet.length - at) & 255])]),
    packet.subarray(at), Buffer.alloc(packet.length % 2),
  ])
  let sum = 0
  for (let index = 0; index < covered.length; index += 2) sum += covered.readUInt16BE(index)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

test('there is no address, and so no packet, for what is excluded or outside', () => {
  for (const address of ['192.0.2.7', '192.0.3.1', '2001:db8::7', '2001:db8:0:1::1', 'x', '::ffff:192.0.2.7']) assert.equal(wall(address), null, address)
  assert.deepEqual([four.key, [...four.name]], [0xc0000201, [2, 0, 0, 0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]])
})

test('checksums hold for every port and sequence', () => {
  for (const [to, from] of [[four, Uint8Array.of(192, 0, 2, 200)], [six, Uint8Array.from([...six.bytes.subarray(0, 15), 9])]] as const) {
    const template = synTemplate(from, 40_000, to, 123_456)
    const memory = new Uint8Array(template.bytes.length)
    for (let port = 1; port < 65_536; port += 997) {
      writeSyn(memory, 0, template, port, (port * 2_654_435_761) >>> 0)
      assert.equal(checked(memory), 0)
    }
    const frame = framed(template, Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(2, 0, 0, 0, 0, 2), new Uint8Array(20))
    const framedMemory = new Uint8Array(frame.bytes.length)
    for (const [index, port] of [80, 443, 65_535].entries()) {
      // Over the one before only what differs is written.
      writeSyn(framedMemory, 0, frame, port, 0xfffe0000 + port, index > 0)
      writeSyn(memory, 0, template, port, 0xfffe0000 + port)
      assert.deepEqual([...framedMemory.subarray(0, 12)], [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1])
      assert.deepEqual(framedMemory.subarray(14), memory)
    }
    assert.equal(checked(echoPacket(from, to, 7, 0xfffefdfc)), 0)
    assert.equal(checked(udpPacket(from, 1, to, 53, Uint8Array.of(1, 2, 3))), 0)
  }
})

test('cookies differ by port, address and key', () => {
  const seen = new Set<number>()
  for (const key of [[1, 2], [1, 3]] as const) for (const to of [four, six]) {
    const seed = seedOf(key, to.bytes)
    for (let port = 0; port < 2000; port++) seen.add(cookieOf(seed, port))
  }
  assert.ok(seen.size >= 7998, String(seen.size))
})

test('only what quotes or acknowledges us is an answer, and none that is cut short is read beyond its end', () => {
  const answer = newAnswer()
  const tcp = (flags: number): Uint8Array => Uint8Array.from([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 200, 0, 80, 0x9c, 0x40, 0, 0, 0, 9, 0, 0, 1, 1, 0x50, flags, 0, 0, 0, 0, 0, 0])
  const read = (bytes: Uint8Array, length = bytes.length): boolean => readAnswer(bytes, 0, length, 0x0800, 40_000, answer)
  assert.ok(read(tcp(0x12)))
  assert.deepEqual([answer.kind, answer.key, answer.port, answer.cookie], ['syn-ack', four.key, 80, 256])
  assert.ok(read(tcp(0x14)))
  assert.equal(answer.kind, 'reset')
  for (const flags of [0x02, 0x04, 0x10, 0x00]) assert.equal(read(tcp(flags)), false, `flags ${flags}`)
  const error = Uint8Array.from([0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 254, 192, 0, 2, 200, 3, 10, 0, 0, 0, 0, 0, 0,
    0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 200, 192, 0, 2, 1, 0x9c, 0x40, 0, 80, 0, 0, 1, 0])
  assert.ok(read(error))
  assert.deepEqual([answer.kind, answer.key, answer.port, answer.cookie, answer.type, answer.code], ['error', four.key, 80, 256, 3, 10])
  for (let length = 0; length < error.length; length++) assert.equal(read(error, length), false)
  for (let length = 0; length < 40; length++) assert.equal(read(tcp(0x12), length), false)
})

test('the pace grows while all is answered, halves when something is lost, and silence makes nothing faster', () => {
  const limits = { first: 1000, least: 200, most: 30_000 }
  const answered = newPace(limits, 0)
  const silent = newPace(limits, 0)
  let [sent, unanswered] = [0, 0]
  for (let now = 0; now <= 1000; now += 5) {
    const count = answered.allow(now, 2000)
    sent += count
    answered.heard(now, count)
    unanswered += silent.allow(now, 2000)
  }
  assert.equal(answered.rate, 30_000)
  assert.ok(unanswered <= 1020 && sent > 10_000, `${unanswered} ${sent}`)
  answered.lost(1001)
  answered.lost(1002)
  assert.equal(answered.rate, 15_000)
  for (let now = 1200; now < 9000; now += 200) answered.lost(now)
  assert.equal(answered.rate, 200)
})

test('a pace lags where most stays away for a while, and not where most is answered; a full device of our own slows it by a fifth', () => {
  const limits = { first: 1000, least: 200, most: 1000 }
  const [answered, quiet] = [newPace(limits, 0), newPace(limits, 0)]
  for (let now = 0; now <= 200; now += 5) {
    answered.heard(now, answered.allow(now, 100))
    quiet.heard(now, quiet.allow(now, 100) > 0 && now % 50 === 0 ? 1 : 0)
  }
  assert.deepEqual([answered.lags(205), quiet.lags(205)], [false, true])
  answered.crowded(210)
  answered.crowded(211)
  assert.equal(answered.rate, 800)
})
