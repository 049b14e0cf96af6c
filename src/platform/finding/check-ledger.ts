import { neededTexts } from '#core/match/literal.ts'
import type { Kind } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import { udpOnly } from '#core/udp-services.ts'
import { templateProbe, templateProbes, type Attempt } from './ledger.ts'

/**
 * What became of the checks of one look at a host. `found`: they hold; `tested`: looked for to the end and not found; `absent`: what they are about is not there, so that their
 * requests were not sent; `untested`: could not be looked for, by reason. The parts sum to `total`: no check is passed over in silence.
 */
export type CheckLedger = Readonly<{ total: number; found: number; tested: number; absent: number; untested: Readonly<Record<string, number>> }>

/** Checks by the probe that sees what they judge. */
export type ChecksByProbe = ReadonlyMap<string, ReadonlySet<number>>

const probeOf: Readonly<Record<Exclude<Kind, 'match'>, string>> = {
  host: 'discover', port: 'ports', service: 'service', tls: 'tls', http: 'http', package: 'login', login: 'login', system: 'login', setting: 'login',
}
const asking = 'http-ask'
const udp = 'udp'

/** All checks that a scan by `isWanted` is about: signatures, and templates by their numbers. Versions compared with the KnowledgeBase are no checks of this kind: whatever software was seen is compared. */
export function checksByProbe(signatures: Iterable<Signature>, templates: Iterable<number>, isWanted: (check: number) => boolean): ChecksByProbe {
  const groups = new Map<string, Set<number>>()
  const add = (probe: string, check: number): void => {
    if (!isWanted(check)) return
    const group = groups.get(probe) ?? new Set()
    groups.set(probe, group)
    group.add(check)
  }
  for (const signature of signatures) if (signature.on !== 'match') add(lookerOf(signature), signature.id)
  for (const id of templates) add(templateProbe, id)
  return groups
}

/** The probe that sees what a signature judges. */
function lookerOf({ on, ask, when }: Signature): string {
  if (ask !== undefined) return asking
  const names = on === 'service' ? neededTexts(when, 'name') : null
  return names !== null && names.size > 0 && [...names].every((name) => udpOnly.has(name)) ? udp : probeOf[on as Exclude<Kind, 'match'>]
}

/** Counts what became of every check on a host that is through. `found`: checks that were found in this look; `why`: of a host that was not looked at. */
export function countChecks(checks: ChecksByProbe, attempt: Attempt, found: ReadonlySet<number>, outcome: string): CheckLedger {
  let sums = { total: 0, found: 0, tested: 0, absent: 0 }
  const untested: Record<string, number> = {}
  const put = (reason: string, count: number): void => {
    if (count > 0) untested[reason] = (untested[reason] ?? 0) + count
  }
  for (const [probe, group] of checks) {
    const held = [...group].filter((check) => found.has(check)).length
    const left = group.size - held
    sums = { ...sums, total: sums.total + group.size, found: sums.found + held }
    if (outcome === 'dead' || outcome === 'refused') put(outcome === 'dead' ? 'no answer' : 'refused', left)
    else {
      const { tested, absent, reason, left: parts = {} } = probe === asking || probe === templateProbe ? asked(probe, group, left, attempt, found) : looked(probe, group, left, attempt, found)
      sums = { ...sums, tested: sums.tested + tested, absent: sums.absent + absent }
      for (const [why, count] of Object.entries(parts)) put(why, count)
      put(reason, left - tested - absent - Object.values(parts).reduce((sum, count) => sum + count, 0))
    }
  }
  return { ...sums, untested }
}

/** `left`: those of which the probe itself says how many it left, and why. */
type Share = Readonly<{ tested: number; absent: number; reason: string; left?: Readonly<Record<string, number>> }>

/** What the profile does not want is no part of the total; a match that was not believed was asked for. */
const noTrouble = new Set(['profile', 'intrusive', 'dos', 'control'])
/** Remarks that begin with how many templates they are about. */
const counted = new Set(['callbacks', 'unsent', 'elsewhere', 'unanswered'])

/** A probe that looks as a whole: to its end everywhere, or not. */
function looked(probe: string, group: ReadonlySet<number>, left: number, attempt: Attempt, found: ReadonlySet<number>): Share {
  const isOf = (line: Readonly<{ probe: string }>): boolean => line.probe === probe || (probe === 'login' && line.probe.startsWith('login-'))
  const own = attempt.failed.filter((line) => isOf(line) && line.code !== 'profile')
  const trouble = own.find((line) => line.signatures === undefined)
  // Ports that keep silent are told by themselves; what answers was looked at.
  if (trouble !== undefined && probe !== 'ports') return { tested: 0, absent: 0, reason: trouble.code }
  // With no UDP port in the profile it ran to its end, over nothing.
  if (probe === udp && !attempt.covered.some((line) => isOf(line) && line.ports.includes('udp:'))) return { tested: 0, absent: 0, reason: 'not looked for' }
  if (probe === 'discover' || attempt.covered.some(isOf)) {
    const open = new Set(own.flatMap((line) => line.signatures ?? []).filter((check) => group.has(check) && !found.has(check))).size
    return { tested: left - open, absent: 0, reason: '', left: { undecided: open } }
  }
  return { tested: 0, absent: 0, reason: probe === 'login' ? 'no login' : 'not looked for' }
}

/** A probe that sends what each check asks for, where it may be there. */
function asked(probe: string, group: ReadonlySet<number>, left: number, attempt: Attempt, found: ReadonlySet<number>): Share {
  // A template is run by the one or by the other, as its protocol wants.
  const isOf = (line: Readonly<{ probe: string }>): boolean => (probe === templateProbe ? templateProbes.has(line.probe) : line.probe === probe)
  const sent = new Set<number>()
  for (const line of attempt.covered) if (isOf(line)) for (const check of line.signatures ?? []) if (group.has(check) && !found.has(check)) sent.add(check)
  const own = attempt.failed.filter((line) => isOf(line) && !noTrouble.has(line.code))
  const trouble = own.find((line) => !counted.has(line.code)) ?? attempt.failed.find((line) => (line.probe === 'http' || line.probe === 'service') && line.code !== 'profile')
  if (trouble !== undefined) return { tested: sent.size, absent: 0, reason: trouble.code }
  const parts: Record<string, number> = {}
  let rest = left - sent.size
  for (const [code, lines] of Map.groupBy(own, (line) => line.code)) {
    // Several web servers of a host say so of the same templates.
    const count = Math.min(rest, Math.max(...lines.map((line) => Number(/^\d{1,7}/.exec(line.text)?.[0] ?? 0))))
    parts[code] = count
    rest -= count
  }
  return { tested: sent.size, absent: rest, reason: '', left: parts }
}

export function sumLedgers(ledgers: Iterable<Partial<CheckLedger>>): CheckLedger {
  const sums = { total: 0, found: 0, tested: 0, absent: 0 }
  const untested: Record<string, number> = {}
  for (const one of ledgers) {
    for (const part of ['total', 'found', 'tested', 'absent'] as const) sums[part] += one[part] ?? 0
    for (const [reason, count] of Object.entries(one.untested ?? {})) untested[reason] = (untested[reason] ?? 0) + count
  }
  return { ...sums, untested }
}
