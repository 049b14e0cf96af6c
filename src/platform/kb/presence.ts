import type { Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { inScope } from '../finding/list.ts'

export type Presence = Readonly<{ findings: number; hosts: number; fixed: number }>

/** How often a CVE was found in the organisation, by whatever check names it. `scope` undefined: the reader may not see findings at all. */
export async function presenceOf(tx: Tx, cve: string, scope: ScopeGroups | undefined): Promise<Presence> {
  if (scope === undefined) return { findings: 0, hosts: 0, fixed: 0 }
  const { sql, tenant } = tx
  const [row] = await sql<Presence[]>`
    select count(*) filter (where f.status <> 'fixed' and not f.ignored)::int as findings, count(distinct f.asset_id) filter (where f.status <> 'fixed' and not f.ignored)::int as hosts,
      count(*) filter (where f.status = 'fixed')::int as fixed
    from finding f where f.tenant_id = ${tenant} and f.signature_id in (select s.id from signature s where s.cve @> array[${cve}]) ${inScope(tx, scope)}`
  return row!
}
