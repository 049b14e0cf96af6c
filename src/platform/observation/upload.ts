import type { InventoryRead } from '#formats/inventory/inventory.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { requireAsset } from '../asset/detail.ts'
import { scopeGroups } from '../asset/scope.ts'
import { fit } from '../asset/text.ts'
import { audit } from '../audit/audit.ts'
import { recordEvents } from '../finding/event.ts'
import { cleaned, distinct } from '../finding/intake.ts'
import { mergeDetections } from '../finding/merge.ts'
import { detectRanges } from '../finding/range-detection.ts'
import { recountAssets } from '../finding/recount.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { firstRange } from '../kb/range-check.ts'
import { publish } from '../live.ts'
import { packageSighted, services, uploadProbe } from './host-software.ts'
import { internSoftware, keepSets, readSoftware, softwareOnHosts } from './inventory.ts'
import { probeOfOrigin } from './rejudge-hosts.ts'

export type Uploaded = Readonly<{ total: number; added: number; gone: number; matched: boolean; findings: Readonly<{ new: number; reopened: number; fixed: number }> }>

/**
 * Takes an inventory of a host from somebody: the whole of what `origin` says is on it. It is a test of these packages like one of a scanner: what it holds is judged, and
 * findings of this origin whose package is gone or has another version are fixed; no other origin's are. One that says the same again is a test too.
 */
export async function uploadPackages(tx: Tx, inForce: () => Knowledge, actor: Actor, asset: string, origin: string, read: InventoryRead, now: number): Promise<Uploaded> {
  const { sql, tenant } = tx
  await requireAsset(tx, asset, await scopeGroups(tx, actor.scope))
  const [host] = await sql<{ identity: string; address: string }[]>`
    select identity, coalesce(host(address), identity) as address from asset_host where tenant_id = ${tenant} and id = ${asset} for update`
  const knowledge = inForce()
  const at = new Date(now)
  const run = newId(now)
  const items = await internSoftware(tx, read.software, at)
  const [changed] = await keepSets(tx, [{ asset, origin: `upload:${origin}`, items }], at)
  const before = new Set(changed?.before ?? items)
  const known = new Set(items)
  const findings = await judge(tx, knowledge, { asset, address: host!.address, origin, run }, now)
  const total = items.length
  const [added, gone] = [items.filter((id) => !before.has(id)).length, [...before].filter((id) => !known.has(id)).length]
  await audit(tx, {
    actor, action: 'asset.packages_uploaded', object: { kind: 'asset', id: asset, name: host!.identity },
    details: { origin, format: read.format, total, added, gone, unused: Object.fromEntries([...read.unused].map(([reason, one]) => [reason, one.count])), run },
  }, at)
  return { total, added, gone, matched: findings !== null, findings: findings ?? { new: 0, reopened: 0, fixed: 0 } }
}

type About = Readonly<{ asset: string; address: string; origin: string; run: string }>

/** All packages of the host, of whatever origin: what another one holds too is not gone when this one drops it. Null when no release is in force. */
async function judge(tx: Tx, knowledge: Knowledge, { asset, address, origin, run }: About, now: number): Promise<Uploaded['findings'] | null> {
  const { sql, tenant } = tx
  const own = uploadProbe(origin)
  const sets = await sql<{ origin: string; items: string[]; last_seen: Date }[]>`
    select origin, items::text[] as items, last_seen from asset_software where tenant_id = ${tenant} and asset_id = ${asset} and gone_at is null and origin <> ${services}`
  const software = await readSoftware(tx, [...new Set(sets.flatMap((set) => set.items))])
  // What this origin says now comes first, so that a finding of several is this one's.
  const ordered = sets.toSorted((a, b) => Number(probeOfOrigin(b.origin) === own) - Number(probeOfOrigin(a.origin) === own))
  const sighted = ordered.flatMap((set) => set.items.flatMap((id) => {
    const one = software.get(id)
    return one === undefined ? [] : [packageSighted(id, one, { asset, address }, probeOfOrigin(set.origin), set.last_seen.getTime())]
  }))
  const open = await sql<{ id: string; signature: number; port: number; severity: number; type: string; probe: string }[]>`
    select id, signature_id as signature, port, severity, type, probe from finding where tenant_id = ${tenant} and asset_id = ${asset} and status <> 'fixed'`
  const found = await detectRanges(knowledge, [{ asset, software: sighted, context: (await softwareOnHosts(tx, [asset])).get(asset) ?? [], holds: (signature, port) => open.some((one) => one.signature === signature && one.port === port) }], now)
  if (found === null) return null
  const all = distinct(found.map(cleaned))
  const at = new Date(now)
  // Only what this origin says was tested now; the others' are as they were.
  const merged = await mergeDetections(tx, { scan: run, scanner: null, profile: { signatures: 'all', exclude: [] }, now }, all.filter((one) => one.by === own), at)
  const held = new Set(merged.byAsset.get(asset))
  const elsewhere = new Set(all.filter((one) => one.by !== own).map((one) => `${one.signature}|${one.at.package ?? ''}`))
  const ended = (await sql<{ id: string; signature: number; severity: number; type: string; instance: string; result: string }[]>`
    select f.id, f.signature_id as signature, f.severity, f.type, f.instance, coalesce(e.result, '') as result
    from finding f left join finding_evidence e on e.tenant_id = f.tenant_id and e.finding_id = f.id
    where f.tenant_id = ${tenant} and f.asset_id = ${asset} and f.status <> 'fixed' and f.probe = ${own} and f.signature_id >= ${firstRange}`)
    .filter((one) => !held.has(one.id) && !elsewhere.has(`${one.signature}|${one.instance.split('|').at(-1) ?? ''}`))
  // Of a version that is listed still nothing was repaired: it is judged otherwise now.
  const listed = new Map(Map.groupBy(sighted.filter((one) => one.by === own), (one) => fit(one.software.name, 120)))
  const isListed = (one: (typeof ended)[number]): boolean =>
    listed.get(one.instance.split('|').at(-1) ?? '')?.some(({ software }) => one.result.startsWith(`${software.name} ${software.version} `)) === true
  const [gone, otherwise] = [ended.filter((one) => !isListed(one)), ended.filter(isListed)]
  if (ended.length > 0) {
    await sql`
      update finding set status = 'fixed', last_fixed = case when id = any(${gone.map((one) => one.id)}::uuid[]) then ${at}::timestamptz else last_fixed end,
        retracted_at = case when id = any(${otherwise.map((one) => one.id)}::uuid[]) then ${at}::timestamptz end
      where tenant_id = ${tenant} and id = any(${ended.map((one) => one.id)}::uuid[])`
    const eventOf = (one: (typeof ended)[number]) => ({ finding: one.id, asset, signature: one.signature, severity: one.severity, type: one.type })
    await recordEvents(tx, [
      ...gone.map((one) => ({ ...eventOf(one), kind: 'fixed' as const, text: `The inventory "${origin}" does not hold this version any more.` })),
      ...otherwise.map((one) => ({ ...eventOf(one), kind: 'retracted' as const, text: `The inventory "${origin}" holds the same version, which is judged otherwise now.` })),
    ], at)
  }
  if (merged.changed.length + ended.length > 0) {
    await recountAssets(tx, [asset])
    await publish(tx, 'finding.changed', { assets: [asset], new: merged.fresh, reopened: merged.reopened, fixed: gone.length })
  }
  return { new: merged.fresh, reopened: merged.reopened, fixed: gone.filter((one) => one.type !== 'information').length }
}
