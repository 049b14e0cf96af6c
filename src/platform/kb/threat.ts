import { findingScore } from '#core/score.ts'
import type { KnowledgeBase, Threat } from '#knowledge/knowledge-base.ts'
import type { PlatformTx, Store } from '#store/store.ts'
import { settleFindings } from '../finding/settle.ts'
import { threatColumns, threatOf, type ThreatRow } from './threat-row.ts'

/** The formulas of scores and risks; stored ones of an older version are worked out anew. */
const formula = 2
const checksAtOnce = 2000

export type Refreshed = Readonly<{ checks: number; findings: number; hosts: number }>
type Check = Readonly<{ id: number; cve: readonly string[] }>
type Facts = ThreatRow & Readonly<{ id: number }>

/**
 * Brings what is known of the exploitation of checks, and with it the scores of findings and the risk of hosts of every organisation, to the release. Call it when a release has
 * come into force, and at the start. What it did is not done again, so that it may be cut short at any moment.
 */
export async function refreshThreats(store: Store, knowledge: KnowledgeBase, now: Date, signal?: AbortSignal): Promise<Refreshed> {
  const day = await epssDay(knowledge)
  for (let last = 0; ;) {
    signal?.throwIfAborted()
    const checks = await store.platform(({ sql }) => sql<(Check & Facts & Readonly<{ known: boolean }>)[]>`
      select s.id, s.cve, t.signature_id is not null as known, ${threatColumns(sql)} from signature s left join signature_threat t on t.signature_id = s.id
      where s.id > ${last} order by s.id limit ${checksAtOnce}`)
    if (checks.length === 0) break
    last = checks.at(-1)!.id
    const threats = await knowledge.threats([...new Set(checks.flatMap((check) => check.cve))])
    const rows = checks.map((check) => ({ before: check, after: factsOf(check, threats, day) }))
    const changed = rows.filter(({ before, after }) => !before.known || tell(before) !== tell(after))
    await store.platform((tx) => keep(tx, changed.map(({ before, after }) => ({ ...after, pending: weight(before) === weight(after) ? null : now }))))
  }
  return settlePending(store, signal)
}

/** For checks that are about to be named by their first findings, so that none waits for its score. Of others it changes nothing: their findings would not follow. */
export async function ensureThreats(tx: PlatformTx, checks: readonly Check[], threats: ReadonlyMap<string, Threat>, day: string | null): Promise<void> {
  const known = new Set((await tx.sql<{ id: number }[]>`
    select signature_id as id from signature_threat where signature_id = any(${checks.map((one) => one.id)}::int[])`)
    .map((row) => row.id))
  await keep(tx, checks.filter((check) => !known.has(check.id)).map((check) => ({ ...factsOf(check, threats, day), pending: null })))
}

/** The day that EPSS speaks of in this release. */
export async function epssDay(knowledge: KnowledgeBase): Promise<string | null> {
  const snapshot = (await knowledge.sources()).find((source) => source.name === 'epss')?.snapshot ?? null
  return snapshot !== null && /^\d{4}-\d{2}-\d{2}/.test(snapshot) ? snapshot.slice(0, 10) : null
}

/** Scores what is pending, and everything when the formula is a newer one. */
async function settlePending(store: Store, signal?: AbortSignal): Promise<Refreshed> {
  const { pending, old, tenants } = await store.platform(async ({ sql }) => ({
    pending: await sql<{ id: number; at: Date }[]>`select signature_id as id, pending as at from signature_threat where pending is not null order by signature_id`,
    old: ((await sql<{ version: number }[]>`select version from score_formula where one`)[0]?.version ?? 0) < formula,
    tenants: await sql<{ id: string }[]>`select id from tenant order by id`,
  }))
  const sum = { checks: pending.length, findings: 0, hosts: 0 }
  if (pending.length === 0 && !old) return sum
  for (const { id } of tenants) {
    const settled = await settleFindings(store, id, { ...(old ? { recount: true } : { checks: pending.map((one) => one.id) }), ...(signal === undefined ? {} : { signal }) })
    sum.findings += settled.findings
    sum.hosts += settled.hosts
  }
  await store.platform(async ({ sql }) => {
    // One that changed again meanwhile stays pending.
    await sql`
      update signature_threat t set pending = null from unnest(${pending.map((one) => one.id)}::int[], ${pending.map((one) => one.at.toISOString())}::timestamptz[]) as u (id, at)
      where t.signature_id = u.id and date_trunc('milliseconds', t.pending) = u.at`
    if (old) await sql`update score_formula set version = ${formula} where one and version < ${formula}`
  })
  return sum
}

