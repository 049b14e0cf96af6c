import { fail } from '#core/errors.ts'
import { countAddresses, formatIpRange, intersect, normalise, subtract, union, type IpSet } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import type { Scope } from '#platform/access/actor.ts'
import type { Tx } from '#store/store.ts'
import { exclusionsInForce } from './exclusion.ts'
import { rangeOf, registeredIn, type Register } from './register.ts'
import { scopeGroups } from './scope.ts'
import { requireTargets } from './target-text.ts'

export type TargetSpec = Readonly<{
  /** The default network when absent. */
  network?: string
  /** As people write them; and/or asset groups by id. */
  text?: string
  groups?: readonly string[]
  /** Who asks: what lies outside is treated as not registered. */
  scope: Scope
  at: Date
}>

/** A target that is not scanned, and why. */
export type Dropped = Readonly<{ target: string; reason: 'notRegistered' | 'excluded' | 'otherNetwork'; addresses: bigint; text: string }>

/**
 * What is to be scanned: ranges, never expanded, and names, whose addresses are looked up when they are scanned. Every address asked for is either in
 * these, in `outOfScope` or in `excluded`.
 */
export type Targets = Readonly<{
  network: string
  ranges: IpSet
  names: readonly string[]
  /** Addresses and names. */
  count: bigint
  outOfScope: readonly Dropped[]
  excluded: readonly Dropped[]
}>

export async function resolveTargets(tx: Tx, spec: TargetSpec): Promise<Targets> {
  const network = spec.network ?? tx.tenant
  await requireNetwork(tx, network)
  const text = (spec.text ?? '').trim() === '' ? { set: [], names: [] } : requireTargets(spec.text!)
  const mine = await scopeGroups(tx, spec.scope)
  const groups = await membersOf(tx, network, await groupsAsked(tx, spec.groups ?? [], mine))
  const asked: Register = { set: union(text.set, groups.set), names: [...new Set([...text.names, ...groups.names])].sort() }
  const registered = await registeredIn(tx, network, asked)
  const allowed = mine === null ? registered : await narrow(tx, network, registered, mine)
  const { ranges, names, excluded } = await withoutExcluded(tx, network, allowed, spec.at)
  const unknown: Register = { set: subtract(asked.set, allowed.set), names: asked.names.filter((name) => !allowed.names.includes(name)) }
  return {
    network,
    ranges,
    names,
    count: countAddresses(ranges) + BigInt(names.length),
    outOfScope: [...dropped(unknown, 'notRegistered', 'It is not among the registered addresses that you may scan.'), ...groups.elsewhere],
    excluded,
  }
}

async function requireNetwork(tx: Tx, id: string): Promise<void> {
  const [row] = await tx.sql`select id from network where tenant_id = ${tx.tenant} and id = ${id}`
  if (row === undefined) fail('not_found', { what: 'network', id })
}

/** A group of another tenant, and one outside the scope, are both not there. */
async function groupsAsked(tx: Tx, ids: readonly string[], mine: readonly string[] | null): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const rows = await tx.sql<{ id: string }[]>`select id from asset_group where tenant_id = ${tx.tenant} and id = any(${ids as string[]}::uuid[])`
  const known = new Set(rows.map((row) => row.id).filter((id) => mine === null || mine.includes(id)))
  const missing = ids.find((id) => !known.has(id))
  if (missing !== undefined) fail('not_found', { what: 'asset group', id: missing })
  return ids
}

type Members = Register & Readonly<{ elsewhere: readonly Dropped[] }>

/** Ranges, names and named hosts of the groups, in this network; what lies in others is listed. */
export async function membersOf(tx: Tx, network: string, groups: readonly string[]): Promise<Members> {
  if (groups.length === 0) return { set: [], names: [], elsewhere: [] }
  const { sql, tenant } = tx
  const ids = groups as string[]
  const ranges = await sql<{ network_id: string; first: string; last: string }[]>`
    select network_id, first, last from asset_group_range where tenant_id = ${tenant} and group_id = any(${ids}::uuid[])`
  const names = await sql<{ network_id: string; name: string }[]>`
    select network_id, name from asset_group_name where tenant_id = ${tenant} and group_id = any(${ids}::uuid[])`
  const hosts = await sql<{ network_id: string; tracking: string; identity: string }[]>`
    select h.network_id, h.tracking, h.identity from asset_group_host m join asset_host h on h.tenant_id = m.tenant_id and h.id = m.asset_id
    where m.tenant_id = ${tenant} and h.tenant_id = ${tenant} and m.group_id = any(${ids}::uuid[]) and m.pinned`
  const ofAll = (there: (id: string) => boolean): Register => ({
    set: normalise([
      ...ranges.filter((row) => there(row.network_id)).map(rangeOf),
      ...hosts.filter((row) => there(row.network_id) && row.tracking === 'address').flatMap((row) => single(row.identity)),
    ]),
    names: [...new Set([
      ...names.filter((row) => there(row.network_id)).map((row) => row.name),
      ...hosts.filter((row) => there(row.network_id) && row.tracking === 'name').map((row) => row.identity),
    ])].sort(),
  })
  const here = ofAll((id) => id === network)
  const elsewhere = dropped(ofAll((id) => id !== network), 'otherNetwork', 'It belongs to the group, in another network. Start a scan there.')
  return { ...here, elsewhere }
}

function single(address: string): IpSet {
  const ip = parseIp(address)
  return ip === null ? [] : [{ version: ip.version, first: ip.value, last: ip.value }]
}

async function narrow(tx: Tx, network: string, registered: Register, mine: readonly string[]): Promise<Register> {
  const members = await membersOf(tx, network, mine)
  const names = new Set(members.names)
  return { set: intersect(registered.set, members.set), names: registered.names.filter((name) => names.has(name)) }
}

async function withoutExcluded(tx: Tx, network: string, allowed: Register, at: Date): Promise<{ ranges: IpSet; names: readonly string[]; excluded: readonly Dropped[] }> {
  let ranges = allowed.set
  let names = allowed.names
  const excluded: Dropped[] = []
  for (const exclusion of await exclusionsInForce(tx, network, at)) {
    const hit: Register = { set: intersect(ranges, exclusion.set), names: names.filter((name) => exclusion.names.includes(name)) }
    if (hit.set.length === 0 && hit.names.length === 0) continue
    const until = exclusion.until === null ? '' : ` until ${exclusion.until.toISOString()}`
    excluded.push(...dropped(hit, 'excluded', `It is excluded${until}: ${exclusion.comment}`))
    ranges = subtract(ranges, hit.set)
    names = names.filter((name) => !hit.names.includes(name))
  }
  return { ranges, names, excluded }
}

function dropped({ set, names }: Register, reason: Dropped['reason'], text: string): readonly Dropped[] {
  return [
    ...names.map((name): Dropped => ({ target: name, reason, addresses: 1n, text })),
    ...set.map((range): Dropped => ({ target: formatIpRange(range), reason, addresses: range.last - range.first + 1n, text })),
  ]
}
