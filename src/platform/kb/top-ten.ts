import type { Store, Tx } from '#store/store.ts'
import { assetInScope } from '../asset/list.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import type { Fragment, Sql } from '#store/store.ts'

export type Side = 'internal' | 'external'
export const topDays = 90
const fewestTenants = 5
/** Severity weights; others do not enter. */
const weights = { 5: 1, 4: 0.6 } as const

export type TopRow = Readonly<{ side: Side; rank: number; signature: number; severity: number; exploited: boolean; hosts: number; scanned: number; score: number }>
export type TopCheck = TopRow & Readonly<{ title: string; cve: string[] }>
export type TopTen = Readonly<{ at: Date; scanned: Readonly<Record<Side, number>>; items: readonly TopCheck[] }>

/** Reached from anywhere: neither private, shared, loopback nor link-local. Of `asset_host h`. */
const isPublic = (sql: Sql): Fragment => sql`(h.address is not null and not h.address <<= any(array['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10',
  '127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10']::inet[]))`

const since = (now: Date): Date => new Date(now.getTime() - topDays * 86_400_000)

/** The ten of each side: share of the hosts that answered a test in the last 90 days and have it × severity weight × 2 when it is known to be exploited. */
export async function computeTopTen(tx: Tx, scope: ScopeGroups, now: Date): Promise<Omit<TopTen, 'items'> & Readonly<{ items: readonly TopRow[] }>> {
  const { sql, tenant } = tx
  const hosts = sql`select h.id, ${isPublic(sql)} as external from asset_host h where h.tenant_id = ${tenant} and h.last_seen >= ${since(now)} ${assetInScope(tx, scope)}`
  const rows = await sql<(Omit<TopRow, 'signature' | 'rank'> & Readonly<{ signature: number | null; rank: number }>)[]>`
    with h as materialized (${hosts}), n as (select external, count(*)::int as scanned from h group by external),
      m as (
        select f.signature_id, h.external, max(f.severity) as severity, count(distinct f.asset_id)::int as hosts from finding f join h on h.id = f.asset_id
        where f.tenant_id = ${tenant} and f.shape & 24 <> 0 and f.shape & 128 = 0 and f.shape & 96 <> 64 and f.shape & 7 >= 4 group by f.signature_id, h.external),
      r as (${ranked(sql, sql`select m.external, m.signature_id, m.severity, m.hosts, n.scanned from m join n on n.external = m.external`)})
    select case when n.external then 'external' else 'internal' end as side, coalesce(r.rank, 0)::int as rank, r.signature_id as signature, coalesce(r.severity, 0) as severity,
      coalesce(r.exploited, false) as exploited, coalesce(r.hosts, 0) as hosts, n.scanned, coalesce(r.score, 0) as score
    from n left join r on r.external = n.external and r.rank <= 10 order by 1, 2`
  const scanned = (side: Side): number => rows.find((row) => row.side === side)?.scanned ?? 0
  return { at: now, scanned: { internal: scanned('internal'), external: scanned('external') }, items: rows.filter((row): row is TopRow => row.signature !== null) }
}

/** Of rows (external, signature_id, severity, hosts, scanned). */
function ranked(sql: Sql, rows: Fragment): Fragment {
  return sql`
    select o.external, o.signature_id, o.severity, o.hosts, o.scanned, o.exploited, o.score, row_number() over (partition by o.external order by o.score desc, o.signature_id) as rank from (
      select c.external, c.signature_id, c.severity, c.hosts, c.scanned, coalesce(t.exploited_since is not null, false) as exploited,
        (c.hosts::float8 / greatest(c.scanned, 1) * case c.severity when 5 then ${weights[5]}::float8 else ${weights[4]}::float8 end
          * case when t.exploited_since is not null then 2 else 1 end) as score
      from (${rows}) c left join signature_threat t on t.signature_id = c.signature_id) o`
}

/** The organisation's own, as worked out by the hour; now, when that has not happened yet or the reader sees a part of it only. */
export async function readTopTen(tx: Tx, scope: ScopeGroups, now: Date): Promise<TopTen> {
  const { sql, tenant } = tx
  const stored = scope !== null ? [] : await sql<(TopRow & { at: Date })[]>`
    select side, rank, signature_id as signature, severity, exploited, hosts, scanned, score, at
      from top_ten where tenant_id = ${tenant} and own and at > ${new Date(now.getTime() - 2 * 3_600_000)} order by side, rank`
  const computed = stored.length > 0 ? { at: stored[0]!.at, scanned: scannedOf(stored), items: stored } : await computeTopTen(tx, scope, now)
  return { ...computed, items: await named(tx, computed.items) }
}

