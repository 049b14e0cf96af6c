import { bandOf, type Band } from './score.ts'

/** The risk of a host by docs/user/scores.md; why it is as it is: docs/decisions/032-scores.md. */
export const bands: readonly Band[] = ['critical', 'high', 'medium', 'low']
/** Of the bands that are there, the worst leads with the first weight. */
export const bandWeights: readonly number[] = [1, 0.1, 0.05, 0.02]
/** What business impact 1 (none) to 5 (critical) makes of it; a host without a group has 2. */
export const impactFactors: readonly number[] = [6, 7.8, 8.5, 9.2, 10]
const spread = 0.01

export type RiskBand = 'severe' | 'high' | 'medium' | 'low' | 'none'
export function riskBandOf(risk: number): RiskBand {
  return risk >= 850 ? 'severe' : risk >= 700 ? 'high' : risk >= 500 ? 'medium' : risk > 0 ? 'low' : 'none'
}

/** `average` is told beside, and not part of the formula. */
export type BandFactor = Readonly<{ band: Band; weight: number; worst: number; average: number; count: number; points: number }>

/** Of one band: how many findings it holds, the worst score, the worst of another signature than that one's, and their sum. */
type Held = { count: number; worst: number; by: number; next: number; sum: number }
type HeldBands = Record<Band, Held>

export function impactFactor(impact: number): number {
  return impactFactors[Math.max(1, Math.min(5, impact)) - 1]!
}

/**
 * Risk of an asset, 0–1000: min(1000, factor(impact) × Σ weight · worst score · count^(1/100)) over the bands that hold open findings. Fixing a finding
 * never raises it. `scores` of its open findings, information and ignored ones left out.
 */
export function assetRisk(impact: number, scores: readonly number[]): Readonly<{ risk: number; bands: readonly BandFactor[] }> {
  const held = heldBy(scores.map((score) => ({ signature: 0, score })))
  const factors = bands.filter((band) => held[band].count > 0).map((band, place): BandFactor => {
    const { sum, count, worst } = held[band]
    const weight = bandWeights[place]!
    return { band, weight, worst, average: round(sum / count), count, points: round(weight * worst * count ** spread) }
  })
  return { risk: Math.round(riskOfBands(impact, bands.map((band) => held[band].worst), bands.map((band) => held[band].count))), bands: factors }
}

/** Of the bands critical to low: worst score (0 when empty) and count. Exact, not rounded. */
export function riskOfBands(impact: number, worst: readonly number[], count: readonly number[]): number {
  let place = 0
  let total = 0
  for (let band = 0; band < 4; band++) {
    if (count[band]! > 0) total += bandWeights[place++]! * worst[band]! * (count[band]! === 1 ? 1 : count[band]! ** spread)
  }
  return Math.min(1000, impactFactor(impact) * total)
}

/** Points that each signature alone takes off the risk when all its findings on the asset are fixed. */
export function reliefs(impact: number, findings: readonly Readonly<{ signature: number; score: number }>[]): ReadonlyMap<number, Readonly<{ relief: number; findings: number }>> {
  const held = heldBy(findings)
  const all = bands.map((band) => held[band])
  const before = riskOfBands(impact, all.map((band) => band.worst), all.map((band) => band.count))
  const counts = new Map<number, [number, number, number, number]>()
  for (const { signature, score } of findings) {
    const own = counts.get(signature) ?? [0, 0, 0, 0]
    counts.set(signature, own)
    own[bands.indexOf(bandOf(score)) as 0]++
  }
  const relief = new Map<number, { relief: number; findings: number }>()
  for (const [signature, own] of counts) {
    const after = riskOfBands(impact, all.map((band) => (band.by === signature ? band.next : band.worst)), all.map((band, place) => band.count - own[place as 0]))
    relief.set(signature, { relief: round(before - after), findings: own.reduce((sum, one) => sum + one, 0) })
  }
  return relief
}

function heldBy(findings: readonly Readonly<{ signature: number; score: number }>[]): HeldBands {
  const held = Object.fromEntries(bands.map((band) => [band, { count: 0, worst: 0, by: -1, next: 0, sum: 0 }])) as HeldBands
  for (const { signature, score } of findings) {
    const band = held[bandOf(score)]
    band.count += 1
    band.sum += score
    if (score > band.worst) {
      if (signature !== band.by) band.next = band.worst
      band.worst = score
      band.by = signature
    } else if (signature !== band.by && score > band.next) band.next = score
  }
  return held
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
