import type { Scope } from '#platform/access/actor.ts'
import type { Tx } from '#store/store.ts'

/** The asset groups that a scope comes down to; null is every asset. An empty list is none at all. */
export type ScopeGroups = readonly string[] | null

export async function scopeGroups(tx: Tx, scope: Scope): Promise<ScopeGroups> {
  if (scope === null) return null
  if (scope.groups.length === 0 && scope.units.length === 0) return []
  const rows = await tx.sql<{ id: string }[]>`
    select id from asset_group where tenant_id = ${tx.tenant} and (id = any(${scope.groups as string[]}::uuid[]) or unit_id = any(${scope.units as string[]}::uuid[]))`
  return rows.map((row) => row.id)
}
