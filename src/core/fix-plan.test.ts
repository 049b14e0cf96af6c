import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { areaOf, planFixes, planNearest, type PlanInput } from './fix-plan.ts'
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
const inputOf = (impacts: readonly number[], fixes: number, findings: readonly Finding[]): PlanInput =>
  ({ impacts, fixes, host: findings.map((one) => one.host), fix: findings.map((one) => one.fix), score: findings.map((one) => one.score) })
const plan = (impacts: readonly number[], fixes: number, findings: readonly Finding[], most = 50) => planFixes(inputOf(impacts, fixes, findings), most)
const world = fc.record({
  impacts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
  findings: fc.array(fc.record({ host: fc.nat(4), fix: fc.nat(4), score: fc.integer({ min: 1, max: 100 }) }), { maxLength: 25 }),
})
const within = (impacts: readonly number[], findings: readonly Finding[]): readonly Finding[] => findings.map((one) => ({ ...one, host: one.host % impacts.length }))

test('an upgrade that settles much on many hosts comes before one bad finding on one', () => {
  const findings = [{ host: 0, fix: 0, score: 95 }, { host: 0, fix: 1, score: 80 }, { host: 1, fix: 1, score: 80 }, { host: 2, fix: 1, score: 80 }]
  const { risk, steps, left, more } = plan([2, 2, 2], 2, findings)
  assert.deepEqual(steps.map((step) => [step.fix, step.hosts, step.findings]), [[1, 3, 3], [0, 1, 1]])
  assert.ok(Math.abs(risk - (assetRisk(2, [95, 80]).risk + 2 * assetRisk(2, [80]).risk)) < 1.5)
  assert.ok(Math.abs(steps[0]!.after - impactFactor(2) * 95) < 0.01)
  assert.ok(left < 0.01 && more === 0)
})

test('where a host needs two fixes for its worst, both come before what looks better alone', () => {
  const both = Array.from({ length: 10 }, (_, host) => [{ host, fix: 0, score: 100 }, { host, fix: 1, score: 100 }, { host, fix: 3, score: 20 }]).flat()
  const { steps } = plan(Array<number>(13).fill(2), 4, [...both, { host: 10, fix: 2, score: 60 }, { host: 11, fix: 2, score: 60 }, { host: 12, fix: 2, score: 60 }], 2)
  assert.deepEqual(steps.map((step) => step.fix).sort((a, b) => a - b), [0, 1])
})

test('the nearest way takes the best fix there is at each step, by the plain formula', () => {
  fc.assert(fc.property(world, ({ impacts, findings: all }) => {
    const findings = within(impacts, all)
    const { steps } = planNearest(inputOf(impacts, 5, findings), 50)
    let rest = findings
    for (const step of steps) {
      const after = [0, 1, 2, 3, 4].map((fix) => riskOf(impacts, rest.filter((one) => one.fix !== fix)))
      assert.ok(Math.abs(after[step.fix]! - Math.min(...after)) < 1e-6, 'another fix would take more')
      rest = rest.filter((one) => one.fix !== step.fix)
    }
  }), { numRuns: 500 })
})

test('each step says exactly what it leaves, and no plan is worse than the nearest way', () => {
  fc.assert(fc.property(world, fc.integer({ min: 1, max: 5 }), ({ impacts, findings: all }, most) => {
    const findings = within(impacts, all)
    const made = plan(impacts, 5, findings, most)
    let rest = findings
    let before = riskOf(impacts, rest)
    assert.ok(Math.abs(made.risk - before) < 1e-6)
    for (const step of made.steps) {
      const settled = rest.filter((one) => one.fix === step.fix)
      assert.deepEqual([step.findings, step.hosts], [settled.length, new Set(settled.map((one) => one.host)).size])
      rest = rest.filter((one) => one.fix !== step.fix)
      const after = riskOf(impacts, rest)
      assert.ok(Math.abs(step.before - before) < 1e-6 && Math.abs(step.after - after) < 1e-6)
      before = after
    }
    assert.ok(Math.abs(made.left - before) < 1e-6)
    assert.ok(areaOf(made, most) <= areaOf(planNearest(inputOf(impacts, 5, findings), most), most) + 0.02)
  }), { numRuns: 500 })
})
