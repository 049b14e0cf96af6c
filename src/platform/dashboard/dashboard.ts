import type { Store, Tx } from '#store/store.ts'
import { assetInScope } from '../asset/list.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { countRegistered } from '../asset/register.ts'
import { inScope } from '../finding/list.ts'
import { planAnew } from '../query/where.ts'

export type Posture = Readonly<{ total: number; up: number; tested: number; at_risk: number; risk: number; open1: number; open2: number; open3: number; open4: number; open5: number; stale: number; partial: number; dead: number; risks: number }>
export type Worse = Readonly<{
  id: string; kind: 'new' | 'reopened'; at: Date; signature: number; title: string; severity: number; asset_id: string; address: string | null; name: string | null; port: number
}>
export type Fix = Readonly<{ signature: number; title: string; severity: number; findings: number; hosts: number; relief: number }>
export type Day = Readonly<{ day: Date; open1: number; open2: number; open3: number; open4: number; open5: number; risk: number; hosts: number; tested: number }>

/** Days after which a test is old. */
export const staleDays = 30

export type Dashboard = Readonly<{
  posture: Posture
  since: Readonly<{ from: Date; new: number; reopened: number; fixed: number; hosts: number; worst: readonly Worse[] }>
  fixFirst: readonly Fix[]
  relief: number
  neverTested: bigint
  excluded: number
  trend: readonly Day[]
}>

/** The four answers of Home, of what the reader may see. Every number is of now, except the trend's past days. */
export async function readDashboard(tx: Tx, scope: ScopeGroups, now: Date): Promise<Dashboard> {
  // One connection answers them in turn; sent together, they cost one round trip.
  const [, posture, fixFirst, since, neverTested, excluded, days] = await Promise.all([
    planAnew(tx),
    readPosture(tx, scope, now),
    readFixes(tx, scope),
    readSince(tx, scope, new Date(now.getTime() - 86_400_000)),
    scope === null ? readNeverTested(tx) : 0n,
    scope === null ? readExcluded(tx, now) : 0,
    scope === null ? readDays(tx, now) : [],
  ])
  return { posture, since, fixFirst, relief: posture.risks, neverTested, excluded, trend: scope === null ? [...days, todayOf(posture, now)] : [] }
}

async function readPosture(tx: Tx, scope: ScopeGroups, now: Date): Promise<Posture> {
  const { sql, tenant } = tx
  const [row] = await sql<Posture[]>`
    select count(*) filter (where h.first_seen is not null)::int as total, count(*) filter (where h.state = 'up')::int as up, count(*) filter (where h.last_scanned is not null)::int as tested,
      count(*) filter (where h.risk > 0)::int as at_risk, coalesce(round(avg(h.risk) filter (where h.last_scanned is not null)), 0)::int as risk,
      coalesce(sum(h.open1), 0)::int as open1, coalesce(sum(h.open2), 0)::int as open2, coalesce(sum(h.open3), 0)::int as open3, coalesce(sum(h.open4), 0)::int as open4, coalesce(sum(h.open5), 0)::int as open5,
      count(*) filter (where h.last_scanned < ${new Date(now.getTime() - staleDays * 86_400_000)})::int as stale, count(*) filter (where h.last_outcome = 'partial')::int as partial,
      count(*) filter (where h.state = 'dead' and h.first_seen is not null)::int as dead, coalesce(sum(h.risk), 0)::int as risks
    from asset_host h where h.tenant_id = ${tenant} ${assetInScope(tx, scope)}`
  return row!
}

async function readSince(tx: Tx, scope: ScopeGroups, from: Date): Promise<Dashboard['since']> {
  const { sql, tenant } = tx
  const counting = sql<{ new: number; reopened: number; fixed: number; hosts: number }[]>`
    select count(*) filter (where f.kind = 'new')::int as new, count(*) filter (where f.kind = 'reopened')::int as reopened, count(*) filter (where f.kind = 'fixed')::int as fixed,
      count(distinct f.asset_id) filter (where f.kind in ('new', 'reopened'))::int as hosts
    from finding_event f where f.tenant_id = ${tenant} and f.at >= ${from} and f.kind in ('new', 'reopened', 'fixed') and f.type <> 'information' ${inScope(tx, scope)}
      and f.signature_id not in (select e.signature_id from check_edit e where e.tenant_id = ${tenant} and e.field = 'disabled')`
  const listing = sql<Worse[]>`
    select f.id, e.kind, e.at, f.signature_id as signature, s.title, f.severity, f.asset_id, host(h.address) as address, h.name, f.port
    from (
      select e.finding_id, e.kind, e.at from finding_event e join finding f on f.tenant_id = e.tenant_id and f.id = e.finding_id
      where e.tenant_id = ${tenant} and f.tenant_id = ${tenant} and e.at >= ${from} and e.kind in ('new', 'reopened') and e.type <> 'information' and f.status <> 'fixed' and not f.ignored ${inScope(tx, scope)}
      order by f.score desc, e.at desc, f.id limit 8
    ) e
    join finding f on f.id = e.finding_id join asset_host h on h.tenant_id = f.tenant_id and h.id = f.asset_id join signature s on s.id = f.signature_id
    where f.tenant_id = ${tenant} and h.tenant_id = ${tenant} order by f.score desc, e.at desc, f.id`
  const [[counts], worst] = await Promise.all([counting, listing])
  return { from, ...counts!, worst }
}

