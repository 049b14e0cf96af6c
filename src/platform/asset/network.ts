import { fail } from '#core/errors.ts'
import { countAddresses, normalise } from '#core/ip-set.ts'
import { isId, newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { assetInScope } from './list.ts'
import { rangeOf, registeredIn, type Register } from './register.ts'
import type { ScopeGroups } from './scope.ts'
import { membersOf } from './target.ts'

export type NetworkRow = Readonly<{ id: string; name: string; isDefault: boolean; addresses: bigint; hosts: number; createdAt: Date }>

/** All networks by name; their counts are of what the reader may see. */
export async function listNetworks(tx: Tx, scope: ScopeGroups): Promise<readonly NetworkRow[]> {
  const { sql, tenant } = tx
  const networks = await sql<{ id: string; name: string; created_at: Date }[]>`select id, name, created_at from network where tenant_id = ${tenant} order by name`
  const hosts = await sql<{ network_id: string; n: number }[]>`
    select h.network_id, count(*)::int as n from asset_host h where h.tenant_id = ${tenant} and h.first_seen is not null ${assetInScope(tx, scope)} group by h.network_id`
  const rows: NetworkRow[] = []
  for (const row of networks) {
    const registered = await registerOf(tx, row.id, scope)
    rows.push({
      id: row.id, name: row.name, isDefault: row.id === tenant, addresses: countAddresses(registered.set) + BigInt(registered.names.length),
      hosts: hosts.find((one) => one.network_id === row.id)?.n ?? 0, createdAt: row.created_at,
    })
  }
  return rows
}

/** What is registered in one network, as far as the reader may see it. */
async function registerOf(tx: Tx, network: string, scope: ScopeGroups): Promise<Register> {
  if (scope !== null) return registeredIn(tx, network, await membersOf(tx, network, scope))
  const { sql, tenant } = tx
  const ranges = await sql<{ first: string; last: string }[]>`select first, last from address_range where tenant_id = ${tenant} and network_id = ${network}`
  const names = await sql<{ name: string }[]>`select name from address_name where tenant_id = ${tenant} and network_id = ${network}`
  return { set: normalise(ranges.map(rangeOf)), names: names.map((row) => row.name) }
}

export async function addNetwork(tx: Tx, actor: Actor, name: string, now: Date): Promise<string> {
  const id = newId(now.getTime())
  const made = await tx.sql`
    insert into network (tenant_id, id, name, created_at) values (${tx.tenant}, ${id}, ${name}, ${now}) on conflict (tenant_id, name) do nothing`
  if (made.count === 0) fail('network.exists', { name })
  await audit(tx, { actor, action: 'network.added', object: { kind: 'network', id, name } }, now)
  return id
}

export async function renameNetwork(tx: Tx, actor: Actor, id: string, name: string, now: Date): Promise<void> {
  await requireNetwork(tx, id)
  const [taken] = await tx.sql`select id from network where tenant_id = ${tx.tenant} and name = ${name} and id <> ${id}`
  if (taken !== undefined) fail('network.exists', { name })
  await tx.sql`update network set name = ${name} where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'network.renamed', object: { kind: 'network', id, name } }, now)
}

/** Only an empty one: what hangs on it would lose its identity. */
export async function dropNetwork(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  const { sql, tenant } = tx
  const network = await requireNetwork(tx, id)
  if (id === tenant) fail('network.default')
  const [use] = await sql<{ addresses: boolean; hosts: boolean; exclusions: boolean }[]>`
    select exists (select from address_range where tenant_id = ${tenant} and network_id = ${id}) or exists (select from address_name where tenant_id = ${tenant} and network_id = ${id}) as addresses,
      exists (select from asset_host where tenant_id = ${tenant} and network_id = ${id}) as hosts, exists (select from exclusion where tenant_id = ${tenant} and network_id = ${id}) as exclusions`
  const what = [use!.addresses ? 'registered addresses' : '', use!.hosts ? 'hosts' : '', use!.exclusions ? 'exclusions' : ''].filter((part) => part !== '')
  if (what.length > 0) fail('network.in_use', { what: what.join(', ') })
  await sql`delete from asset_group_range where tenant_id = ${tenant} and network_id = ${id}`
  await sql`delete from asset_group_name where tenant_id = ${tenant} and network_id = ${id}`
  await sql`delete from network where tenant_id = ${tenant} and id = ${id}`
  await audit(tx, { actor, action: 'network.removed', object: { kind: 'network', id, name: network.name } }, now)
}

export async function requireNetwork(tx: Tx, id: string): Promise<Readonly<{ id: string; name: string }>> {
  const [row] = isId(id) ? await tx.sql<{ id: string; name: string }[]>`select id, name from network where tenant_id = ${tx.tenant} and id = ${id}` : []
  return row ?? fail('not_found', { what: 'network', id })
}
