import { needsDefaults } from '#core/default-facts.ts'
import { allows } from '#core/effect.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Software } from '#core/knowledge/affected.ts'
import type { Observation } from '#core/observation.ts'
import { instanceOf, type Place } from '#core/place.ts'
import type { Profile } from '#core/profile.ts'
import type { Detection } from '#core/signature.ts'
import { schemeOf } from '#core/version/ecosystem.ts'
import { orderOf } from '#core/version/scheme.ts'
import type { Tx } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { keepInventory } from '../asset/inventory.ts'
import { keepEndpoints } from '../certificate/keep.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { firstRange, isOfRange, isRange } from '../kb/range-check.ts'
import { lookedFor } from '../kb/search-list.ts'
import { publish } from '../live.ts'
import { endObservations } from '../observation/end.ts'
import { softwareOfRound, type ServiceSeen } from '../observation/host-software.ts'
import { internSoftware, keepSets, softwareOnHosts } from '../observation/inventory.ts'
import { addSeen, keepObservations, type Seen } from '../observation/keep.ts'
import type { Sighted } from '../observation/software.ts'
import { librariesSighted } from '../observation/used-libraries.ts'
import { checksByProbe, countChecks, type CheckLedger } from './check-ledger.ts'
import { closeFindings, type Ended, type Judging } from './close.ts'
import { addToAttempt, isClosed, noAttempt, type Attempt, type Covered, type Failed, type Judged } from './ledger.ts'
import { leftOpenBy } from './left-open.ts'
import { mergeDetections } from './merge.ts'
import { detectRanges, inCompany } from './range-detection.ts'
import { recountAssets } from './recount.ts'
import { detectTemplates } from './template-detection.ts'

/** What a batch of events belongs to. `now`: the platform's clock, Unix ms; a scanner's own is not believed. */
export type Intake = Readonly<{
  scan: string
  scanner: string | null
  profile: Pick<Profile, 'signatures' | 'exclude' | 'later' | 'templates' | 'intrusive' | 'fragile' | 'login'> & Partial<Pick<Profile, 'defaults'>>
  now: number
  /** Judged over what was stored, with no test: `scan` is the run that did it, and findings say `via`. */
  stored?: boolean
}>

/**
 * Takes events of hosts into the inventory, the findings, the stored observations and the ledger of coverage, in the caller's transaction, and answers what was
 * detected in them, as the organisation rates it. The same events taken twice in one scan change nothing the second time, so that a host may be scanned
 * again after a lease was lost. Nothing is closed before a host's `done`; after it, the host's events in this scan are not heard any more. What software there is
 * is compared with the ranges of the release when the host is through, since one product may tell of another. `knowledge` is asked for when the hosts
 * are locked, so that what is in force then judges them, and stored observations are never judged by less.
 */
export async function takeEvents(tx: Tx, inForce: Knowledge | (() => Knowledge), intake: Intake, events: readonly ScanEvent[]): Promise<readonly Detection[]> {
  const byAsset = Map.groupBy(events, (event) => (event.type === 'seen' ? event.seen.at.asset : event.asset))
  const rows = await openAttempts(tx, intake, [...byAsset.keys()])
  const knowledge = typeof inForce === 'function' ? inForce() : inForce
  const heard = events.filter((event) => rows.has(event.type === 'seen' ? event.seen.at.asset : event.asset))
  if (heard.length === 0) return []
  const judged = judgedBy(knowledge, intake.profile)
  const seen = heard.flatMap((event) => (event.type === 'seen' ? [event.seen] : []))
  const detections = distinct((await knowledge.judge(seen)).filter((one) => judged.judged(one.signature, one.by)).map(cleaned))
  const at = new Date(intake.now)
  const matched = await detectMatches(tx, knowledge, intake.profile, seen, at)
  const used = await detectLibraries(tx, knowledge, intake.profile, seen, detections, at)
  const kept = await keepObservations(tx, heard, at)
  const through: Through[] = []
  const leftOpen = leftOpenBy(knowledge.signatures)
  for (const [asset, row] of rows) {
    const own = byAsset.get(asset)!
    row.attempt = addToAttempt(row.attempt, own, leftOpen)
    row.seen = addSeen(own.some((event) => event.type === 'seen' && event.seen.kind === 'host') ? nothingSeen : row.seen, kept.get(asset))
    const done = own.find((event) => event.type === 'done')
    if (done !== undefined) through.push({ asset, address: done.address, row, outcome: done.outcome, why: fit(done.why, 500) })
  }
  const ranges = await endRound(tx, knowledge, intake.profile, through.filter((end) => end.outcome === 'scanned' || end.outcome === 'partial'), detections, at)
  const merged = await mergeDetections(tx, intake, [...detections, ...matched, ...used, ...ranges?.found ?? []], at)
  const ended: Ended[] = []
  for (const [asset, row] of rows) row.found = [...new Set([...row.found, ...(merged.byAsset.get(asset) ?? [])])]
  for (const { asset, row, outcome, why } of through) ended.push({ asset, outcome, why, attempt: row.attempt, found: new Set(row.found), closed: [] })
  await keepInventory(tx, heard, ended, at)
  await keepEndpoints(tx, intake.scan, heard, ended, at)
  const closed = await closeFindings(tx, intake.scan, ended, {
    ...judged, judged: (signature, probe) => (isOfRange({ signature, probe }) ? ranges?.isLookedFor(signature) === true : judged.judged(signature, probe)),
    isTold: (asset, one) => !isOfRange(one) || ranges?.isTold(asset, one) === true,
    isSame: (asset, one, result) => ranges?.isSame(asset, one, result) === true,
  }, at)
  await storeAttempts(tx, intake.scan, rows, ended, await ledgersOf(tx, knowledge, intake.profile, ended), at)
  const changed = new Set([...merged.changed, ...closed.changed])
  await recountAssets(tx, [...changed])
  if (changed.size > 0) {
    await publish(tx, 'finding.changed', { assets: [...changed].slice(0, 100), new: merged.fresh, reopened: merged.reopened, fixed: closed.fixed })
  }
  return merged.shown
}

