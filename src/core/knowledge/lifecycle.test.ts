import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cycleOf, endOf, isDistributionBuild, systemOf } from './lifecycle.ts'

const cycles = ['1', '1.2', '1.20', '22.04', '8', '13.0', '13.0-sp3'].map((cycle) => ({ cycle }))

test('the longest cycle whose parts begin the version is its cycle', () => {
  const of = (version: string): string | null => cycleOf(version, cycles)?.cycle ?? null
  assert.deepEqual(['1.2.9', '1.20.1', '1.21', '1', 'v1.2', '22.04', '22.4.1', '8', '8u402', '1.2p1', '80.1', 'unknown', ''].map(of),
    ['1.2', '1.20', '1', '1', '1.2', '22.04', '22.04', '8', '8', '1.2', null, null, null])
  assert.equal(cycleOf('2', [{ cycle: '2.2' }]), null, 'a version that tells less than the cycle is of none')
  assert.equal(of('13.0.7095'), null, 'which service pack it has decides, and is not known')
})

test('a cycle has ended the day after its last one, and not before', () => {
  const ended = (cycle: Parameters<typeof endOf>[0], day = '2026-11-24') => {
    const end = endOf(cycle, day)
    return end === null ? null : [end.since, end.sure]
  }
  assert.deepEqual(ended({ cycle: '1', endOfLife: '2026-11-23' }), ['2026-11-23', true])
  assert.equal(ended({ cycle: '1', endOfLife: '2026-11-24' }), null)
  assert.deepEqual(ended({ cycle: '1', endOfLife: '2026-11-24' }, '2026-11-25'), ['2026-11-24', true])
  assert.deepEqual(ended({ cycle: '1', endOfLife: true }), [null, true])
  assert.equal(ended({ cycle: '1', endOfLife: false, discontinued: true }), null)
  assert.equal(ended({ cycle: '1' }), null)
  assert.equal(ended({ cycle: '1', endOfSupport: '2020-01-01' }), null, 'the end of active support is not the end')
  assert.deepEqual(ended({ cycle: '1', endOfLife: '2024-08-14', endOfExtendedSupport: '2027-08-31' }), ['2024-08-14', false])
  assert.deepEqual(ended({ cycle: '1', endOfLife: '2024-08-14', endOfExtendedSupport: '2026-08-31' }), ['2024-08-14', true])
  assert.deepEqual(ended({ cycle: '1', endOfLife: true, endOfExtendedSupport: false }), [null, false])
  assert.deepEqual(ended({ cycle: '1', discontinued: '2020-01-01' }), ['2020-01-01', false])
})

test('one package stands for the release of a distribution', () => {
  assert.deepEqual(systemOf({ ecosystem: 'Debian:10', name: 'base-files', version: '10.3+deb10u13' }), { key: 'debian', version: '10' })
  assert.deepEqual(systemOf({ ecosystem: 'Ubuntu:18.04:LTS', name: 'base-files', version: '10.1ubuntu2' }), { key: 'ubuntu', version: '18.04' })
  assert.deepEqual(systemOf({ ecosystem: 'Alpine:v3.12', name: 'alpine-baselayout', version: '3.2.0-r7' }), { key: 'alpine-linux', version: '3.12' })
  assert.equal(systemOf({ ecosystem: 'Debian:10', name: 'bash', version: '5' }), null)
  assert.equal(systemOf({ ecosystem: 'npm', name: 'base-files', version: '1' }), null)
})

test('what a distribution built is known by its mark', () => {
  for (const text of ['Apache/2.4.6 (CentOS)', 'PHP/5.4.16-46.el7', '1:9.2p1-2+deb12u3', '5.3.10-1ubuntu3.26', '1.20.2-r1']) assert.equal(isDistributionBuild(text), true, text)
  for (const text of ['Apache/2.2.34 (Unix)', 'nginx/1.14.1', '8.0.35', 'Apache/2.2.3 (Win32) PHP/5.2.1']) assert.equal(isDistributionBuild(text), false, text)
})
