import { createHash } from 'node:crypto'
import { merge, type Finding, type FindingStatus } from '#core/finding.ts'
import { instanceOf } from '#core/place.ts'
import type { Detection } from '#core/signature.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { rateDetections, type Rated } from '../kb/rating.ts'
import { recordEvents, type FindingEvent } from './event.ts'
import type { Intake } from './intake.ts'
import { keepProofs } from './proof.ts'

export type Merged = Readonly<{
  /** Ids of all findings detected, by asset. */
  byAsset: ReadonlyMap<string, readonly string[]>
  /** What was detected, as the organisation rates it, without checks that it disabled. */
  shown: readonly Detection[]
  /** Assets whose open findings, or their scores, are others now. */
  changed: readonly string[]
  fresh: number
  reopened: number
}>

type Known = Readonly<{
  id: string; status: FindingStatus; first_found: Date; last_found: Date; last_fixed: Date | null; last_reopened: Date | null
  times_found: number; times_reopened: number; last_scan: string; severity: number; type: string; score: number; probe: string; rated: number | null
  retracted_at: Date | null; via_at: Date | null; hash: Uint8Array | null
}>

type Step = Readonly<{ id: string; known: Known | null; now: Rated; next: Finding }>

/**
 * Merges detections with the known findings: each is one step of `merge` in src/core/finding.ts, taken once a scan. The hosts are locked by the
 * caller, so nobody else writes their findings meanwhile.
 */
export async function mergeDetections(tx: Tx, intake: Intake, detections: readonly Detection[], at: Date): Promise<Merged> {
  if (detections.length === 0) return { byAsset: new Map(), shown: [], changed: [], fresh: 0, reopened: 0 }
  const [known, rated] = await Promise.all([readKnown(tx, detections), rateDetections(tx, detections)])
  const byAsset = new Map<string, string[]>()
  const added: Step[] = []
  const moved: Step[] = []
  const events: FindingEvent[] = []
  const changed = new Set<string>()
  const proofs: { step: Pick<Step, 'id' | 'now'>; hash: Buffer }[] = []
  for (const [n, now] of rated.entries()) {
    const row = known.get(n) ?? null
    const id = row?.id ?? newId(intake.now)
    const list = byAsset.get(now.at.asset) ?? []
    byAsset.set(now.at.asset, list)
    list.push(id)
    const hash = hashOf(now)
    // What a test sees now is not by what was stored any more, though it says the same.
    if (row === null || row.hash === null || !hash.equals(row.hash) || (intake.stored === true ? row.status === 'fixed' : row.via_at !== null)) proofs.push({ step: { id, now }, hash })
    // One scan counts once, unless another closed the finding meanwhile; what was stored is no test, and counts for one that is open never.
    const counted = row !== null && row.status !== 'fixed' && (row.last_scan === intake.scan || intake.stored === true)
    const same = row !== null && row.severity === now.severity && row.type === now.type && row.score === now.score && row.probe === probeOf(now) && row.rated === now.rated
    if (counted && same) continue
    const before = row === null ? null : findingOf(row, now)
    const next = counted ? before! : merge(before, now, true, intake.now)!
    const step: Step = { id, known: row, now, next }
    if (row === null) added.push(step)
    else moved.push(step)
    if (row === null || row.status === 'fixed' || !same) changed.add(now.at.asset)
    if (row === null || (next.status === 'reopened' && row.status === 'fixed')) {
      events.push({
        finding: id, asset: now.at.asset, signature: now.signature, severity: now.severity, type: now.type, kind: row === null ? 'new' : 'reopened', ...(intake.stored === true ? {} : { scan: intake.scan }),
        text: eventText(row, now, intake),
      })
    }
  }
  await insertFindings(tx, intake, added, at)
  await moveFindings(tx, intake, moved)
  await keepEvidence(tx, intake, proofs, at)
  await keepProofs(tx, proofs.flatMap(({ step: { id, now } }) => (now.proof === undefined ? [] : [{ finding: id, version: now.version, proof: now.proof }])), at)
  await recordEvents(tx, events, at)
  const hidden = new Set(rated.flatMap((one) => (one.disabled ? [one.signature] : [])))
  const told = events.filter((event) => !hidden.has(event.signature))
  const fresh = told.filter((event) => event.kind === 'new' && event.type !== 'information').length
  const shown = rated.filter((one) => !one.disabled)
  return { byAsset, shown, changed: [...changed], fresh, reopened: told.filter((event) => event.kind === 'reopened').length }
}

