import { nameKey } from '#core/knowledge/software-name.ts'
import type { Observation } from '#core/observation.ts'
import type { Detection } from '#core/signature.ts'
import { compileJudge } from '#core/judge.ts'
import type { VulnerabilityDetail } from '#knowledge/knowledge-base.ts'
import type { Tx } from '#store/store.ts'
import { assetInScope } from '../asset/list.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { observationOf } from './body.ts'
import { softwareOf } from './inventory.ts'

const day = 86_400_000
const observationsAtOnce = 500
/** Stored observations that one question looks into at most. */
const mostObservations = 200_000

export type Had = Readonly<{
  kind: 'software' | 'observation'; text: string; ecosystem: string | null; name: string | null; version: string | null; port: number | null; proto: 'tcp' | 'udp' | null; origin: string
  type: 'confirmed' | 'potential'; first: Date; last: Date; gone: Date | null
}>
export type ExposedHost = Readonly<{ id: string; address: string | null; name: string | null; impact: number; had: readonly Had[]; still: boolean }>
export type Exposure = Readonly<{ hosts: readonly ExposedHost[]; total: number; still: number; storedSince: Date | null; software: number }>

/** What of the organisation's own is affected by a vulnerability, by what is known today: software by the ranges, observations by our checks that name it. */
export type Affecting = Readonly<{ software: ReadonlyMap<string, 'confirmed' | 'potential'>; observed: ReadonlyMap<string, Detection> }>

/** Works out which software and which stored observations of that day a vulnerability speaks of. Slow work in several small reads; the rest is one query. */
export async function affectedBy(tx: Tx, knowledge: Knowledge, about: Pick<VulnerabilityDetail, 'id' | 'name' | 'affected'>, on: Date): Promise<Affecting> {
  return { software: await softwareAffected(tx, knowledge, about), observed: await observationsAffected(tx, knowledge, about.name, on) }
}

/** Each piece by itself: what else was on a host that day decides about conditions only, and is left out. */
async function softwareAffected({ sql, tenant }: Tx, knowledge: Knowledge, { id, affected }: Pick<VulnerabilityDetail, 'id' | 'affected'>): Promise<ReadonlyMap<string, 'confirmed' | 'potential'>> {
  const keys = [...new Set(affected.map((one) => nameKey(one.affected.product.name)))]
  if (knowledge.ranges === null || keys.length === 0) return new Map()
  const rows = await sql<(Parameters<typeof softwareOf>[0])[]>`
    select id::text as id, ecosystem, name, version, part, source, source_version, architecture from software
    where tenant_id = ${tenant} and (name_key = any(${keys}::text[]) or source_key = any(${keys}::text[])) limit 50000`
  const found = await knowledge.ranges.match(rows.map((row) => ({ pieces: [{ id: row.id, software: softwareOf(row) }], context: [] })))
  return new Map(rows.flatMap((row, place) => {
    const hit = found[place]!.get(row.id)?.find((one) => one.check === id)
    return hit === undefined ? [] : [[row.id, hit.type] as const]
  }))
}

async function observationsAffected({ sql, tenant }: Tx, knowledge: Knowledge, cve: string, on: Date): Promise<ReadonlyMap<string, Detection>> {
  const signatures = knowledge.naming(cve).filter((one) => one.type !== 'information')
  const found = new Map<string, Detection>()
  if (signatures.length === 0) return found
  const judge = compileJudge(signatures)
  const kinds = [...new Set(signatures.map((one) => one.on as string))]
  type Row = Readonly<{ asset_id: string; id: string; kind: string; probe: string; first_seen: Date; body: Uint8Array }>
  let after: readonly [string, string, Date] = ['00000000-0000-0000-0000-000000000000', '-9223372036854775808', new Date(0)]
  for (let read = 0; read < mostObservations; read += observationsAtOnce) {
    const rows: readonly Row[] = await sql<Row[]>`
      select asset_id, id::text as id, kind, probe, first_seen, body from observation
      where tenant_id = ${tenant} and (asset_id, id, first_seen) > (${after[0]}::uuid, ${after[1]}::bigint, ${after[2]}) and kind = any(${kinds}::text[])
        and first_seen < ${new Date(on.getTime() + day)} and (gone_at is null or gone_at >= ${on})
      order by asset_id, id, first_seen limit ${observationsAtOnce}`
    for (const row of rows) {
      const seen: Observation | null = observationOf(row, row.asset_id, row.first_seen.getTime())
      const held = seen === null ? undefined : judge(seen)[0]
      if (held !== undefined) found.set(`${row.asset_id}|${row.id}`, held)
    }
    const last = rows.at(-1)
    if (rows.length < observationsAtOnce || last === undefined) break
    after = [last.asset_id, last.id, last.first_seen]
  }
  return found
}