type Through = Readonly<{ asset: string; address: string; row: Row; outcome: Ended['outcome']; why: string }>

type RangesOfRound = Readonly<{ found: readonly Detection[]; isLookedFor(check: number): boolean } & Pick<Judging, 'isTold' | 'isSame'>>

/**
 * Ends the look at these hosts: brings the times of their observations and their sets of software to it, and compares the software with the ranges. Null when no
 * release is in force: then no range was judged.
 */
async function endRound(tx: Tx, knowledge: Knowledge, profile: Intake['profile'], through: readonly Through[], detections: readonly Detection[], at: Date): Promise<RangesOfRound | null> {
  if (through.length === 0) return null
  await endObservations(tx, through.map(({ asset, row }) => ({ asset, attempt: row.attempt, seen: new Set(row.seen.seen) })), knowledge.signatures, at)
  const attempts = new Map(through.map(({ asset, row }) => [asset, row.attempt]))
  const round = await softwareOfRound(tx, through.map(({ asset, address, row }) => ({ asset, address, seen: row.seen })),
    (asset, probe) => attempts.get(asset)!.covered.some((line) => line.probe === probe && line.ports === ''))
  await internSoftware(tx, [...round.software.values()].flat().filter((one) => one.at.port !== undefined).map((one) => one.software), at)
  await keepSets(tx, round.sets, at)
  if (knowledge.ranges === null) return null
  const holding = await signaturesHeld(tx, through, detections)
  const context = await softwareOnHosts(tx, through.map((end) => end.asset).filter((asset) => round.software.get(asset)?.some(inCompany) === true))
  const hosts = through.map(({ asset }) => ({
    asset, software: round.software.get(asset) ?? [], context: context.get(asset) ?? [], holds: (signature: number, port: number) => holding.has(`${asset}|${signature}|${port}`),
  }))
  const found = await detectRanges(knowledge, hosts, at.getTime())
  if (found === null) return null
  const isLookedFor = await lookedFor(tx, profile, [...found.map((one) => one.signature), ...profile.later === undefined ? [] : await rangesOpen(tx, through)], at)
  const closed = new Map(through.map(({ asset, row }) => [asset, isClosed(row.attempt)]))
  return {
    found: distinct(found.filter((one) => isLookedFor(one.signature)).map(cleaned)), isLookedFor,
    isTold: (asset, one) => isTold(round.services.get(asset) ?? [], closed.get(asset)!, one) && !(round.software.get(asset) ?? []).some((piece) => isAt(piece, one) && !hasReadableVersion(piece.software)),
    isSame: (asset, one, result) => (round.software.get(asset) ?? []).some((piece) => isPieceOf(piece, one, result)),
  }
}

/** Whether it is of this piece, in whatever version, that the finding speaks. */
function isAt({ software, at }: Sighted, { port, package: name }: Parameters<Judging['isSame']>[1]): boolean {
  return (at.port ?? 0) === port && fit(software.name, 120) === name
}

/** The same in the very version: results of ranges begin with both. */
function isPieceOf(piece: Sighted, finding: Parameters<Judging['isSame']>[1], result: string): boolean {
  const { software } = piece
  const label = software.ecosystem === 'cpe' ? software.name.slice(software.name.indexOf(':') + 1) : software.name
  return isAt(piece, finding) && result.startsWith(`${label} ${software.version} `)
}

