import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assetRisk, bandOf, findingScore, reliefs } from './score.ts'

test('scores of findings, part by part', () => {
  const score = (severity: 1 | 2 | 3 | 4 | 5, type: 'confirmed' | 'potential' | 'information', cvss: number | null) => findingScore({ severity, type, cvss }).score
  assert.equal(score(5, 'confirmed', null), 92)
  assert.equal(score(5, 'confirmed', 9.8), 88)
  assert.equal(score(3, 'confirmed', 5.3), 42)
  assert.equal(score(4, 'potential', 7.5), 46)
  assert.equal(score(2, 'information', 9.8), 2)
})

test('the parts always add up to the score', () => {
  fc.assert(fc.property(fc.constantFrom(1, 2, 3, 4, 5), fc.constantFrom('confirmed', 'potential', 'information'), fc.option(fc.float({ min: 0, max: 10, noNaN: true })), (severity, type, cvss) => {
    const { score, factors } = findingScore({ severity: severity as 1, type: type as 'confirmed', cvss })
    assert.ok(score >= 1 && score <= 100)
    assert.ok(Math.abs(factors.reduce((sum, factor) => sum + factor.points, 0) - score) <= 1)
  }))
})

test('risk of an asset: the worst band that is there leads', () => {
  assert.equal(assetRisk(2, []).risk, 0)
  assert.equal(assetRisk(2, [92, 28]).risk, 218)
  assert.equal(assetRisk(5, [92, 28]).risk, 544)
  assert.equal(assetRisk(2, [28]).risk, 56)
  assert.deepEqual(assetRisk(1, [50, 30]).bands.map((band) => [band.band, band.weight]), [['medium', 1], ['low', 0.6]])
  assert.ok(assetRisk(5, Array<number>(500).fill(100).flatMap((score) => [score, 80, 50, 20])).risk <= 1000)
})

test('relief is never negative, and fixing the only signature takes all', () => {
  const finding = fc.record({ signature: fc.integer({ min: 1, max: 4 }), score: fc.integer({ min: 1, max: 100 }) })
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(finding, { minLength: 1, maxLength: 12 }), (impact, findings) => {
    const relief = reliefs(impact, findings)
    assert.equal([...relief.values()].reduce((sum, one) => sum + one.findings, 0), findings.length)
    for (const one of relief.values()) assert.ok(one.relief >= 0 && one.relief <= 1000)
    if (relief.size === 1) assert.ok(Math.abs([...relief.values()][0]!.relief - assetRisk(impact, findings.map((one) => one.score)).risk) <= 1)
  }))
  assert.deepEqual([39, 40, 69, 70, 89, 90].map(bandOf), ['low', 'medium', 'medium', 'high', 'high', 'critical'])
})