/** Of each fact the worst over the check's CVEs: the earliest exploitation, the most mature exploit, the highest probability. */
function factsOf({ id, cve }: Check, threats: ReadonlyMap<string, Threat>, day: string | null): Facts {
  const known = cve.flatMap((name) => threats.get(name) ?? [])
  const worst = <T>(of: (one: Threat) => T | null, rank: (value: T) => number): Readonly<{ value: T; by: string }> | null =>
    known.reduce<Readonly<{ value: T; by: string }> | null>((best, one) => {
      const value = of(one)
      return value !== null && (best === null || rank(value) > rank(best.value)) ? { value, by: one.name } : best
    }, null)
  const exploited = worst((one) => dayOf(one.exploitedSince), (since) => -Date.parse(since))
  const exploit = worst((one) => one.exploit, (maturity) => (maturity === 'weaponised' ? 2 : 1))
  const ssvc = worst((one) => one.ssvc, (word) => ({ none: 0, poc: 1, active: 2 })[word])
  const epss = worst((one) => one.epss, (probability) => probability)
  return {
    id, threat_cvss: worst((one) => one.score, (score) => score)?.value ?? null,
      exploited_since: exploited?.value ?? null, exploited_by: exploited?.by ?? null, ransomware: known.some((one) => one.ransomware),
    ssvc: ssvc?.value ?? null, ssvc_by: ssvc?.by ?? null, exploit: exploit?.value ?? null, exploit_by: exploit?.by ?? null, epss: epss?.value ?? null, epss_by: epss?.by ?? null,
    epss_day: epss === null ? null : day,
  }
}

function dayOf(time: string | null): string | null {
  return time !== null && /^\d{4}-\d{2}-\d{2}/.test(time) ? time.slice(0, 10) : null
}

/** What of it weighs in scores: two with the same parts score alike. */
function weight(facts: Facts): string {
  const { factors } = findingScore({ severity: 3, type: 'confirmed', cvss: facts.threat_cvss, named: true, threat: threatOf(facts) })
  return factors.map(({ name, points }) => `${name} ${points}`).join()
}

function tell(facts: Facts): string {
  const { threat_cvss: cvss, exploited_since: since, exploited_by: by, ransomware, ssvc, ssvc_by: ssvcBy, exploit, exploit_by: exploitBy, epss, epss_by: epssBy, epss_day: day } = facts
  return JSON.stringify([cvss === null ? null : Math.fround(cvss), since, by, ransomware, ssvc, ssvcBy, exploit, exploitBy, epss === null ? null : Math.fround(epss), epssBy, day])
}

async function keep({ sql }: PlatformTx, rows: readonly (Facts & Readonly<{ pending: Date | null }>)[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into signature_threat (signature_id, cvss, exploited_since, exploited_by, ransomware, ssvc, ssvc_by, exploit, exploit_by, epss, epss_by, epss_day, pending)
    select id, threat_cvss, exploited_since, exploited_by, ransomware, ssvc, ssvc_by, exploit, exploit_by, epss, epss_by, epss_day, pending
    from jsonb_to_recordset(${sql.json(rows as never)}) as r (id integer, threat_cvss real, exploited_since date, exploited_by text,
      ransomware boolean, ssvc text, ssvc_by text, exploit text,
      exploit_by text, epss real, epss_by text, epss_day date, pending timestamptz)
    on conflict (signature_id) do update set cvss = excluded.cvss, exploited_since = excluded.exploited_since, exploited_by = excluded.exploited_by, ransomware = excluded.ransomware,
      ssvc = excluded.ssvc, ssvc_by = excluded.ssvc_by, exploit = excluded.exploit, exploit_by = excluded.exploit_by,
        epss = excluded.epss, epss_by = excluded.epss_by, epss_day = excluded.epss_day,
      pending = coalesce(excluded.pending, signature_threat.pending)`
}