/** A version that is none of its package system lies in no range, and is not newer than any fix either. */
function hasReadableVersion({ ecosystem, version, sourceVersion }: Software): boolean {
  const order = orderOf(schemeOf(ecosystem))
  return order.read(version) !== null && (sourceVersion === undefined || order.read(sourceVersion) !== null)
}

/**
 * Whether it is known what is at the place of a range's finding now. A service that hides its version may be repaired or not, and so may one that says nothing behind an
 * open port; another product in its place is another.
 */
function isTold(services: readonly ServiceSeen[], closed: ReturnType<typeof isClosed>, { proto, port, path, package: name }: Parameters<Judging['isTold']>[1]): boolean {
  // What a page uses is told by the page.
  if (proto === '' || path !== '' || closed(proto, port)) return true
  const there = services.filter((one) => one.proto === proto && one.port === port)
  return there.some((one) => one.isTold) || (there.length > 0 && name.includes(':') && there.every((one) => one.product !== null && one.product !== name))
}

async function rangesOpen({ sql, tenant }: Tx, through: readonly Through[]): Promise<readonly number[]> {
  const rows = await sql<{ id: number }[]>`
    select distinct signature_id as id from finding
    where tenant_id = ${tenant} and asset_id = any(${through.map((end) => end.asset)}::uuid[]) and signature_id >= ${firstRange} and status <> 'fixed'`
  return rows.map((row) => row.id)
}

/** What the release says of the client-side libraries that these pages use. They need no company: each is judged as it comes. */
async function detectLibraries(tx: Tx, knowledge: Knowledge, profile: Intake['profile'], seen: readonly Observation[], detections: readonly Detection[], at: Date): Promise<readonly Detection[]> {
  const recognise = await knowledge.ranges?.libraries() ?? null
  const sighted = recognise === null ? [] : seen.flatMap((one) => librariesSighted(recognise, one))
  if (sighted.length === 0) return []
  const held = new Set(detections.map((one) => `${one.at.asset}|${one.signature}|${one.at.port ?? 0}`))
  const hosts = [...Map.groupBy(sighted, (one) => one.at.asset)].map(([asset, software]) => ({ asset, software, context: [], holds: (signature: number, port: number) => held.has(`${asset}|${signature}|${port}`) }))
  const found = await detectRanges(knowledge, hosts, at.getTime()) ?? []
  const isLookedFor = await lookedFor(tx, profile, found.map((one) => one.signature), at)
  return distinct(found.filter((one) => isLookedFor(one.signature)).map(cleaned))
}

async function detectMatches(tx: Tx, knowledge: Knowledge, profile: Intake['profile'], seen: readonly Observation[], at: Date): Promise<readonly Detection[]> {
  const found = await detectTemplates(knowledge, seen)
  if (found.length === 0) return []
  const isLookedFor = await lookedFor(tx, profile, found.map((one) => one.signature), at)
  return distinct(found.filter((one) => isLookedFor(one.signature)).map(cleaned))
}

/** `asset|signature|port` of what was found in this round, in these events or before. */
async function signaturesHeld({ sql, tenant }: Tx, through: readonly Through[], detections: readonly Detection[]): Promise<ReadonlySet<string>> {
  const found = through.flatMap(({ row }) => row.found)
  const before = found.length === 0 ? [] : await sql<{ asset_id: string; signature: number; port: number }[]>`
    select asset_id, signature_id as signature, port from finding
    where tenant_id = ${tenant} and asset_id = any(${through.map((end) => end.asset)}::uuid[]) and id = any(${found}::uuid[]) and status <> 'fixed'`
  return new Set([
    ...before.map((row) => `${row.asset_id}|${row.signature}|${row.port}`),
    ...detections.map((one) => `${one.at.asset}|${one.signature}|${one.at.port ?? 0}`),
  ])
}

/** A release without ranges judges none; which of its ranges a check is of, the caller knows. */
export function judgedBy(knowledge: Knowledge, profile: Intake['profile']): Judged {
  const only = profile.signatures === 'all' ? null : new Set(profile.signatures)
  const not = new Set(profile.exclude)
  return {
    judged: (id) => (knowledge.signatures.has(id) || (isRange(id) && knowledge.ranges !== null)) && !not.has(id) && (only === null || only.has(id)),
    // What only default logins show is not gone because nobody tried them.
    asks: (id) => {
      const signature = knowledge.signatures.get(id)
      return signature !== undefined && (signature.ask !== undefined || (profile.defaults !== undefined && !(profile.defaults && allows(profile, 'login')) && needsDefaults(signature)))
    },
  }
}

const longestInstance = 500

