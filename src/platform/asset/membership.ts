import { recountAssets } from '#platform/finding/recount.ts'
import type { Tx } from '#store/store.ts'

/** Works out which groups these hosts are in, after they were made or moved. */
export async function joinGroups(tx: Tx, assets: readonly string[]): Promise<void> {
  if (assets.length === 0) return
  const { sql, tenant } = tx
  const joined = await sql<{ asset_id: string }[]>`
    insert into asset_group_host (tenant_id, group_id, asset_id, pinned)
    select ${tenant}, group_id, asset_id, false from (
      select r.group_id, h.id as asset_id from asset_host h
      join asset_group_range r on r.tenant_id = h.tenant_id and r.network_id = h.network_id and h.address between r.first and r.last
      where h.tenant_id = ${tenant} and r.tenant_id = ${tenant} and h.id = any(${assets as string[]}::uuid[])
      union
      select n.group_id, h.id from asset_host h
      join asset_group_name n on n.tenant_id = h.tenant_id and n.network_id = h.network_id and n.name = h.name
      where h.tenant_id = ${tenant} and n.tenant_id = ${tenant} and h.id = any(${assets as string[]}::uuid[])
    ) m
    on conflict (tenant_id, group_id, asset_id) do nothing
    returning asset_id`
  await renewImpact(tx, joined.map((row) => row.asset_id))
}

/** Works out which hosts a group holds, after its ranges or names changed. */
export async function fillGroup(tx: Tx, group: string): Promise<void> {
  const { sql, tenant } = tx
  const left = await sql<{ asset_id: string }[]>`
    delete from asset_group_host m where m.tenant_id = ${tenant} and m.group_id = ${group} and not m.pinned and not exists (
      select from asset_host h where h.tenant_id = ${tenant} and h.id = m.asset_id and (
        exists (select from asset_group_range r where r.tenant_id = ${tenant} and r.group_id = ${group} and r.network_id = h.network_id and h.address between r.first and r.last)
        or exists (select from asset_group_name n where n.tenant_id = ${tenant} and n.group_id = ${group} and n.network_id = h.network_id and n.name = h.name)))
    returning asset_id`
  const joined = await sql<{ asset_id: string }[]>`
    insert into asset_group_host (tenant_id, group_id, asset_id, pinned)
    select ${tenant}, ${group}, id, false from (
      select h.id from asset_group_range r join asset_host h on h.tenant_id = r.tenant_id and h.network_id = r.network_id and h.address between r.first and r.last
      where r.tenant_id = ${tenant} and h.tenant_id = ${tenant} and r.group_id = ${group}
      union
      select h.id from asset_group_name n join asset_host h on h.tenant_id = n.tenant_id and h.network_id = n.network_id and h.name = n.name
      where n.tenant_id = ${tenant} and h.tenant_id = ${tenant} and n.group_id = ${group}
    ) m
    on conflict (tenant_id, group_id, asset_id) do nothing
    returning asset_id`
  await renewImpact(tx, [...left, ...joined].map((row) => row.asset_id))
}

/** A host has the highest business impact of its groups, 2 when it is in none; its risk follows. */
export async function renewImpact(tx: Tx, assets: readonly string[]): Promise<void> {
  const { sql, tenant } = tx
  // In the order of their ids, as everybody locks hosts, so that no two wait for each other.
  const sorted = [...new Set(assets)].sort()
  for (let from = 0; from < sorted.length; from += 2000) {
    const part = sorted.slice(from, from + 2000)
    await sql`select id from asset_host where tenant_id = ${tenant} and id = any(${part}::uuid[]) order by id for update`
    const changed = await sql<{ id: string }[]>`
      update asset_host h set impact = w.impact from (
        select a.id, coalesce(max(g.impact), 2) as impact from unnest(${part}::uuid[]) as a (id)
        left join asset_group_host m on m.tenant_id = ${tenant} and m.asset_id = a.id
        left join asset_group g on g.tenant_id = ${tenant} and g.id = m.group_id
        group by a.id) w
      where h.tenant_id = ${tenant} and h.id = w.id and h.impact <> w.impact
      returning h.id`
    await recountAssets(tx, changed.map((row) => row.id))
  }
}
