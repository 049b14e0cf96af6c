import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stackSight, systemOf, type StackSight } from './stack.ts'

/** An IPv4 SYN-ACK as byte values: header, then options. */
function synAck(ttl: number, window: number, options: readonly number[]): Uint8Array {
  const tcp = [0, 80, 255, 255, 0, 0, 0, 1, 0, 0, 0, 2, ((20 + options.length) / 4) << 4, 0x12, window >> 8, window & 255, 0, 0, 0, 0, ...options]
  return Uint8Array.from([0x45, 0, 0, 20 + tcp.length, 0, 7, 0x40, 0, ttl, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, ...tcp])
}

const sight = (bytes: Uint8Array, end = bytes.length): StackSight => stackSight(bytes, 0, 20, end, 4)
const linux = synAck(61, 65160, [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 3, 7])
const windows = synAck(125, 64240, [2, 4, 5, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2])

test('what a SYN-ACK shows is read, and no option of a liar leads beyond its end', () => {
  assert.deepEqual(sight(linux), { ttl: 61, window: 65160, options: 'MSTNW', segment: 1460, scale: 7, id: 7, dontFragment: true, clock: 256 })
  assert.equal(sight(windows).options, 'MNWNNS')
  for (const length of [0, 1, 255]) assert.ok(sight(synAck(64, 1, [9, length, 0, 0])).options.length <= 4)
  for (let end = 40; end < linux.length; end++) assert.ok('MSTNW'.startsWith(sight(linux, end).options))
})

test('systems are guessed with doubt, and several behind one address halve it', () => {
  const of = (...list: readonly Uint8Array[]) => systemOf(list.map((bytes, index) => [80 + index, sight(bytes)]), false)!
  assert.deepEqual([of(linux).name, of(linux).confidence, of(linux).facts['distance']], ['Linux', 75, 3])
  assert.deepEqual([of(windows).name, of(windows).family], ['Windows', 'Windows'])
  assert.deepEqual(of(linux, windows).facts['severalStacks'], ['hops', 'options', 'scale'])
  assert.equal(of(linux, windows).confidence, 37)
  assert.equal(systemOf([[1, sight(linux)]], true)!.facts['answersEverything'], true)
  assert.equal(of(synAck(200, 1, [])).name, 'unknown')
  assert.equal(systemOf([], true), null)
})
