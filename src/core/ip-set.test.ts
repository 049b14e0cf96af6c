import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contains, countAddresses, formatIpSet, intersect, normalise, parseIpSet, subtract, union } from './ip-set.ts'
import { parseIp } from './ip.ts'

test('sets of addresses: difference and intersection against every address', () => {
  const range = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 6 }), fc.boolean())
    .map(([first, size, six]) => ({ version: six ? 6 as const : 4 as const, first: BigInt(first), last: BigInt(first + size) }))
  const set = fc.array(range, { maxLength: 8 }).map(normalise)
  const every = [4, 6].flatMap((version) => Array.from({ length: 50 }, (_, n) => ({ version: version as 4 | 6, value: BigInt(n) })))
  fc.assert(fc.property(set, set, (a, b) => {
    for (const ip of every) {
      assert.equal(contains(subtract(a, b), ip), contains(a, ip) && !contains(b, ip))
      assert.equal(contains(intersect(a, b), ip), contains(a, ip) && contains(b, ip))
      assert.equal(contains(union(a, b), ip), contains(a, ip) || contains(b, ip))
    }
    assert.equal(countAddresses(subtract(a, b)) + countAddresses(intersect(a, b)), countAddresses(a))
  }), { numRuns: 500 })
  assert.equal(formatIpSet(parseIpSet('10.0.0.0/24')), '10.0.0.0/24')
  assert.equal(parseIp('::ffff:127.0.0.1')!.version, 4)
})
