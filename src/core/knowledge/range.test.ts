import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Interval } from './affected.ts'
import { contains, lowestFix } from './range.ts'

const dpkg = (intervals: readonly Interval[], versions: readonly string[] = []) => ({ scheme: 'dpkg', intervals, versions, status: 'affected' }) as const

test('ends are in or out as they say', () => {
  const before = dpkg([{ before: '1.2.3-4' }])
  assert.equal(contains(before, '1.2.3-3'), true)
  assert.equal(contains(before, '1.2.3-4~deb12u1'), true)
  assert.equal(contains(before, '1.2.3-4'), false)
  assert.equal(contains(before, '1:0.1'), false)
  const upTo = dpkg([{ from: '1.0', upTo: '2.0' }, { from: '3.0', fromExclusive: true }])
  for (const [version, inside] of [['0.9', false], ['1.0', true], ['2.0', true], ['2.0.1', false], ['3.0', false], ['3.0-1', true], ['9', true]] as const) assert.equal(contains(upTo, version), inside, version)
  assert.equal(contains(dpkg([{}]), '1'), true)
})

test('listed versions are equal as the package system has it', () => {
  const listed = { scheme: 'pep440', intervals: [], versions: ['1.0', '2.0rc1'], status: 'affected' } as const
  assert.equal(contains(listed, '1.0.0'), true)
  assert.equal(contains(listed, '2.0.c1'), true)
  assert.equal(contains(listed, '2.0'), false)
})

test('what cannot be read is not judged', () => {
  assert.equal(contains({ scheme: 'semver', intervals: [{ before: '2.0.0' }], versions: [] }, 'v4'), null)
  assert.equal(contains({ scheme: 'semver', intervals: [{ before: 'next' }], versions: [] }, '1.0.0'), null)
  assert.equal(contains({ scheme: 'semver', intervals: [{ before: 'next' }, { upTo: '1.0.0' }], versions: [] }, '1.0.0'), true)
  assert.equal(contains({ scheme: 'semver', intervals: [], versions: ['main'] }, 'main'), true)
})

test('no ranges at all', () => {
  assert.equal(contains(dpkg([]), '1'), false)
  assert.equal(contains({ ...dpkg([]), status: 'unfixed' }, '1'), true)
  assert.equal(contains({ ...dpkg([]), status: 'notAffected' }, '1'), true)
})

test('a banner cut short is in a range of CPE only with all that it may stand for', () => {
  const range = { scheme: 'generic', intervals: [{ from: '2.4.0', before: '2.4.52' }], versions: [], product: { ecosystem: 'cpe', name: 'apache:http_server' } } as const
  assert.equal(contains(range, '2.4'), false)
  assert.equal(contains(range, '2.4.51'), true)
  assert.equal(contains({ ...range, intervals: [{ before: '2.4.52' }] }, '2.2'), true)
  assert.equal(contains({ ...range, product: { ecosystem: 'Bitnami', name: 'apache' } }, '2.4'), true)
})

test('a version is in an interval or beside it, never both', () => {
  const version = fc.tuple(fc.nat(3), fc.nat(3), fc.constantFrom('', '~rc1', '-1', '+deb12u1')).map(([a, b, tail]) => `${a}.${b}${tail}`)
  fc.assert(fc.property(version, version, (bound, at) => contains(dpkg([{ before: bound }]), at) !== contains(dpkg([{ from: bound }]), at)))
  fc.assert(fc.property(version, version, (bound, at) => contains(dpkg([{ upTo: bound }]), at) !== contains(dpkg([{ from: bound, fromExclusive: true }]), at)))
})

test('the fix to take is the lowest that is newer', () => {
  assert.equal(lowestFix('dpkg', '1.0-1', ['2.0-1', '1.0-1+deb12u2', '1.0-1+deb12u1', '0.9']), '1.0-1+deb12u1')
  assert.equal(lowestFix('semver', '1.5.0', ['1.4.2', '2.0.1']), '2.0.1')
  assert.equal(lowestFix('semver', '3.0.0', ['1.4.2']), null)
})
