import type { FindingType, Severity } from './signature.ts'

/** The formulas of docs/user/scores.md; a change here is a change there. `source`: whose word it is, with its day, where there is one. */
export type ScoreFactor = Readonly<{ name: string; value: string; points: number; source?: string }>
export type Band = 'critical' | 'high' | 'medium' | 'low'

/**
 * What is known of a check's vulnerabilities beyond their texts: of each fact the worst of them all, and by which CVE. Days as `2026-11-24`, `probability`
 * 0–1.
 */
export type CheckThreat = Readonly<{
  exploited: Readonly<{ since: string; by: string; ransomware: boolean }> | null
  active: Readonly<{ by: string }> | null
  exploit: Readonly<{ maturity: 'poc' | 'weaponised'; by: string }> | null
  epss: Readonly<{ probability: number; by: string; day: string | null }> | null
}>
export const noThreat: CheckThreat = { exploited: null, active: null, exploit: null, epss: null }

export type Scored = Readonly<{
  severity: Severity
  type: FindingType
  /** Base score, 0–10. */
  cvss: number | null
  /** Whether the check names a CVE: then overlays say how easy it is, else its severity does. */
  named?: boolean
  threat?: CheckThreat
  /** The organisation gave the severity itself: it stands in place of CVSS. */
  own?: boolean
  /** Each takes 10 points off. Nothing finds any yet. */
  mitigations?: readonly string[]
}>

const bySeverity: Readonly<Record<Severity, number>> = { 1: 8, 2: 28, 3: 48, 4: 72, 5: 92 }
const easyControl: Readonly<Partial<Record<Severity, number>>> = { 4: 5, 5: 10 }

/** How bad one finding is, 1–100, with each part of it: the parts add up to the score. */
export function findingScore(about: Scored): Readonly<{ score: number; factors: readonly ScoreFactor[] }> {
  const { severity, type } = about
  if (type === 'information') {
    return { score: severity, factors: [{ name: 'Information', value: `severity ${severity}; not counted as risk`, points: severity }] }
  }
  const factors = [...baseOf(about), ...threatOf(about.threat ?? noThreat)]
  for (const name of about.mitigations ?? []) factors.push({ name: 'Mitigation', value: name, points: -10 })
  const sum = (): number => round(factors.reduce((total, factor) => total + factor.points, 0))
  const held = Math.max(1, Math.min(100, sum()))
  if (held !== sum()) factors.push({ name: 'Limit', value: held === 100 ? 'held at 100' : 'held at 1', points: round(held - sum()) })
  if (type === 'potential') factors.push({ name: 'Potential', value: 'not proven: × 0.7', points: round(-0.3 * held) })
  return { score: Math.max(1, Math.round(sum())), factors }
}

function baseOf({ severity, cvss, named, own }: Scored): ScoreFactor[] {
  if (own === true) return [{ name: 'Severity', value: `${severity}, the organisation's own`, points: bySeverity[severity] }]
  if (cvss === null) return [{ name: 'Severity', value: `${severity}`, points: bySeverity[severity] }]
  const base: ScoreFactor = { name: 'CVSS base score', value: `${cvss.toFixed(1)} × 8`, points: round(cvss * 8) }
  const control = named === true ? undefined : easyControl[severity]
  return control === undefined ? [base] : [base, { name: 'Severity', value: `${severity}: gives control easily`, points: control }]
}

function threatOf({ exploited, active, exploit, epss }: CheckThreat): ScoreFactor[] {
  const factors: ScoreFactor[] = []
  if (exploited !== null) {
    const { since, by, ransomware } = exploited
    factors.push({ name: 'Known exploited', value: `since ${since}${ransomware ? ', in ransomware campaigns' : ''} (${by})`, points: ransomware ? 12 : 10, source: `CISA KEV, ${since}` })
  } else if (active !== null) factors.push({ name: 'Exploitation', value: `active (${active.by})`, points: 8, source: 'CISA SSVC' })
  if (exploit !== null) {
    const weapon = exploit.maturity === 'weaponised'
    factors.push({ name: 'Exploit', value: `${weapon ? 'weaponised, anyone can run it' : 'proof of concept is public'} (${exploit.by})`,
      points: weapon ? 10 : 5, source: weapon ? 'public exploit' : 'public exploit or SSVC' })
  }
  const likely = epss === null ? 0 : epss.probability >= 0.9 ? 9 : epss.probability >= 0.5 ? 6 : epss.probability >= 0.1 ? 3 : 0
  if (epss !== null && likely > 0) {
    factors.push({
      name: 'Probability of exploitation', value: `${(epss.probability * 100).toFixed(1)} % within 30 days (${epss.by})`,
        points: likely, source: epss.day === null ? 'EPSS' : `EPSS, ${epss.day}`,
    })
  }
  return factors
}

export function bandOf(score: number): Band {
  return score >= 90 ? 'critical' : score >= 70 ? 'high' : score >= 40 ? 'medium' : 'low'
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
