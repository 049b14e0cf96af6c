import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { planFixes } from './fix-plan.ts'
import { assetRisk, impactFactor, riskOfBands } from './risk.ts'
import { bandOf } from './score.ts'

type Finding = Readonly<{ host: number; fix: number; score: number }>

/** By the plain formula, unrounded. */
function riskOf(impacts: readonly number[], findings: readonly Finding[]): number {
  return impacts.reduce((sum, impact, host) => {
    const own = (['critical', 'high', 'medium', 'low'] as const).map((band) => findings.filter((one) => one.host === host && bandOf(one.score) === band).map((one) => one.score))
    return sum + riskOfBands(impact, own.map((scores) => Math.max(0, ...scores)), own.map((scores) => scores.length))
  }, 0)
}
const plan = (impacts: readonly number[], fixes: number, findings: readonly Finding[], most = 50) =>
  planFixes({ impacts, fixes, host: findings.map((one) => one.host), fix: findings.map((one) => one.fix), score: findings.map((one) => one.score) }, most)

test('an upgrade that settles much on many hosts comes before one bad finding on one', () => {
  const findings = [{ host: 0, fix: 0, score: 95 }, { host: 0, fix: 1, score: 80 }, { host: 1, fix: 1, score: 80 }, { host: 2, fix: 1, score: 80 }]
  const { risk, steps, left, more } = plan([2, 2, 2], 2, findings)
  assert.deepEqual(steps.map((step) => [step.fix, step.hosts, step.findings]), [[1, 3, 3], [0, 1, 1]])
  assert.ok(Math.abs(risk - (assetRisk(2, [95, 80]).risk + 2 * assetRisk(2, [80]).risk)) < 1.5)
  assert.ok(Math.abs(steps[0]!.after - impactFactor(2) * 95) < 0.01)
  assert.ok(left < 0.01 && more === 0)
})

test('each step is the best one there is, by the plain formula, and says exactly what it leaves', () => {
  const world = fc.record({
    impacts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
    findings: fc.array(fc.record({ host: fc.nat(4), fix: fc.nat(4), score: fc.integer({ min: 1, max: 100 }) }), { maxLength: 25 }),
  })
  fc.assert(fc.property(world, ({ impacts, findings: all }) => {
    const findings = all.map((one) => ({ ...one, host: one.host % impacts.length }))
    const { risk, steps, left } = plan(impacts, 5, findings)
    let rest = findings
    let before = riskOf(impacts, rest)
    assert.ok(Math.abs(risk - before) < 1e-6)
    for (const step of steps) {
      const after = [0, 1, 2, 3, 4].map((fix) => riskOf(impacts, rest.filter((one) => one.fix !== fix)))
      assert.ok(Math.abs(after[step.fix]! - Math.min(...after)) < 1e-6, 'another fix would take more')
      assert.ok(Math.abs(step.before - before) < 1e-6 && Math.abs(step.after - after[step.fix]!) < 1e-6)
      rest = rest.filter((one) => one.fix !== step.fix)
      before = riskOf(impacts, rest)
    }
    assert.ok(Math.abs(left - before) < 1e-6)
  }), { numRuns: 500 })
})