/** Of all organisations, or null while there are too few of them. */
export async function readPlatformTopTen(store: Store): Promise<TopTen | null> {
  return store.platform(async (tx) => {
    const rows = await tx.sql<(TopRow & { at: Date })[]>`
      select side, rank, signature_id as signature, severity, exploited, hosts, scanned, score, at from top_ten_platform order by side, rank`
    return rows.length === 0 ? null : { at: rows[0]!.at, scanned: scannedOf(rows), items: await named(tx, rows) }
  })
}

const scannedOf = (rows: readonly TopRow[]): TopTen['scanned'] => ({
  internal: rows.find((row) => row.side === 'internal')?.scanned ?? 0, external: rows.find((row) => row.side === 'external')?.scanned ?? 0,
})

async function named({ sql }: Readonly<{ sql: Sql }>, rows: readonly TopRow[]): Promise<readonly TopCheck[]> {
  const about = await sql<{ id: number; title: string; cve: string[] }[]>`select s.id, s.title, s.cve from signature s where s.id = any(${rows.map((row) => row.signature)}::int[])`
  const byId = new Map(about.map((one) => [one.id, one]))
  return rows.map((row) => ({ ...row, title: byId.get(row.signature)?.title ?? `Check ${row.signature}`, cve: byId.get(row.signature)?.cve ?? [] }))
}

/**
 * Works out the Top 10 of every organisation and of all together; for a job that runs each hour. Only sums leave an organisation, and of a check only when five of them
 * have it. Who has none of their own gets the one of all as theirs, for the search lists of that name.
 */
export async function recordTopTen(store: Store, now: Date): Promise<void> {
  await store.platform(({ sql }) => recordPlatform(sql, now))
  const all = await store.platform(({ sql }) => sql<TopRow[]>`select side, rank, signature_id as signature, severity, exploited, hosts, scanned, score from top_ten_platform`)
  const tenants = await store.platform(({ sql }) => sql<{ id: string }[]>`select id from tenant order by id`)
  for (const { id } of tenants) {
    await store.write(id, async (tx) => {
      const { items } = await computeTopTen(tx, null, now)
      const own = new Set(items.map((row) => row.side))
      // Hosts and scanned of others are nobody's business here.
      const rows = [...items.map((row) => ({ ...row, own: true })), ...all.filter((row) => !own.has(row.side)).map((row) => ({ ...row, hosts: 0, scanned: 0, own: false }))]
      await tx.sql`delete from top_ten where tenant_id = ${tx.tenant}`
      if (rows.length === 0) return
      await tx.sql`
        insert into top_ten (tenant_id, side, rank, own, signature_id, severity, exploited, hosts, scanned, score, at)
        select ${tx.tenant}, side, rank, own, signature, severity, exploited, hosts, scanned, score, ${now}
        from jsonb_to_recordset(${tx.sql.json(rows as never)}) as r (side text, rank smallint, own boolean, signature integer, severity smallint,
          exploited boolean, hosts integer, scanned integer, score real)
        on conflict (tenant_id, side, rank) do update set own = excluded.own, signature_id = excluded.signature_id, severity = excluded.severity, exploited = excluded.exploited,
          hosts = excluded.hosts, scanned = excluded.scanned, score = excluded.score, at = excluded.at`
    })
  }
}

/** An organisation's own severities stay with it: the check's count. */
async function recordPlatform(sql: Sql, now: Date): Promise<void> {
  await sql`delete from top_ten_platform`
  await sql`
    with h as materialized (select h.tenant_id, h.id, ${isPublic(sql)} as external from asset_host h where h.last_seen >= ${since(now)}),
      n as (select external, sum(hosts)::int as scanned, count(*) as tenants from (select tenant_id, external, count(*) as hosts from h group by tenant_id, external) o group by external),
      m as (
        select o.signature_id, o.external, s.severity, sum(o.hosts)::int as hosts from (
          select f.tenant_id, f.signature_id, h.external, count(distinct f.asset_id) as hosts from finding f join h on h.tenant_id = f.tenant_id and h.id = f.asset_id
          where f.shape & 24 <> 0 and f.shape & 128 = 0 and f.shape & 96 <> 64 group by f.tenant_id, f.signature_id, h.external
        ) o join signature s on s.id = o.signature_id where s.severity >= 4 and not s.retired group by o.signature_id, o.external, s.severity having count(*) >= ${fewestTenants}),
      r as (${ranked(sql, sql`select m.external, m.signature_id, m.severity, m.hosts, n.scanned from m join n on n.external = m.external where n.tenants >= ${fewestTenants}`)})
    insert into top_ten_platform (side, rank, signature_id, severity, exploited, hosts, scanned, score, at)
    select case when external then 'external' else 'internal' end, rank, signature_id, severity, exploited, hosts, scanned, score, ${now} from r where rank <= 10
    on conflict (side, rank) do nothing`
}
