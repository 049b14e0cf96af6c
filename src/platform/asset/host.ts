import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { joinGroups } from './membership.ts'

/** A host to be looked at: by its address, or, when it was registered by name, by the name. */
export type HostWanted = Readonly<{ address: string; name?: string }>
export type KnownHost = Readonly<{ id: string; address: string; name: string | null }>

/**
 * The hosts with their stable identities, made where they are not known yet; in the order given. A host given with a name is told apart by
 * it and keeps its identity when its address changes; else by its address. At most a few thousand at once.
 */
export async function ensureHosts(tx: Tx, network: string, wanted: readonly HostWanted[], at: Date): Promise<readonly KnownHost[]> {
  if (wanted.length === 0) return []
  const { sql, tenant } = tx
  const byKey = new Map<string, Readonly<{ tracking: 'address' | 'name'; identity: string; address: string; name: string | null }>>()
  for (const host of wanted) byKey.set(keyOf(host), host.name === undefined
    ? { tracking: 'address', identity: host.address, address: host.address, name: null }
    : { tracking: 'name', identity: host.name, address: host.address, name: host.name })
  // Sorted, so that two scans that meet the same new hosts wait for, and do not block, each other.
  const rows = [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  const [trackings, identities, addresses, names] = [rows.map((row) => row.tracking), rows.map((row) => row.identity), rows.map((row) => row.address), rows.map((row) => row.name)]
  const made = await sql<{ id: string }[]>`
    insert into asset_host (tenant_id, id, network_id, tracking, identity, address, name, created_at)
    select ${tenant}, id, ${network}, tracking, identity, address, name, ${at}
    from unnest(${rows.map(() => newId())}::uuid[], ${trackings}::text[], ${identities}::text[], ${addresses}::inet[], ${names}::text[]) as u (id, tracking, identity, address, name)
    on conflict (tenant_id, network_id, tracking, identity) do nothing
    returning id`
  const known = await sql<{ id: string; tracking: string; identity: string; address: string; name: string | null }[]>`
    select h.id, h.tracking, h.identity, host(h.address) as address, h.name from asset_host h
    join unnest(${trackings}::text[], ${identities}::text[]) as u (tracking, identity) on h.tracking = u.tracking and h.identity = u.identity
    where h.tenant_id = ${tenant} and h.network_id = ${network}`
  const moved = known.filter((row) => byKey.get(`${row.tracking}|${row.identity}`)!.address !== row.address)
  if (moved.length > 0) {
    await sql`
      update asset_host h set address = u.address from unnest(${moved.map((row) => row.id)}::uuid[],
        ${moved.map((row) => byKey.get(`${row.tracking}|${row.identity}`)!.address)}::inet[]) as u (id, address)
      where h.tenant_id = ${tenant} and h.id = u.id`
  }
  await joinGroups(tx, [...made.map((row) => row.id), ...moved.map((row) => row.id)])
  const found = new Map(known.map((row) => [`${row.tracking}|${row.identity}`, row]))
  return wanted.map((host) => {
    const row = found.get(keyOf(host))!
    return { id: row.id, address: host.address, name: row.name }
  })
}

function keyOf(host: HostWanted): string {
  return host.name === undefined ? `address|${host.address}` : `name|${host.name}`
}
