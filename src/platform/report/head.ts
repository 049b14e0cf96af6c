import type { ReportHead } from '#formats/report/model.ts'
import type { Severity } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { matchOf, selectionOf } from '../finding/list.ts'
import { parseQuery } from '#core/query/query.ts'
import { withLists } from '../kb/search-list-terms.ts'
import type { ReportRow } from './report.ts'

const mostFixes = 15
const mostHosts = 25
const trendDays = 90

/** What stands at the top of a report, read in the same snapshot as its findings. */
export async function readHead(tx: Tx, report: ReportRow, scope: ScopeGroups, release: string, now: Date): Promise<ReportHead> {
  const { sql, tenant } = tx
  const selection = await withLists(tx, { q: report.query, scope, now })
  const counts = await sql<{ severity: Severity; status: 'new' | 'active' | 'reopened' | 'fixed'; ignored: boolean; n: number }[]>`
    select f.severity, f.status, f.ignored, count(*) as n from finding f
    where ${matchOf(tx, selection, parseQuery(report.query))} and f.type <> 'information' group by f.severity, f.status, f.ignored`
  const [selected] = await sql<{ n: number }[]>`select count(*) as n from finding f where ${selectionOf(tx, selection)}`
  const [organisation] = await sql<{ name: string }[]>`select name from tenant where id = ${tenant}`
  const open: [number, number, number, number, number] = [0, 0, 0, 0, 0]
  const status = { new: 0, active: 0, reopened: 0, fixed: 0 }
  let ignored = 0
  for (const row of counts) {
    if (row.ignored) ignored += row.n
    else {
      status[row.status] += row.n
      if (row.status !== 'fixed') open[row.severity - 1]! += row.n
    }
  }
  return {
    title: report.title, kind: report.kind === 'executive' ? 'executive' : 'technical', organisation: organisation!.name,
    scope: `${report.query === '' ? 'all open findings' : report.query}${scope === null ? '' : ', in the asset groups of the reader'}`,
    generated: now.getTime(), generatedBy: report.createdBy, release, open, status, ignored, count: selected!.n,
    coverage: await readCoverage(tx, scope), trend: scope === null ? await readTrend(tx, now) : [], fixes: await readFixes(tx, scope), hosts: await readHosts(tx, scope),
  }
}

/** Hosts of one of the groups; the alias of the host table is `h`. */
function within({ sql, tenant }: Tx, scope: ScopeGroups) {
  if (scope === null) return sql``
  return sql`and exists (select from asset_group_host m where m.tenant_id = ${tenant} and m.asset_id = h.id and m.group_id = any(${scope as string[]}::uuid[]))`
}

async function readCoverage(tx: Tx, scope: ScopeGroups): Promise<ReportHead['coverage']> {
  const { sql, tenant } = tx
  const rows = await sql<{ reason: string; n: number; last: Date | null }[]>`
    select case when h.last_scanned is null then 'never scanned' when h.state = 'dead' then 'did not answer' else '' end as reason, count(*) as n, max(h.last_scanned) as last
    from asset_host h where h.tenant_id = ${tenant} ${within(tx, scope)} group by 1 order by 1`
  const times = rows.flatMap((row) => (row.last === null ? [] : [row.last.getTime()]))
  return {
    hosts: rows.reduce((sum, row) => sum + row.n, 0),
    tested: rows.find((row) => row.reason === '')?.n ?? 0,
    lastTested: times.length === 0 ? null : Math.max(...times),
    notTested: rows.filter((row) => row.reason !== '').map((row) => ({ reason: row.reason, hosts: row.n })),
  }
}

async function readTrend({ sql, tenant }: Tx, now: Date): Promise<ReportHead['trend']> {
  const from = new Date(now.getTime() - trendDays * 86_400_000)
  const rows = await sql<{ day: Date; open: number }[]>`
    select day, open3 + open4 + open5 as open from posture_day where tenant_id = ${tenant} and day >= ${from} order by day`
  return rows.map((row) => ({ day: row.day.toISOString().slice(0, 10), open: row.open }))
}

async function readFixes(tx: Tx, scope: ScopeGroups): Promise<ReportHead['fixes']> {
  const { sql, tenant } = tx
  const rows = await sql<{ signature: number; title: string; severity: Severity; hosts: number; relief: number; total: number }[]>`
    select g.signature, s.title, s.severity, g.hosts, g.relief, g.total from (
      select r.signature_id as signature, count(*) as hosts, sum(r.relief)::float8 as relief, sum(sum(r.relief)) over ()::float8 as total
      from asset_relief r join asset_host h on h.tenant_id = r.tenant_id and h.id = r.asset_id
      where r.tenant_id = ${tenant} and h.tenant_id = ${tenant} ${within(tx, scope)} group by r.signature_id order by 3 desc, 1 limit ${mostFixes}
    ) g join signature s on s.id = g.signature order by g.relief desc, g.signature`
  return rows.map(({ signature, title, severity, hosts, relief, total }) => ({ signature, title, severity, hosts, share: total > 0 ? relief / total : 0 }))
}

async function readHosts(tx: Tx, scope: ScopeGroups): Promise<ReportHead['hosts']> {
  const { sql, tenant } = tx
  const rows = await sql<{ name: string; risk: number; open1: number; open2: number; open3: number; open4: number; open5: number }[]>`
    select coalesce(h.name, host(h.address), h.identity) as name, h.risk, h.open1, h.open2, h.open3, h.open4, h.open5 from asset_host h
    where h.tenant_id = ${tenant} and h.last_scanned is not null ${within(tx, scope)} order by h.risk desc, h.id limit ${mostHosts}`
  return rows.map((row) => ({ name: row.name, risk: row.risk, open: [row.open1, row.open2, row.open3, row.open4, row.open5] }))
}