/** What a target said goes into keys and columns: bounded and storable. */
export function cleaned(detection: Detection): Detection {
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
export function distinct(detections: readonly Detection[]): readonly Detection[] {
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

/** What became of every check, of the hosts that are through. */
async function ledgersOf(tx: Tx, knowledge: Knowledge, profile: Intake['profile'], ended: readonly Ended[]): Promise<ReadonlyMap<string, CheckLedger>> {
  if (ended.length === 0) return new Map()
  const held = await checksHeld(tx, ended)
  const run = profile.templates === 'off' || profile.fragile === true ? [] : await knowledge.templates?.all() ?? []
  const judged = judgedBy(knowledge, profile)
  const checks = checksByProbe(knowledge.signatures.values(), run.filter((one) => allows(profile, one.effect)).map((one) => one.check), (check) => judged.judged(check, ''))
  return new Map(ended.map((end) => [end.asset, countChecks(checks, end.attempt, held.get(end.asset) ?? new Set(), end.outcome)]))
}

async function checksHeld({ sql, tenant }: Tx, ended: readonly Ended[]): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const rows = await sql<{ asset_id: string; checks: number[] }[]>`
    select asset_id, array_agg(signature_id) as checks from finding
    where tenant_id = ${tenant} and asset_id = any(${ended.map((end) => end.asset)}::uuid[]) and id = any(${ended.flatMap((end) => [...end.found])}::uuid[]) group by asset_id`
  return new Map(rows.map((row) => [row.asset_id, new Set(row.checks)]))
}

type Row = { attempt: Attempt; found: readonly string[]; seen: Seen }
const nothingSeen: Seen = { seen: [], packages: {} }

/**
 * Locks the hosts, so that two scans of one host merge one after the other, and reads what this scan said of them before. Hosts that are
 * unknown, or through in this scan, are left out.
 */
async function openAttempts({ sql, tenant }: Tx, intake: Intake, assets: readonly string[]): Promise<Map<string, Row>> {
  const known = await sql<{ id: string }[]>`
    select id from asset_host where tenant_id = ${tenant} and id = any(${assets as string[]}::uuid[]) order by id for update`
  const ids = known.map((row) => row.id)
  const stored = await sql<{ asset_id: string; outcome: string | null; covered: Covered[]; failed: Failed[]; open: string; found: string[]; seen: string[]; packages: Record<string, string[]> }[]>`
    select asset_id, outcome, covered, failed, open, found, seen::text[] as seen, packages from asset_scan
    where tenant_id = ${tenant} and scan_id = ${intake.scan} and asset_id = any(${ids}::uuid[])`
  const rows = new Map<string, Row>(ids.map((id) => [id, { attempt: noAttempt, found: [], seen: nothingSeen }]))
  for (const row of stored) {
    if (row.outcome !== null) rows.delete(row.asset_id)
    else rows.set(row.asset_id, { attempt: { covered: row.covered, failed: row.failed, open: row.open }, found: row.found, seen: { seen: row.seen, packages: row.packages } })
  }
  return rows
}

async function storeAttempts({ sql, tenant }: Tx, scan: string, rows: ReadonlyMap<string, Row>, ended: readonly Ended[], ledgers: ReadonlyMap<string, CheckLedger>, at: Date): Promise<void> {
  const ends = new Map(ended.map((end) => [end.asset, end]))
  const list = [...rows].map(([asset, row]) => {
    const end = ends.get(asset)
    return {
      asset, outcome: end?.outcome ?? null, why: end?.why ?? '', covered: row.attempt.covered, failed: row.attempt.failed, open: row.attempt.open,
      found: row.found, closed: end?.closed ?? [], checks: ledgers.get(asset) ?? {},
      // Told once, and of no more use when the host is through.
      seen: end === undefined ? row.seen.seen : [], packages: end === undefined ? row.seen.packages : {},
    }
  })
  await sql`
    insert into asset_scan (tenant_id, scan_id, asset_id, started_at, ended_at, outcome, why, covered, failed, open, found, closed, checks, seen, packages)
    select ${tenant}, ${scan}, asset, ${at}::timestamptz, case when outcome is null then null else ${at}::timestamptz end, outcome, why, covered, failed, open, found, closed, checks, seen, packages
    from jsonb_to_recordset(${sql.json(list as never)}) as r (asset uuid, outcome text, why text, covered jsonb, failed jsonb, open text, found uuid[], closed uuid[], checks jsonb, seen bigint[], packages jsonb)
    on conflict (tenant_id, scan_id, asset_id) do update set ended_at = excluded.ended_at, outcome = excluded.outcome, why = excluded.why,
      covered = excluded.covered, failed = excluded.failed, open = excluded.open, found = excluded.found, closed = excluded.closed, checks = excluded.checks,
      seen = excluded.seen, packages = excluded.packages`
}