/** Signatures by the risk that goes when they are fixed on every host. */
async function readFixes(tx: Tx, scope: ScopeGroups): Promise<readonly Fix[]> {
  const { sql, tenant } = tx
  return sql<Fix[]>`
    select t.signature, s.title, s.severity, t.findings, t.hosts, t.relief from (
      select f.signature_id as signature, sum(f.findings)::int as findings, count(*)::int as hosts, sum(f.relief)::float8 as relief
      from asset_relief f where f.tenant_id = ${tenant} ${inScope(tx, scope)} group by f.signature_id order by 4 desc, 1 limit 10
    ) t join signature s on s.id = t.signature order by t.relief desc, t.signature`
}

/** Registered addresses and names without one completed test, dead or alive. Ranges of one network never overlap, so no host is counted twice. */
async function readNeverTested(tx: Tx): Promise<bigint> {
  const { sql, tenant } = tx
  const [registered, [addresses], [names]] = await Promise.all([
    countRegistered(tx),
    sql<{ n: number }[]>`
      select count(*)::int as n from address_range r join asset_host h on h.tenant_id = r.tenant_id and h.network_id = r.network_id and h.address between r.first and r.last
      where r.tenant_id = ${tenant} and h.tenant_id = ${tenant} and h.tracking = 'address' and h.last_outcome is not null`,
    sql<{ n: number }[]>`
      select count(*)::int as n from address_name a join asset_host h on h.tenant_id = a.tenant_id and h.network_id = a.network_id and h.identity = a.name
      where a.tenant_id = ${tenant} and h.tenant_id = ${tenant} and h.tracking = 'name' and h.last_outcome is not null`,
  ])
  return registered - BigInt(addresses!.n + names!.n)
}

async function readExcluded({ sql, tenant }: Tx, now: Date): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select least(coalesce(sum(addresses), 0), 2147483647)::int as n from exclusion where tenant_id = ${tenant} and ended_at is null and (expires_at is null or expires_at > ${now})`
  return row!.n
}

/** The past days of the trend. */
async function readDays({ sql, tenant }: Tx, now: Date): Promise<readonly Day[]> {
  return sql<Day[]>`
    select day, open1, open2, open3, open4, open5, risk, hosts, tested from posture_day
    where tenant_id = ${tenant} and day < ${dayOf(now)}::date and day >= ${dayOf(new Date(now.getTime() - 89 * 86_400_000))}::date order by day`
}

function todayOf(posture: Posture, now: Date): Day {
  return {
    day: new Date(dayOf(now)), open1: posture.open1, open2: posture.open2, open3: posture.open3, open4: posture.open4, open5: posture.open5, risk: posture.risk, hosts: posture.total, tested: posture.tested,
  }
}

/** Days as text: a time would be taken for a day in the time zone of the database. */
function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}

/** Keeps how every tenant stands as the row of the day; for a job that runs each hour, so that the last of a day stands. */
export async function recordPosture(store: Store, now: Date): Promise<void> {
  const day = dayOf(now)
  await store.platform(({ sql }) => sql`
    insert into posture_day (tenant_id, day, open1, open2, open3, open4, open5, risk, hosts, tested)
    select tenant_id, ${day}::date, sum(open1)::int, sum(open2)::int, sum(open3)::int, sum(open4)::int, sum(open5)::int,
      coalesce(round(avg(risk) filter (where last_scanned is not null)), 0)::int, count(*) filter (where first_seen is not null)::int, count(*) filter (where last_scanned is not null)::int
    from asset_host group by tenant_id
    on conflict (tenant_id, day) do update set open1 = excluded.open1, open2 = excluded.open2, open3 = excluded.open3, open4 = excluded.open4, open5 = excluded.open5,
      risk = excluded.risk, hosts = excluded.hosts, tested = excluded.tested`)
}
