import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bandOf, findingScore, noThreat, type CheckThreat, type Scored } from './score.ts'

const threat: CheckThreat = {
  exploited: { since: '2024-07-01', by: 'CVE-2024-6387', ransomware: false }, active: { by: 'CVE-2024-6387' }, exploit: { maturity: 'weaponised', by: 'CVE-2024-6387' },
  epss: { probability: 0.93, by: 'CVE-2024-6387', day: '2026-11-24' },
}

test('scores of findings, part by part', () => {
  const score = (severity: 1 | 2 | 3 | 4 | 5, type: 'confirmed' | 'potential' | 'information', cvss: number | null, more: Partial<Scored> = {}) => findingScore({ severity, type, cvss, ...more }).score
  assert.equal(score(5, 'confirmed', null), 92)
  assert.equal(score(5, 'confirmed', 9.8), 88)
  assert.equal(score(3, 'confirmed', 5.3), 42)
  assert.equal(score(4, 'potential', 7.5), 46)
  assert.equal(score(2, 'information', 9.8, { threat }), 2)
  assert.equal(score(5, 'confirmed', 9.8, { named: true }), 78)
  assert.equal(score(4, 'confirmed', 7.5, { named: true, threat }), 89)
  assert.equal(score(5, 'confirmed', 9.8, { named: true, threat }), 100)
  assert.equal(score(5, 'potential', 9.8, { named: true, threat }), 70)
  assert.equal(score(4, 'confirmed', 7.5, { named: true, threat: { ...noThreat, active: threat.active, exploit: { maturity: 'poc', by: 'CVE-2024-6387' } } }), 73)
  assert.equal(score(4, 'confirmed', 7.5, { named: true, threat: { ...noThreat, exploited: { since: '2024-07-01', by: 'CVE-2024-6387', ransomware: true } } }), 72)
  assert.equal(score(4, 'confirmed', 7.5, { named: true, threat: { ...noThreat, epss: { probability: 0.1, by: 'CVE-2024-6387', day: null } } }), 63)
  assert.equal(score(1, 'confirmed', 9.8, { named: true, own: true }), 8)
  assert.equal(score(3, 'confirmed', null, { mitigations: ['segmented'] }), 38)
})

test('every part says whose word it is', () => {
  const { factors } = findingScore({ severity: 5, type: 'confirmed', cvss: 9.8, named: true, threat })
  assert.deepEqual(factors.map(({ name, points, source }) => [name, points, source]), [
    ['CVSS base score', 78.4, undefined], ['Known exploited', 10, 'CISA KEV, 2024-07-01'], ['Exploit', 10, 'public exploit'], ['Probability of exploitation', 9, 'EPSS, 2026-11-24'],
    ['Limit', -7.4, undefined],
  ])
})

test('the parts always add up to the score', () => {
  const facts = fc.record({
    exploited: fc.option(fc.record({ since: fc.constant('2024-07-01'), by: fc.constant('CVE-2024-6387'), ransomware: fc.boolean() })), active: fc.option(fc.constant({ by: 'CVE-2024-6387' })),
    exploit: fc.option(fc.record({ maturity: fc.constantFrom('poc' as const, 'weaponised' as const), by: fc.constant('CVE-2024-6387') })),
    epss: fc.option(fc.record({ probability: fc.float({ min: 0, max: 1, noNaN: true }), by: fc.constant('CVE-2024-6387'), day: fc.constant(null) })),
  })
  const about = fc.record({
    severity: fc.constantFrom(1, 2, 3, 4, 5), type: fc.constantFrom('confirmed', 'potential', 'information'), cvss: fc.option(fc.float({ min: 0, max: 10, noNaN: true })),
    named: fc.boolean(), own: fc.boolean(), threat: facts, mitigations: fc.array(fc.constant('segmented'), { maxLength: 12 }),
  })
  fc.assert(fc.property(about, (one) => {
    const { score, factors } = findingScore(one as Scored)
    assert.ok(Number.isInteger(score) && score >= 1 && score <= 100)
    assert.ok(Math.abs(factors.reduce((sum, factor) => sum + factor.points, 0) - score) <= 0.51)
  }))
  assert.deepEqual([39, 40, 69, 70, 89, 90].map(bandOf), ['low', 'medium', 'medium', 'high', 'high', 'critical'])
})
