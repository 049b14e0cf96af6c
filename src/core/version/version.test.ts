import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareVersions, parseVersion, type Version } from './generic.ts'
import { inVersionRange, parseVersionRange } from './range.ts'

function version(text: string): Version {
  const parsed = parseVersion(text)
  assert.ok(parsed !== null, text)
  return parsed
}

test('versions as servers write them come in the order they were released', () => {
  const orders = [
    ['1.0.1', '1.0.2-beta1', '1.0.2', '1.0.2a', '1.0.2k', '1.0.2za', '1.1.0'],
    ['8.5p1', '9.2', '9.2p1', '9.2p2', '9.3', '9.8p1', '9.9', '10.0'],
    ['2.4.51', '2.4.52-rc1', '2.4.52', '2.4.52-1ubuntu1', '2.4.52.1', '2.4.53'],
    ['8.0.35', '8.0.36~rc1', '8.0.36', '8.0.36-0ubuntu0.22.04.1', '8.0.36-0ubuntu0.22.04.2', '8.0.37'],
    ['7.0.0-dev', '7.0-alpha', '7.0-beta2', '7.0-rc1', '7.0-rc10', '7.0'],
    ['1.3.5a', '1.3.5e', '1.3.6rc4', '1.3.6', '1.3.6c'],
    ['9.11.4', '9.11.4-P2', '9.11.5'],
    ['10.0.0-M1', '10.0.0-M10', '10.0.0', '10.0.27'],
    ['4.96', '4.96.1', '4.97'],
  ]
  for (const order of orders) {
    for (let index = 1; index < order.length; index++) {
      assert.ok(compareVersions(version(order[index - 1]!), version(order[index]!)) < 0, `${order[index - 1]} < ${order[index]}`)
      assert.ok(compareVersions(version(order[index]!), version(order[index - 1]!)) > 0, `${order[index]} > ${order[index - 1]}`)
    }
  }
  assert.equal(compareVersions(version('1.2'), version('v1.2.0')), 0)
})

test('what is no version is null', () => {
  for (const text of ['', 'unknown', '-1', 'a1', '.5', '1'.repeat(20), `1.${'2.'.repeat(100)}3`, '1.2-99999999999999999999', '9404c4145542', '1da177e4c3f41524e886b7f1b8a0c1fc7321cac2']) assert.equal(parseVersion(text), null, text)
})

const part = fc.oneof(fc.nat(20).map(String), fc.constantFrom('rc', 'p', 'a', 'b', 'beta', 'k', 'ubuntu', 'dev', '~', 'constructor'))
const anyVersion = fc
  .tuple(fc.nat(12), fc.array(fc.tuple(fc.constantFrom('.', '-', '', '+', '_'), part), { maxLength: 6 }))
  .map(([first, rest]) => String(first) + rest.map(([separator, text]) => separator + text).join(''))
  .filter((text) => parseVersion(text) !== null)
  .map(version)

test('the order is total: reflexive, antisymmetric, transitive', () => {
  fc.assert(fc.property(anyVersion, (a) => compareVersions(a, a) === 0))
  fc.assert(fc.property(anyVersion, anyVersion, (a, b) => Math.sign(compareVersions(a, b)) === -Math.sign(compareVersions(b, a)) || (compareVersions(a, b) === 0 && compareVersions(b, a) === 0)), { numRuns: 2000 })
  fc.assert(fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
    const [low, middle, high] = [a, b, c].sort(compareVersions) as [Version, Version, Version]
    return compareVersions(low, middle) <= 0 && compareVersions(middle, high) <= 0 && compareVersions(low, high) <= 0
  }), { numRuns: 5000 })
})

test('parsing any text ends, and what parses compares', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (a, b) => {
    const one = parseVersion(a)
    const other = parseVersion(`1${b}`)
    return one === null || other === null || Number.isInteger(compareVersions(one, other))
  }))
})

function holds(range: string, text: string): boolean {
  const parsed = parseVersionRange(range)
  assert.ok(parsed !== null, range)
  return inVersionRange(parsed, version(text))
}

test('ranges', () => {
  const range = '>=2.4.0 <2.4.52 || <2.2.34'
  for (const text of ['2.4.0', '2.4.51', '2.2.33', '1.3.42', '2.4.52-rc1']) assert.ok(holds(range, text), text)
  for (const text of ['2.4.52', '2.2.34', '2.3.9', '2.5']) assert.ok(!holds(range, text), text)
  assert.ok(holds('2.3.4', '2.3.4'))
  assert.ok(!holds('=2.3.4', '2.3.5'))
  assert.ok(holds('>1.0 <=1.0.2k', '1.0.2k'))
  for (const text of ['', '||', '>=', '>=2 ||', '>= 2', '<x', '^1.2', '1.x.3 ||| 2', '<1'.repeat(600)]) assert.equal(parseVersionRange(text), null, text)
})

test('a version cut short matches only what holds for all it may stand for', () => {
  assert.ok(!holds('<2.4.52', '2.4'))
  assert.ok(!holds('<2.4.52', '2'))
  assert.ok(holds('<2.4.52', '2.2'))
  assert.ok(holds('>=2.4.0', '2.4'))
  assert.ok(!holds('=2.4.49', '2.4'))
  assert.ok(holds('<=4.96', '4.96'))
  assert.ok(holds('<9.3.2', '9.2p1'))
})

test('a range never holds both for a bound and for its complement', () => {
  fc.assert(fc.property(anyVersion, anyVersion, (bound, seen) => {
    if (!/^\d[\w.+~-]*$/.test(bound.text)) return true
    return !(holds(`<${bound.text}`, seen.text) && holds(`>=${bound.text}`, seen.text))
  }), { numRuns: 2000 })
})
