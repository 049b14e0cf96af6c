import type { ScanEvent } from '#core/event.ts'
import { instanceOf, type Place } from '#core/place.ts'
import type { Profile } from '#core/profile.ts'
import type { Detection } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { keepInventory } from '../asset/inventory.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { publish } from '../live.ts'
import { closeFindings, type Ended } from './close.ts'
import { addToAttempt, noAttempt, type Attempt, type Covered, type Failed } from './ledger.ts'
import { mergeDetections } from './merge.ts'
import { recountAssets } from './recount.ts'

/** What a batch of events belongs to. `now`: the platform's clock, Unix ms; a scanner's own is not believed. */
export type Intake = Readonly<{
  scan: string
  scanner: string | null
  profile: Pick<Profile, 'signatures' | 'exclude'>
  now: number
}>

/**
 * Takes events of hosts into the inventory, the findings and the ledger of coverage, in the caller's transaction, and answers what was
 * detected in them, as the organisation rates it. The same events taken twice in one scan change nothing the second time, so that a host may be scanned
 * again after a lease was lost. Nothing is closed before a host's `done`; after it, the host's events in this scan are not heard any more.
 */
export async function takeEvents(tx: Tx, knowledge: Knowledge, intake: Intake, events: readonly ScanEvent[]): Promise<readonly Detection[]> {
  const byAsset = Map.groupBy(events, (event) => (event.type === 'seen' ? event.seen.at.asset : event.asset))
  const rows = await openAttempts(tx, intake, [...byAsset.keys()])
  const heard = events.filter((event) => rows.has(event.type === 'seen' ? event.seen.at.asset : event.asset))
  if (heard.length === 0) return []
  const judged = judgedBy(knowledge, intake.profile)
  const seen = heard.flatMap((event) => (event.type === 'seen' ? [event.seen] : []))
  const detections = distinct((await knowledge.judge(seen)).filter((one) => judged.judged(one.signature)).map(cleaned))
  const at = new Date(intake.now)
  const merged = await mergeDetections(tx, intake, detections, at)
  const ended: Ended[] = []
  for (const [asset, row] of rows) {
    const own = byAsset.get(asset)!
    row.attempt = addToAttempt(row.attempt, own)
    row.found = [...new Set([...row.found, ...(merged.byAsset.get(asset) ?? [])])]
    const done = own.find((event) => event.type === 'done')
    if (done !== undefined) ended.push({ asset, outcome: done.outcome, why: fit(done.why, 500), attempt: row.attempt, found: new Set(row.found), closed: [] })
  }
  await keepInventory(tx, heard, ended, at)
  const closed = await closeFindings(tx, intake.scan, ended, judged, at)
  await storeAttempts(tx, intake.scan, rows, ended, at)
  const changed = new Set([...merged.changed, ...closed.changed])
  await recountAssets(tx, [...changed])
  if (changed.size > 0) {
    await publish(tx, 'finding.changed', { assets: [...changed].slice(0, 100), new: merged.fresh, reopened: merged.reopened, fixed: closed.fixed })
  }
  return merged.shown
}

function judgedBy(knowledge: Knowledge, profile: Intake['profile']): { judged(id: number): boolean; asks(id: number): boolean } {
  const only = profile.signatures === 'all' ? null : new Set(profile.signatures)
  const not = new Set(profile.exclude)
  return {
    judged: (id) => knowledge.signatures.has(id) && !not.has(id) && (only === null || only.has(id)),
    asks: (id) => knowledge.signatures.get(id)?.ask !== undefined,
  }
}

const longestInstance = 500

/** What a target said goes into keys and columns: bounded and storable. */
function cleaned(detection: Detection): Detection {
  const { at } = detection
  const place: Place = {
    ...at,
    ...(at.host === undefined ? {} : { host: fit(at.host, 120) }),
    ...(at.path === undefined ? {} : { path: fit(at.path, 240) }),
    ...(at.package === undefined ? {} : { package: fit(at.package, 120) }),
  }
  return { ...detection, at: place, by: fit(detection.by, 80) }
}

/** Several observations may show the same weakness: the first stands. */
function distinct(detections: readonly Detection[]): readonly Detection[] {
  const byKey = new Map<string, Detection>()
  for (const one of detections) {
    const key = keyOf(one)
    if (!byKey.has(key)) byKey.set(key, one)
  }
  return [...byKey.values()]
}

export function keyOf({ signature, at }: Pick<Detection, 'signature' | 'at'>): string {
  return `${at.asset}|${signature}|${at.port === undefined ? '' : at.proto ?? 'tcp'}|${at.port ?? 0}|${instanceOf(at).slice(0, longestInstance)}`
}

type Row = { attempt: Attempt; found: readonly string[] }

/**
 * Locks the hosts, so that two scans of one host merge one after the other, and reads what this scan said of them before. Hosts that are
 * unknown, or through in this scan, are left out.
 */
async function openAttempts({ sql, tenant }: Tx, intake: Intake, assets: readonly string[]): Promise<Map<string, Row>> {
  const known = await sql<{ id: string }[]>`
    select id from asset_host where tenant_id = ${tenant} and id = any(${assets as string[]}::uuid[]) order by id for update`
  const ids = known.map((row) => row.id)
  const stored = await sql<{ asset_id: string; outcome: string | null; covered: Covered[]; failed: Failed[]; open: string; found: string[] }[]>`
    select asset_id, outcome, covered, failed, open, found from asset_scan
    where tenant_id = ${tenant} and scan_id = ${intake.scan} and asset_id = any(${ids}::uuid[])`
  const rows = new Map<string, Row>(ids.map((id) => [id, { attempt: noAttempt, found: [] }]))
  for (const row of stored) {
    if (row.outcome !== null) rows.delete(row.asset_id)
    else rows.set(row.asset_id, { attempt: { covered: row.covered, failed: row.failed, open: row.open }, found: row.found })
  }
  return rows
}

async function storeAttempts({ sql, tenant }: Tx, scan: string, rows: ReadonlyMap<string, Row>, ended: readonly Ended[], at: Date): Promise<void> {
  const ends = new Map(ended.map((end) => [end.asset, end]))
  const list = [...rows].map(([asset, row]) => {
    const end = ends.get(asset)
    return {
      asset, outcome: end?.outcome ?? null, why: end?.why ?? '', covered: row.attempt.covered, failed: row.attempt.failed, open: row.attempt.open,
      found: row.found, closed: end?.closed ?? [],
    }
  })
  await sql`
    insert into asset_scan (tenant_id, scan_id, asset_id, started_at, ended_at, outcome, why, covered, failed, open, found, closed)
    select ${tenant}, ${scan}, asset, ${at}::timestamptz, case when outcome is null then null else ${at}::timestamptz end, outcome, why, covered, failed, open, found, closed
    from jsonb_to_recordset(${sql.json(list as never)}) as r (asset uuid, outcome text, why text, covered jsonb, failed jsonb, open text, found uuid[], closed uuid[])
    on conflict (tenant_id, scan_id, asset_id) do update set ended_at = excluded.ended_at, outcome = excluded.outcome, why = excluded.why,
      covered = excluded.covered, failed = excluded.failed, open = excluded.open, found = excluded.found, closed = excluded.closed`
}
