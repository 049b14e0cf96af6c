import type { Observation } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import type { Detection, Signature } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import { recordEvents } from '../finding/event.ts'
import { cleaned, distinct, keyOf } from '../finding/intake.ts'
import { mergeDetections, probeOf } from '../finding/merge.ts'
import { detectRanges, inCompany, type HostSoftware } from '../finding/range-detection.ts'
import { recountAssets } from '../finding/recount.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { isRange } from '../kb/range-check.ts'
import { publish } from '../live.ts'
import type { Change } from './change.ts'
import { packageSighted, services, uploadProbe } from './host-software.ts'
import { readSoftware, softwareOnHosts } from './inventory.ts'
import { readObservations } from './keep.ts'
import { sightedOf, type Sighted } from './software.ts'
import { librariesSighted } from './used-libraries.ts'

export type Rejudged = Readonly<{ fresh: number; reopened: number; retracted: number }>
export type Rejudging = Readonly<{
  knowledge: Knowledge
  change: Change
  /** Ids of the organisation's software of which the release says something else now; null: all of it. */
  wanted: readonly string[] | null
  /** Stands as the scan of what is found. */
  run: string
}>

type Host = Readonly<{ id: string; address: string }>
type Open = Readonly<{ id: string; asset_id: string; signature: number; proto: string; port: number; instance: string; probe: string; severity: number; type: string }>

/**
 * Judges what is stored of these hosts by what changed: what holds now and did not becomes a finding, `via` the stored observation; what held and does not any more, on
 * the same stored observation, is ended, and its event says that the check changed. What is not stored changes nothing. All of it in the caller's transaction, under
 * the locks of the hosts, so that no scan writes between what was read and what is concluded of it. The same again changes nothing.
 */
export async function rejudgeHosts(tx: Tx, { knowledge, change, wanted, run }: Rejudging, hosts: readonly string[], now: number): Promise<Rejudged> {
  const { sql, tenant } = tx
  const locked = await sql<Host[]>`
    select id, coalesce(host(address), identity) as address from asset_host where tenant_id = ${tenant} and id = any(${hosts as string[]}::uuid[]) order by id for update`
  const ids = locked.map((host) => host.id)
  if (ids.length === 0) return { fresh: 0, reopened: 0, retracted: 0 }
  const open = await sql<Open[]>`
    select id, asset_id, signature_id as signature, proto, port, instance, probe, severity, type from finding where tenant_id = ${tenant} and asset_id = any(${ids}::uuid[]) and status <> 'fixed'`
  const observed = await readObservations(tx, ids, change.kinds)
  const seen = observed.map((one) => one.seen)
  const bySignature = seen.length === 0 ? [] : distinct((await change.judge(seen)).map(cleaned))
  const inventory = joined(await inventoryOf(tx, { change, wanted }, locked, observed), await librariesOf(tx, knowledge, change, ids, observed))
  const settled = open.filter((one) => !change.withdrawn.has(one.signature) && !change.signatures.has(one.signature))
  const context = await softwareOnHosts(tx, inventory.filter((host) => host.software.some(inCompany)).map((host) => host.asset))
  const byRange = await rangesOf(knowledge, inventory.map((host) => ({ ...host, context: context.get(host.asset) ?? [] })), settled, bySignature, now)
  const detections = [...bySignature, ...byRange ?? []]
  const at = new Date(now)
  const intake = { scan: run, scanner: null, profile: { signatures: 'all', exclude: [] }, now, stored: true } as const
  const merged = await mergeDetections(tx, intake, detections, at)
  const holding = new Set([...merged.byAsset.values()].flat())
  const ended = endedBy(open.filter((one) => !holding.has(one.id)), change, seen, byRange === null ? [] : inventory)
  await retract(tx, ended, at)
  const changed = [...new Set([...merged.changed, ...ended.map(({ finding }) => finding.asset_id)])]
  await recountAssets(tx, changed)
  if (changed.length > 0) await publish(tx, 'finding.changed', { assets: changed.slice(0, 100), new: merged.fresh, reopened: merged.reopened, fixed: 0 })
  return { fresh: merged.fresh, reopened: merged.reopened, retracted: ended.filter(({ finding }) => finding.type !== 'information').length }
}

