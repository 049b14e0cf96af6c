import cvssCalculator from 'ae-cvss-calculator'
import type { CvssStatement } from '#core/knowledge/record.ts'
import { known } from './json-value.ts'

const metrics = '(?:/[A-Za-z]{1,3}:[A-Za-z]{1,8}){5,40}'
const three = new RegExp(`^CVSS:(3\\.[01])${metrics}$`)
const four = new RegExp(`^CVSS:4\\.0${metrics}$`)
const two = /^\(?(AV:[LAN]\/AC:[HML]\/Au:[MSN]\/C:[NPC]\/I:[NPC]\/A:[NPC](?:\/[A-Za-z]{1,3}:[A-Za-z]{1,4}){0,9})\)?$/

/** Vectors repeat by the thousand and the calculator is slow. */
const computed = new Map<string, number | null>()
const mostComputed = 20_000

/**
 * A vector with its score: what the source says, else what the standard's formula makes of it. Null when it is no vector of CVSS 2.0, 3.0, 3.1 or 4.0.
 */
export function cvssOf(vector: unknown, score?: unknown, by?: string): CvssStatement | null {
  if (typeof vector !== 'string' || vector.length > 300) return null
  const text = vector.trim().replace(/\/+$/, '')
  const version = versionOf(text)
  if (version === null) return null
  const plain = version === '2.0' ? two.exec(text)![1]! : text
  const said = typeof score === 'string' ? Number(score) : score
  const stated = typeof said === 'number' && said >= 0 && said <= 10 ? said : null
  return known({ version, vector: plain, score: stated ?? scoreOf(version, plain), by: by?.slice(0, 100) })
}

function versionOf(text: string): CvssStatement['version'] | null {
  const found = three.exec(text)
  if (found !== null) return found[1] as '3.0' | '3.1'
  return four.test(text) ? '4.0' : two.test(text) ? '2.0' : null
}

function scoreOf(version: CvssStatement['version'], vector: string): number | null {
  const known = computed.get(vector)
  if (known !== undefined) return known
  if (computed.size >= mostComputed) computed.clear()
  const score = compute(version, vector)
  computed.set(vector, score)
  return score
}

function compute(version: CvssStatement['version'], vector: string): number | null {
  const { Cvss2, Cvss3P0, Cvss3P1, Cvss4P0 } = cvssCalculator
  try {
    const score = version === '4.0' ? new Cvss4P0(vector).calculateScores().overall
      : (version === '2.0' ? new Cvss2(vector) : version === '3.0' ? new Cvss3P0(vector) : new Cvss3P1(vector)).calculateScores().base
    return typeof score === 'number' && score >= 0 && score <= 10 ? score : null
  } catch {
    return null
  }
}