type HadRow = Readonly<{
  asset_id: string; address: string | null; name: string | null; impact: number; kind: 'software' | 'observation'; item: string; ecosystem: string | null; product: string | null; version: string | null
  port: number | null; proto: 'tcp' | 'udp' | null; origin: string; first: Date; last: Date; gone: Date | null
}>

/** Hosts that had it on that day (UTC), in one query over the intervals; of what the reader may see. `after`: id of the last host of the page before. */
export async function exposureOn(tx: Tx, { software, observed }: Affecting, on: Date, scope: ScopeGroups, after: string | null, limit: number): Promise<Exposure> {
  const { sql, tenant } = tx
  const end = new Date(on.getTime() + day)
  const seen = [...observed.keys()].map((key) => key.split('|') as [string, string])
  const rows = await sql<(HadRow & Readonly<{ total: number; still_total: number; pieces: number }>)[]>`
    with had as (
      select s.asset_id, 'software' as kind, w.id as item, w.ecosystem, w.name as product, w.version, null::int as port, null::text as proto, s.origin, s.first_seen as first, s.last_seen as last, s.gone_at as gone
      from asset_software s cross join lateral unnest(s.items) as i (id) join software w on w.id = i.id
      where s.tenant_id = ${tenant} and w.tenant_id = ${tenant} and s.items && ${[...software.keys()]}::bigint[] and i.id = any(${[...software.keys()]}::bigint[])
        and s.first_seen < ${end} and (s.gone_at is null or s.gone_at >= ${on})
      union all
      select o.asset_id, 'observation', o.id, null, null, null, nullif(o.port, 0), nullif(o.proto, ''), o.probe, o.first_seen, coalesce(o.last_seen, h.observed_at, o.first_seen), o.gone_at
      from unnest(${seen.map(([asset]) => asset)}::uuid[], ${seen.map(([, id]) => id)}::bigint[]) as u (asset_id, id)
      join observation o on o.asset_id = u.asset_id and o.id = u.id join asset_host h on h.tenant_id = o.tenant_id and h.id = o.asset_id
      where o.tenant_id = ${tenant} and h.tenant_id = ${tenant} and o.first_seen < ${end} and (o.gone_at is null or o.gone_at >= ${on})
    ), exposed as (
      select h.id, host(h.address) as address, h.name, h.impact, bool_or(had.gone is null) as still
      from had join asset_host h on h.id = had.asset_id where h.tenant_id = ${tenant} ${assetInScope(tx, scope)} group by h.tenant_id, h.id, h.address, h.name, h.impact
    ), page as (
      select id, address, name, impact from exposed ${after === null ? sql`` : sql`where id > ${after}::uuid`} order by id limit ${limit}
    )
    select page.id as asset_id, page.address, page.name, page.impact, had.kind, had.item::text as item, had.ecosystem, had.product, had.version, had.port, had.proto, had.origin, had.first, had.last, had.gone,
      (select count(*)::int from exposed) as total, (select count(*)::int from exposed where still) as still_total,
      (select count(distinct o.item)::int from had o join exposed e on e.id = o.asset_id where o.kind = 'software') as pieces
    from page join had on had.asset_id = page.id order by page.id, had.first, had.item`
  const [oldest] = await sql<{ at: Date | null }[]>`
    select least((select min(first_seen) from observation where tenant_id = ${tenant}), (select min(first_seen) from asset_software where tenant_id = ${tenant})) as at`
  const hosts = [...Map.groupBy(rows, (row) => row.asset_id)].map(([id, own]): ExposedHost => ({
    id, address: own[0]!.address, name: own[0]!.name, impact: own[0]!.impact, still: own.some((row) => row.gone === null), had: own.slice(0, 100).map((row) => hadOf(row, software, observed)),
  }))
  return { hosts, total: rows[0]?.total ?? 0, still: rows[0]?.still_total ?? 0, storedSince: oldest?.at ?? null, software: scope === null ? software.size : rows[0]?.pieces ?? 0 }
}

function hadOf(row: HadRow, software: Affecting['software'], observed: Affecting['observed']): Had {
  const detection = row.kind === 'observation' ? observed.get(`${row.asset_id}|${row.item}`) : undefined
  const type = detection === undefined ? software.get(row.item) ?? 'potential' : detection.type === 'confirmed' ? 'confirmed' : 'potential'
  return {
    kind: row.kind, text: detection?.result ?? `${row.product ?? ''} ${row.version ?? ''}`, ecosystem: row.ecosystem, name: row.product, version: row.version, port: row.port, proto: row.proto,
    origin: row.origin.replace(/^upload:/, ''), type, first: row.first, last: row.last, gone: row.gone,
  }
}