/** A piece of software in question, where it is. */
type InQuestion = Readonly<{ asset: string; software: readonly Sighted[] }>

/**
 * Software of which the release says something else now; with every product of the host's services, if it is of one of them, since a condition may need two, or if
 * checks of ours changed that decide over products.
 */
async function inventoryOf(tx: Tx, { change, wanted }: Pick<Rejudging, 'change' | 'wanted'>, hosts: readonly Host[], observed: Awaited<ReturnType<typeof readObservations>>): Promise<readonly InQuestion[]> {
  if (change.ranges === 'none' && !change.products) return []
  const sets = await setsInQuestion(tx, hosts.map((host) => host.id), change.ranges === 'none' ? [] : wanted, change.products)
  const packages = sets.filter((set) => set.origin !== services)
  const known = await readSoftware(tx, [...new Set(packages.flatMap((set) => set.items))])
  const served = new Set(sets.filter((set) => set.origin === services).map((set) => set.asset_id))
  const looked = change.kinds.includes('service') ? observed : await readObservations(tx, [...served], ['service'])
  const byAsset = Map.groupBy(looked.filter(({ row }) => row.kind === 'service' && served.has(row.asset_id)), ({ row }) => row.asset_id)
  const setsOf = Map.groupBy(packages, (set) => set.asset_id)
  return hosts.map((host) => ({
    asset: host.id,
    software: [
      ...(byAsset.get(host.id) ?? []).flatMap(({ seen }) => sightedOf(seen as Observation<'service'>) ?? []),
      ...(setsOf.get(host.id) ?? []).flatMap((set) => set.items.flatMap((id) => {
        const one = known.get(id)
        return one === undefined ? [] : [packageSighted(id, one, { asset: host.id, address: host.address }, probeOfOrigin(set.origin), set.last_seen.getTime())]
      })),
    ],
  })).filter((one) => one.software.length > 0)
}

/** Client-side libraries that stored pages use, when the release says something else of any or recognises them otherwise. */
async function librariesOf(tx: Tx, knowledge: Knowledge, { ranges, kinds }: Change, assets: readonly string[], observed: Awaited<ReturnType<typeof readObservations>>): Promise<readonly InQuestion[]> {
  if (ranges !== 'all' && (ranges === 'none' || !ranges.libraries)) return []
  const recognise = await knowledge.ranges?.libraries() ?? null
  if (recognise === null) return []
  const pages = kinds.includes('http') ? observed : await readObservations(tx, assets, ['http'])
  return [...Map.groupBy(pages.flatMap(({ seen }) => librariesSighted(recognise, seen)), (one) => one.at.asset)].map(([asset, software]) => ({ asset, software }))
}

function joined(one: readonly InQuestion[], other: readonly InQuestion[]): readonly InQuestion[] {
  return [...Map.groupBy([...one, ...other], (host) => host.asset)].map(([asset, parts]) => ({ asset, software: parts.flatMap((part) => part.software) }))
}

type SetRow = Readonly<{ asset_id: string; origin: string; last_seen: Date; items: string[] }>