export function probeOf(now: Pick<Detection, 'by'>): string {
  return now.by.replace(/@.*$/, '')
}

function eventText(row: Known | null, now: Detection, intake: Intake): string {
  const by = intake.stored === true ? ` In what was stored on ${new Date(now.seen).toISOString().slice(0, 10)}; no test was made.` : ''
  if (row === null) return `Found for the first time.${by}`
  if (row.retracted_at !== null) return `Found again, by the check as it is now.${by}`
  return `Found again after it had been fixed ${row.last_fixed?.toISOString().slice(0, 10) ?? ''}.${by}`
}

function findingOf(row: Known, now: Detection): Finding {
  return {
    signature: now.signature,
    at: now.at,
    status: row.status,
    first: row.first_found.getTime(),
    last: row.last_found.getTime(),
    ...(row.last_fixed === null ? {} : { fixed: row.last_fixed.getTime() }),
    ...(row.last_reopened === null ? {} : { reopened: row.last_reopened.getTime() }),
    times: row.times_found,
    timesReopened: row.times_reopened,
  }
}

function protoOf({ at }: Detection): string {
  return at.port === undefined ? '' : at.proto ?? 'tcp'
}

/**
 * What is known at the places of the detections, by their position. All findings of the hosts are read, by the one index that leads to them: given the
 * places too, the planner takes another, which has each check and port of all hosts together.
 */
async function readKnown({ sql, tenant }: Tx, detections: readonly Detection[]): Promise<ReadonlyMap<number, Known>> {
  const assets = [...new Set(detections.map((one) => one.at.asset))]
  const rows = await sql<(Known & Readonly<{ asset_id: string; signature_id: number; proto: string; port: number; instance: string }>)[]>`
    select f.asset_id, f.signature_id, f.proto, f.port, f.instance, f.id, f.status, f.first_found, f.last_found, f.last_fixed, f.last_reopened, f.times_found, f.times_reopened, f.last_scan,
      f.severity, f.type, f.score, f.probe, f.rated, f.retracted_at, e.via_at, e.hash
    from finding f left join finding_evidence e on e.tenant_id = f.tenant_id and e.finding_id = f.id
    where f.tenant_id = ${tenant} and f.asset_id = any(${assets}::uuid[])`
  const placeOf = (asset: string, signature: number, proto: string, port: number, instance: string): string => `${asset}|${signature}|${proto}|${port}|${instance}`
  const byPlace = new Map(rows.map((row) => [placeOf(row.asset_id, row.signature_id, row.proto, row.port, row.instance), row]))
  return new Map(detections.flatMap((one, place) => {
    const row = byPlace.get(placeOf(one.at.asset, one.signature, protoOf(one), one.at.port ?? 0, instanceOf(one.at)))
    return row === undefined ? [] : [[place, row] as const]
  }))
}

async function insertFindings({ sql, tenant }: Tx, intake: Intake, steps: readonly Step[], at: Date): Promise<void> {
  if (steps.length === 0) return
  const now = <T>(of: (one: Rated) => T): T[] => steps.map((step) => of(step.now))
  await sql`
    insert into finding (tenant_id, id, asset_id, signature_id, proto, port, instance, severity, rated, type, status, ignored, disabled, score, probe, login,
      first_found, last_found, times_found, times_reopened, last_scan)
    select ${tenant}, id, asset_id, signature_id, proto, port, instance, severity, rated, type, 'new', disabled::boolean, disabled::boolean, score, probe, false, ${at}, ${at}, 1, 0, ${intake.scan}
    from unnest(${steps.map((step) => step.id)}::uuid[], ${now((one) => one.at.asset)}::uuid[], ${now((one) => one.signature)}::int[], ${now(protoOf)}::text[],
      ${now((one) => one.at.port ?? 0)}::int[], ${now((one) => instanceOf(one.at))}::text[], ${now((one) => one.severity)}::smallint[], ${now((one) => one.type)}::text[],
      ${now((one) => one.score)}::smallint[], ${now(probeOf)}::text[], ${now((one) => one.rated) as number[]}::smallint[], ${now((one) => `${one.disabled}`)}::text[])
      as u (id, asset_id, signature_id, proto, port, instance, severity, type, score, probe, rated, disabled)
    on conflict (tenant_id, asset_id, signature_id, proto, port, instance) do nothing`
}

