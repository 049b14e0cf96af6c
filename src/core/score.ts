import type { FindingType, Severity } from './signature.ts'

/** The formulas of docs/user/scores.md; a change here is a change there. */
export type ScoreFactor = Readonly<{ name: string; value: string; points: number }>
export type Band = 'critical' | 'high' | 'medium' | 'low'

export const bands: readonly Band[] = ['critical', 'high', 'medium', 'low']
/** Of the bands that are there, the worst leads with the first weight. */
export const bandWeights: readonly number[] = [1, 0.6, 0.4, 0.2]

const bySeverity: Readonly<Record<Severity, number>> = { 1: 8, 2: 28, 3: 48, 4: 72, 5: 92 }
const easyControl: Readonly<Partial<Record<Severity, number>>> = { 4: 5, 5: 10 }

/** How bad one finding is, 1–100, with each part of it. `cvss` is the base score, 0–10. */
export function findingScore(about: Readonly<{ severity: Severity; type: FindingType; cvss: number | null }>): Readonly<{ score: number; factors: readonly ScoreFactor[] }> {
  const { severity, type, cvss } = about
  if (type === 'information') {
    return { score: severity, factors: [{ name: 'Information', value: `severity ${severity}; not counted as risk`, points: severity }] }
  }
  const factors: ScoreFactor[] = []
  if (cvss === null) factors.push({ name: 'Severity', value: `${severity}`, points: bySeverity[severity] })
  else {
    factors.push({ name: 'CVSS base score', value: `${cvss.toFixed(1)} × 8`, points: round(cvss * 8) })
    const control = easyControl[severity]
    if (control !== undefined) factors.push({ name: 'Severity', value: `${severity}`, points: control })
  }
  const sum = factors.reduce((total, factor) => total + factor.points, 0)
  if (type === 'potential') factors.push({ name: 'Potential', value: 'not proven: × 0.7', points: round(-0.3 * sum) })
  const score = Math.max(1, Math.min(100, Math.round(factors.reduce((total, factor) => total + factor.points, 0))))
  return { score, factors }
}

export function bandOf(score: number): Band {
  return score >= 90 ? 'critical' : score >= 70 ? 'high' : score >= 40 ? 'medium' : 'low'
}

export type RiskBand = 'severe' | 'high' | 'medium' | 'low' | 'none'
export function riskBandOf(risk: number): RiskBand {
  return risk >= 850 ? 'severe' : risk >= 700 ? 'high' : risk >= 500 ? 'medium' : risk > 0 ? 'low' : 'none'
}

export type BandFactor = Readonly<{ band: Band; weight: number; average: number; count: number; points: number }>
type Sums = Readonly<Record<Band, Readonly<{ sum: number; count: number }>>>

/**
 * Risk of an asset, 0–1000: min(1000, impact × Σ weight · average(score) · count^(1/100)) over the bands that hold open findings.
 * `impact` 1–5; `scores` of its open findings, information and ignored ones left out.
 */
export function assetRisk(impact: number, scores: readonly number[]): Readonly<{ risk: number; bands: readonly BandFactor[] }> {
  return riskOf(impact, sumsOf(scores))
}

/** Points that each signature alone takes off the risk when all its findings on the asset are fixed. */
export function reliefs(impact: number, findings: readonly Readonly<{ signature: number; score: number }>[]): ReadonlyMap<number, Readonly<{ relief: number; findings: number }>> {
  const all = sumsOf(findings.map((finding) => finding.score))
  const before = exactRisk(impact, all)
  const relief = new Map<number, { relief: number; findings: number }>()
  for (const [signature, own] of Map.groupBy(findings, (finding) => finding.signature)) {
    const mine = sumsOf(own.map((finding) => finding.score))
    const rest = Object.fromEntries(bands.map((band) => [band, { sum: all[band].sum - mine[band].sum, count: all[band].count - mine[band].count }])) as Sums
    relief.set(signature, { relief: round(Math.max(0, before - exactRisk(impact, rest))), findings: own.length })
  }
  return relief
}

function sumsOf(scores: readonly number[]): Sums {
  const sums = Object.fromEntries(bands.map((band) => [band, { sum: 0, count: 0 }])) as Record<Band, { sum: number; count: number }>
  for (const score of scores) {
    const band = sums[bandOf(score)]
    band.sum += score
    band.count += 1
  }
  return sums
}

function riskOf(impact: number, sums: Sums): Readonly<{ risk: number; bands: readonly BandFactor[] }> {
  const held = bands.filter((band) => sums[band].count > 0)
  const factors = held.map((band, place): BandFactor => {
    const { sum, count } = sums[band]
    const average = sum / count
    const weight = bandWeights[place]!
    return { band, weight, average: round(average), count, points: round(weight * average * count ** 0.01) }
  })
  return { risk: Math.round(exactRisk(impact, sums)), bands: factors }
}

function exactRisk(impact: number, sums: Sums): number {
  let place = 0
  let total = 0
  for (const band of bands) {
    const { sum, count } = sums[band]
    if (count > 0) total += bandWeights[place++]! * (sum / count) * count ** 0.01
  }
  return Math.min(1000, impact * total)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
