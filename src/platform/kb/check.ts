import type { Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { inScope } from '../finding/list.ts'
import type { CheckRow } from './list.ts'

export type CheckDetail = CheckRow & Readonly<{
  kind: string; cwe: string[]; cvss: string | null; products: string[]; pci: string | null; threat: string; impact: string; solution: string; reference: string[]
  affected: Readonly<{ findings: number; hosts: number; fixed: number }>
  worst: readonly Readonly<{ asset_id: string; address: string | null; name: string | null; findings: number; risk: number }>[]
}>

/** A check that the database has, also a retired one; null when it has none of that number. `scope` undefined: the reader may not see findings at all. */
export async function readCheck({ sql, tenant }: Tx, id: number, scope: ScopeGroups | undefined): Promise<CheckDetail | null> {
  const [row] = await sql<Omit<CheckDetail, 'affected' | 'worst'>[]>`
    select s.id, s.version, s.title, s.category, s.severity, s.type, s.cve, s.score, s.published, s.changed, s.retired, s.kind, s.cwe, s.cvss, s.products, s.pci, s.threat, s.impact, s.solution, s.reference
    from signature s where s.id = ${id}`
  if (row === undefined) return null
  if (scope === undefined) return { ...row, affected: { findings: 0, hosts: 0, fixed: 0 }, worst: [] }
  const within = inScope({ sql, tenant } as Tx, scope)
  const [affected] = await sql<{ findings: number; hosts: number; fixed: number }[]>`
    select count(*) filter (where f.status <> 'fixed' and not f.ignored)::int as findings, count(distinct f.asset_id) filter (where f.status <> 'fixed' and not f.ignored)::int as hosts,
      count(*) filter (where f.status = 'fixed')::int as fixed
    from finding f where f.tenant_id = ${tenant} and f.signature_id = ${id} ${within}`
  const worst = await sql<CheckDetail['worst'][number][]>`
    select h.id as asset_id, host(h.address) as address, h.name, m.findings, h.risk from (
      select f.asset_id, count(*)::int as findings from finding f where f.tenant_id = ${tenant} and f.signature_id = ${id} and f.status <> 'fixed' and not f.ignored ${within} group by f.asset_id
    ) m join asset_host h on h.id = m.asset_id where h.tenant_id = ${tenant} order by h.risk desc, h.id limit 10`
  return { ...row, affected: affected!, worst }
}
