import { cveNumber } from '#core/knowledge/number.ts'
import type { KnowledgeBase, VulnerabilityRow } from '#knowledge/knowledge-base.ts'
import type { Store, Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { inScope } from '../finding/list.ts'
import { isNotFixed, isNotIgnored, isRisk } from '../finding/shape.ts'

export type ThreatKind = 'exploited' | 'weaponised' | 'likely'
export type FeedAsk = Readonly<{ kind?: ThreatKind; mine: boolean; limit: number }>
export type FeedItem = Readonly<{ row: VulnerabilityRow; kinds: readonly ThreatKind[]; at: string | null; hosts: number; findings: number }>
export type Feed = Readonly<{ items: readonly FeedItem[]; mine: Readonly<{ threats: number; hosts: number; findings: number }> }>

const likely = 0.5
const queries: Readonly<Record<ThreatKind, Readonly<{ q: string; sort: string }>>> = {
  exploited: { q: 'exploited:true', sort: '-exploited' },
  weaponised: { q: 'exploit:weaponised', sort: '-published' },
  likely: { q: `epss:>=${likely}`, sort: '-published' },
}
const kinds = Object.keys(queries) as ThreatKind[]
/** Names in one query: its length is bounded. */
const namesAtOnce = 90
const mostNames = 2000

/**
 * What is exploited, what anybody can exploit, and what soon will be, newest first, with what of it is open in the organisation. `scope` undefined: the reader may not see
 * findings.
 */
export async function readThreatFeed(store: Store, tenant: string, knowledge: KnowledgeBase, scope: (tx: Tx) => Promise<ScopeGroups | undefined>, ask: FeedAsk): Promise<Feed> {
  const wanted = ask.kind === undefined ? kinds : [ask.kind]
  const own = await store.read(tenant, async (tx) => readOwn(tx, await scope(tx)))
  const rows = ask.mine ? await rowsNamed(knowledge, own.names, wanted) : await rowsOf(knowledge, wanted, ask.limit)
  const sorted = rows.map((row) => ({ row, kinds: kindsOf(row), at: row.exploitedSince ?? row.published })).sort((a, b) => (b.at ?? '').localeCompare(a.at ?? '') || b.row.id - a.row.id)
  const counts = await store.read(tenant, async (tx) => countOpen(tx, sorted.slice(0, ask.mine ? sorted.length : ask.limit).map((one) => one.row.name), await scope(tx)))
  const items = sorted.map((one) => ({ ...one, ...(counts.get(one.row.name) ?? { hosts: 0, findings: 0 }) }))
  return { items: (ask.mine ? items.filter((one) => one.findings > 0) : items).slice(0, ask.limit), mine: own.mine }
}

function kindsOf(row: VulnerabilityRow): ThreatKind[] {
  return kinds.filter((kind) => (kind === 'exploited' ? row.exploitedSince !== null : kind === 'weaponised' ? row.exploit === 'weaponised' : row.epss !== null && row.epss >= likely))
}

async function rowsOf(knowledge: KnowledgeBase, wanted: readonly ThreatKind[], limit: number): Promise<readonly VulnerabilityRow[]> {
  const pages = await Promise.all(wanted.map((kind) => knowledge.vulnerabilities({ ...queries[kind], limit })))
  return [...new Map(pages.flatMap((page) => page.items.map((row) => [row.id, row] as const))).values()]
}

async function rowsNamed(knowledge: KnowledgeBase, names: readonly string[], wanted: readonly ThreatKind[]): Promise<readonly VulnerabilityRow[]> {
  const found: VulnerabilityRow[] = []
  for (let from = 0; from < names.length; from += namesAtOnce) {
    const page = await knowledge.vulnerabilities({ q: `cve:${names.slice(from, from + namesAtOnce).join(',')}`, sort: '-published', limit: namesAtOnce })
    found.push(...page.items.filter((row) => kindsOf(row).some((kind) => wanted.includes(kind))))
  }
  return found
}

/** CVEs of checks that are threats and open somewhere the reader sees; newest numbers first. */
async function readOwn(tx: Tx, scope: ScopeGroups | undefined): Promise<Readonly<{ names: readonly string[]; mine: Feed['mine'] }>> {
  if (scope === undefined) return { names: [], mine: { threats: 0, hosts: 0, findings: 0 } }
  const { sql, tenant } = tx
  const open = sql`f.tenant_id = ${tenant} and ${isNotFixed(sql)} and ${isNotIgnored(sql)} and ${isRisk(sql)} ${inScope(tx, scope)}`
  const checks = await sql<{ id: number; cve: string[]; exploited: string | null }[]>`
    select s.id, s.cve, case when t.exploited_since is not null then t.exploited_by end as exploited from signature_threat t join signature s on s.id = t.signature_id
    where (t.exploited_since is not null or t.exploit = 'weaponised' or t.epss >= ${likely}) and exists (select from finding f where f.signature_id = s.id and ${open})`
  const exploited = checks.filter((one) => one.exploited !== null)
  const [sum] = await sql<{ hosts: number; findings: number }[]>`
    select count(distinct f.asset_id)::int as hosts, count(*)::int as findings from finding f where f.signature_id = any(${exploited.map((one) => one.id)}::int[]) and ${open}`
  const names = [...new Set(checks.flatMap((one) => one.cve))].sort((a, b) => (cveNumber(b) ?? 0) - (cveNumber(a) ?? 0)).slice(0, mostNames)
  return { names, mine: { threats: new Set(exploited.map((one) => one.exploited)).size, ...sum! } }
}

async function countOpen(tx: Tx, names: readonly string[], scope: ScopeGroups | undefined): Promise<ReadonlyMap<string, Readonly<{ hosts: number; findings: number }>>> {
  if (scope === undefined || names.length === 0) return new Map()
  const { sql, tenant } = tx
  const rows = await sql<{ cve: string; hosts: number; findings: number }[]>`
    select c.cve, count(distinct f.asset_id)::int as hosts, count(*)::int as findings
    from (select s.id, m.cve from signature s, unnest(s.cve) as m (cve) where s.cve && ${names as string[]}::text[] and m.cve = any(${names as string[]}::text[])) c
    join finding f on f.signature_id = c.id where f.tenant_id = ${tenant} and ${isNotFixed(sql)} and ${isNotIgnored(sql)} and ${isRisk(sql)} ${inScope(tx, scope)} group by c.cve`
  return new Map(rows.map((row) => [row.cve, { hosts: row.hosts, findings: row.findings }]))
}
