import { createHash } from 'node:crypto'
import type { Signature } from '#core/signature.ts'

/** Of each signature a short hash of what judging by it depends on: two that are equal judge alike. */
export type Rules = Readonly<Record<string, string>>

export function rulesOf(signatures: Iterable<Signature>): Rules {
  return Object.fromEntries([...signatures].map((one) => [one.id, ruleOf(one)]))
}

export function ruleOf({ version, on, when, ask, versioned, type, severity, result, cve, products }: Signature): string {
  return `${version}.${createHash('sha256').update(JSON.stringify([on, when, ask ?? null, versioned ?? false, type, severity, result, cve, products])).digest('hex').slice(0, 12)}`
}

export type RuleChange = Readonly<{
  /** Added or judging otherwise. */
  changed: readonly number[]
  withdrawn: readonly number[]
}>

export function ruleChange(before: Rules, after: Rules): RuleChange {
  return {
    changed: Object.keys(after).filter((id) => before[id] !== after[id]).map(Number),
    withdrawn: Object.keys(before).filter((id) => !(id in after)).map(Number),
  }
}

/** Of everything that judging depends on, in one short text. */
export function contentOf(rules: Rules): string {
  const hash = createHash('sha256')
  for (const id of Object.keys(rules).map(Number).sort((a, b) => a - b)) hash.update(`${id}:${rules[id]!}\0`)
  return hash.digest('hex').slice(0, 16)
}
