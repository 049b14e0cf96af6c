import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assetRisk, reliefs, riskBandOf } from './risk.ts'

test('risk of an asset: the worst band that is there leads', () => {
  assert.equal(assetRisk(2, []).risk, 0)
  assert.equal(assetRisk(2, [92, 28]).risk, 739)
  assert.equal(assetRisk(5, [92, 28]).risk, 948)
  assert.equal(assetRisk(2, [28]).risk, 218)
  assert.deepEqual(assetRisk(1, [50, 30, 20]).bands.map((band) => [band.band, band.weight, band.worst, band.average]), [['medium', 1, 50, 50], ['low', 0.1, 30, 25]])
  assert.ok(assetRisk(5, Array<number>(500).fill(100).flatMap((score) => [score, 80, 50, 20])).risk <= 1000)
})

test('a host that nobody put into a group is not low with an urgent finding', () => {
  assert.deepEqual([20, 39, 40, 69, 70, 89, 90, 100].map((score) => riskBandOf(assetRisk(2, [score]).risk)), ['low', 'low', 'low', 'medium', 'medium', 'medium', 'high', 'high'])
  assert.deepEqual([39, 69, 70, 90].map((score) => riskBandOf(assetRisk(5, [score]).risk)), ['low', 'medium', 'high', 'severe'])
  assert.deepEqual([70, 90, 100].map((score) => riskBandOf(assetRisk(1, [score]).risk)), ['low', 'medium', 'medium'])
})

const scores = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 30 })

test('fixing a finding never raises the risk, and a higher impact never lowers it', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), scores, fc.nat(), (impact, list, at) => {
    const place = at % list.length
    const { risk } = assetRisk(impact, list)
    assert.ok(assetRisk(impact, list.toSpliced(place, 1)).risk <= risk)
    assert.ok(assetRisk(Math.min(5, impact + 1), list).risk >= risk)
  }), { numRuns: 2000 })
})

test('relief is what the risk loses when a signature is gone', () => {
  const finding = fc.record({ signature: fc.integer({ min: 1, max: 4 }), score: fc.integer({ min: 1, max: 100 }) })
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(finding, { minLength: 1, maxLength: 12 }), (impact, findings) => {
    const relief = reliefs(impact, findings)
    assert.equal([...relief.values()].reduce((sum, one) => sum + one.findings, 0), findings.length)
    const before = assetRisk(impact, findings.map((one) => one.score)).risk
    for (const [signature, one] of relief) {
      const after = assetRisk(impact, findings.filter((other) => other.signature !== signature).map((other) => other.score)).risk
      assert.ok(Math.abs(before - after - one.relief) <= 1.01, `${before} − ${after} is not ${one.relief}`)
      assert.ok(one.relief >= 0)
    }
  }), { numRuns: 1000 })
})