/** The sets in force that hold any of `wanted`, with those alone; null: whole. `products`: those of services whatever they hold. */
async function setsInQuestion({ sql, tenant }: Tx, assets: readonly string[], wanted: readonly string[] | null, products: boolean): Promise<readonly SetRow[]> {
  const of = sql`s.tenant_id = ${tenant} and s.asset_id = any(${assets as string[]}::uuid[]) and s.gone_at is null`
  if (wanted === null) return sql<SetRow[]>`select s.asset_id, s.origin, s.last_seen, s.items::text[] as items from asset_software s where ${of}`
  const holding = wanted.length === 0 ? [] : await sql<SetRow[]>`
    select s.asset_id, s.origin, s.last_seen, array_agg(i.id::text) as items
    from asset_software s cross join lateral unnest(s.items) as i (id) join unnest(${wanted as string[]}::bigint[]) as w (id) on w.id = i.id
    where ${of} group by s.asset_id, s.origin, s.last_seen`
  if (!products) return holding
  const all = await sql<SetRow[]>`select s.asset_id, s.origin, s.last_seen, '{}'::text[] as items from asset_software s where ${of} and s.origin = ${services}`
  return [...holding.filter((set) => set.origin !== services), ...all]
}

/** Sets of scans are named after their probe; those that people upload have a name of their own. */
export function probeOfOrigin(origin: string): string {
  return origin.startsWith('upload:') ? uploadProbe(origin.slice('upload:'.length)) : origin
}

async function rangesOf(knowledge: Knowledge, inventory: readonly Omit<HostSoftware, 'holds'>[], open: readonly Open[], found: readonly Detection[], now: number): Promise<readonly Detection[] | null> {
  if (knowledge.ranges === null) return null
  if (inventory.length === 0) return []
  const held = new Set([...open.map((one) => `${one.asset_id}|${one.signature}|${one.port}`), ...found.map((one) => `${one.at.asset}|${one.signature}|${one.at.port ?? 0}`)])
  const detected = await detectRanges(knowledge, inventory.map((host) => ({ ...host, holds: (signature: number, port: number) => held.has(`${host.asset}|${signature}|${port}`) })), now)
  return detected === null ? null : distinct(detected.map(cleaned))
}

type Ended = Readonly<{ finding: Open; text: string }>

/** Open findings that do not hold any more on what is stored. What is not stored of their place says nothing. */
function endedBy(open: readonly Open[], change: Change, seen: readonly Observation[], inventory: readonly InQuestion[]): readonly Ended[] {
  const place = (signature: number, at: Place, by: string): string => `${keyOf({ signature, at: cleaned({ at, by, signature: 0 } as Detection).at })}|${probeOf({ by })}`
  const byKind = Map.groupBy(seen, (one) => one.kind as string)
  const judged = new Set([...change.signatures.values()].flatMap((signature: Signature) => (byKind.get(signature.on) ?? []).map((one) => place(signature.id, one.at, one.by))))
  const compared = new Set(inventory.flatMap((host) => host.software.map((one) => place(0, one.at, one.by))))
  return open.flatMap((finding): Ended[] => {
    const key = (signature: number): string => `${finding.asset_id}|${signature}|${finding.proto}|${finding.port}|${finding.instance}|${finding.probe}`
    if (change.withdrawn.has(finding.signature)) return [{ finding, text: 'The check was withdrawn. Nobody tested whether the finding is still there.' }]
    if (judged.has(key(finding.signature))) return [{ finding, text: 'The check changed, and does not hold on what was seen. Nobody tested again.' }]
    if (!isRange(finding.signature) || !compared.has(key(0))) return []
    return [{ finding, text: 'The KnowledgeBase does not say any more that this version is affected, or a check of ours decides it now. Nobody tested again.' }]
  })
}

async function retract(tx: Tx, ended: readonly Ended[], at: Date): Promise<void> {
  if (ended.length === 0) return
  const { sql, tenant } = tx
  await sql`update finding set status = 'fixed', retracted_at = ${at} where tenant_id = ${tenant} and id = any(${ended.map(({ finding }) => finding.id)}::uuid[])`
  await recordEvents(tx, ended.map(({ finding, text }) => ({
    finding: finding.id, asset: finding.asset_id, signature: finding.signature, severity: finding.severity, type: finding.type, kind: 'retracted' as const, text,
  })), at)
}