async function moveFindings({ sql, tenant }: Tx, intake: Intake, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return
  const next = <T>(of: (one: Finding) => T): T[] => steps.map((step) => of(step.next))
  const time = (value: number | undefined): string | null => (value === undefined ? null : new Date(value).toISOString())
  await sql`
    update finding f set status = u.status, last_found = u.last_found::timestamptz, last_reopened = u.last_reopened::timestamptz, times_found = u.times_found, times_reopened = u.times_reopened,
      severity = u.severity, rated = u.rated, type = u.type, score = u.score, probe = u.probe, last_scan = case when u.counted::boolean then f.last_scan else ${intake.scan}::uuid end,
      retracted_at = null
    from unnest(${steps.map((step) => step.id)}::uuid[], ${next((one) => one.status)}::text[], ${next((one) => time(one.last)) as string[]}::text[],
      ${next((one) => time(one.reopened)) as string[]}::text[], ${next((one) => one.times)}::int[], ${next((one) => one.timesReopened)}::int[],
      ${steps.map((step) => step.now.severity)}::smallint[], ${steps.map((step) => step.now.type)}::text[], ${steps.map((step) => step.now.score)}::smallint[],
      ${steps.map((step) => probeOf(step.now))}::text[], ${steps.map((step) => step.now.rated) as number[]}::smallint[],
      ${steps.map((step) => `${intake.stored === true && step.known?.status !== 'fixed'}`)}::text[])
      as u (id, status, last_found, last_reopened, times_found, times_reopened, severity, type, score, probe, rated, counted)
    where f.tenant_id = ${tenant} and f.id = u.id`
}

/** 8,192 characters a side, as the scanner was to cut it; what a scanner really sends is not believed. */
const longestProof = 8192

function hashOf(now: Detection): Buffer {
  const hash = createHash('sha256')
  for (const part of [now.result, now.note ?? '', `${now.version}`, now.evidence?.sent ?? '', now.evidence?.received ?? '', now.evidence?.note ?? '']) hash.update(part).update('\0')
  return hash.digest().subarray(0, 16)
}

async function keepEvidence({ sql, tenant }: Tx, intake: Intake, proofs: readonly Readonly<{ step: Pick<Step, 'id' | 'now'>; hash: Buffer }>[], at: Date): Promise<void> {
  for (let from = 0; from < proofs.length; from += 500) {
    const part = proofs.slice(from, from + 500)
    const now = <T>(of: (one: Detection) => T): T[] => part.map((proof) => of(proof.step.now))
    await sql`
      insert into finding_evidence (tenant_id, finding_id, at, probe, signature_version, scan_id, scanner_id, result, note, sent, received, hash, via_at)
      select ${tenant}, id, ${at}, probe, version, ${intake.scan}, ${intake.scanner}, result, note, sent, received, decode(hash, 'hex'), via_at::timestamptz
      from unnest(${part.map((proof) => proof.step.id)}::uuid[], ${now((one) => one.by)}::text[], ${now((one) => one.version)}::int[], ${now((one) => fit(one.result, 2000))}::text[],
        ${now((one) => noteOf(one)) as string[]}::text[], ${now((one) => fit(one.evidence?.sent ?? '', longestProof))}::text[],
        ${now((one) => fit(one.evidence?.received ?? '', longestProof))}::text[], ${part.map((proof) => proof.hash.toString('hex'))}::text[],
        ${now((one) => (intake.stored === true ? new Date(one.seen).toISOString() : null)) as string[]}::text[])
        as u (id, probe, version, result, note, sent, received, hash, via_at)
      on conflict (tenant_id, finding_id) do update set at = excluded.at, probe = excluded.probe, signature_version = excluded.signature_version, scan_id = excluded.scan_id,
        scanner_id = excluded.scanner_id, result = excluded.result, note = excluded.note, sent = excluded.sent, received = excluded.received, hash = excluded.hash,
        via_at = excluded.via_at`
  }
}

function noteOf(now: Detection): string | null {
  const parts = [now.note, now.evidence?.note].filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? null : fit(parts.join('\n'), 2000)
}
