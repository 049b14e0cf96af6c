import { fail } from '#core/errors.ts'
import { countAddresses, intersect, normalise, parseIpRange, subtract, type IpRange, type IpSet } from '#core/ip-set.ts'
import { formatIp, parseIp } from '#core/ip.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'

/** The register of what may be scanned. `set`: disjoint; `names`: sorted. */
export type Register = Readonly<{ set: IpSet; names: readonly string[] }>

/** Separate ranges of one network beyond which a register is refused: it is loaded when a scan is planned. */
export const mostRanges = 200_000

type Row = Readonly<{ first: string; last: string }>

export function rangeOf(row: Row): IpRange {
  const [first, last] = [parseIp(bare(row.first))!, parseIp(bare(row.last))!]
  return { version: first.version, first: first.value, last: last.value }
}

/** inet comes back with its prefix where it is not a single address; ours always are. */
function bare(text: string): string {
  return text.replace(/\/(32|128)$/, '')
}

export function firstOf(range: IpRange): string {
  return formatIp({ version: range.version, value: range.first })
}
export function lastOf(range: IpRange): string {
  return formatIp({ version: range.version, value: range.last })
}

/** What is registered in the network, as far as it touches `within`: a /32 must not load two hundred thousand ranges. */
export async function registeredIn(tx: Tx, network: string, within: Register): Promise<Register> {
  const ranges: IpRange[] = []
  for (const version of [4, 6] as const) {
    const asked = within.set.filter((range) => range.version === version)
    if (asked.length === 0) continue
    const rows = await tx.sql<Row[]>`
      select first, last from address_range where tenant_id = ${tx.tenant} and network_id = ${network}
      and last >= ${firstOf(asked[0]!)}::inet and first <= ${lastOf(asked.at(-1)!)}::inet`
    ranges.push(...rows.map(rangeOf))
  }
  const names = within.names.length === 0 ? [] : await tx.sql<{ name: string }[]>`
    select name from address_name where tenant_id = ${tx.tenant} and network_id = ${network} and name = any(${within.names as string[]})`
  return { set: intersect(within.set, normalise(ranges)), names: names.map((row) => row.name).sort() }
}

/** Addresses and names registered over all networks. */
export async function countRegistered(tx: Tx): Promise<bigint> {
  const [ranges, names] = [
    await tx.sql<Row[]>`select first, last from address_range where tenant_id = ${tx.tenant}`,
    await tx.sql<{ n: number }[]>`select count(*) as n from address_name where tenant_id = ${tx.tenant}`,
  ]
  return countAddresses(ranges.map(rangeOf)) + BigInt(names[0]!.n)
}

export async function planLimit(tx: Tx): Promise<number | null> {
  const [row] = await tx.sql<{ max_addresses: number | null }[]>`select max_addresses from tenant where id = ${tx.tenant}`
  return row?.max_addresses ?? null
}

/** One change of a tenant's register at a time: two registrations at once must not both fit into the plan's last place. */
export async function lockRegister(tx: Tx, network: string): Promise<void> {
  const rows = await tx.sql<{ id: string }[]>`
    select id from network where tenant_id = ${tx.tenant} and id = any(${[tx.tenant, network]}::uuid[]) order by id for update`
  if (!rows.some((row) => row.id === network)) fail('not_found', { what: 'network', id: network })
}

export type Added = Readonly<{ added: bigint; already: bigint; used: bigint; most: number | null; fresh: Register }>

/**
 * Adds what is not registered yet. Call after `lockRegister`. Throws when the plan or the limit of ranges would be exceeded; then nothing
 * is added at all.
 */
export async function addToRegister(
  tx: Tx, network: string, wanted: Register,
  about: Readonly<{ comment: string; authority: string; by: string; at: Date }>,
): Promise<Added> {
  const { sql, tenant } = tx
  const fresh = await freshOf(tx, network, wanted)
  const added = countAddresses(fresh.set) + BigInt(fresh.names.length)
  const asked = countAddresses(wanted.set) + BigInt(wanted.names.length)
  const [used, most] = [await countRegistered(tx), await planLimit(tx)]
  if (most !== null && added > 0n && used + added > BigInt(most)) fail('address.over_plan', { count: `${used + added}`, most, used: `${used}` })
  const [held] = await sql<{ n: number }[]>`select count(*) as n from address_range where tenant_id = ${tenant} and network_id = ${network}`
  if (held!.n + fresh.set.length > mostRanges) fail('address.too_fragmented', { count: held!.n + fresh.set.length, most: mostRanges })
  await insertRanges(tx, network, fresh.set, about)
  for (let from = 0; from < fresh.names.length; from += 10_000) {
    const names = fresh.names.slice(from, from + 10_000)
    await sql`
      insert into address_name (tenant_id, id, network_id, name, comment, authority_id, added_by_name, created_at)
      select ${tenant}, id, ${network}, name, ${about.comment}, ${about.authority}, ${about.by}, ${about.at}
      from unnest(${names.map(() => newId())}::uuid[], ${names}::text[]) as u (id, name)
      on conflict (tenant_id, network_id, name) do nothing`
  }
  return { added, already: asked - added, used: used + added, most, fresh }
}

/** What of `wanted` is not registered yet. */
export async function freshOf(tx: Tx, network: string, wanted: Register): Promise<Register> {
  const known = await registeredIn(tx, network, wanted)
  const knownNames = new Set(known.names)
  return { set: subtract(wanted.set, known.set), names: wanted.names.filter((name) => !knownNames.has(name)) }
}

/** Takes out; a range that is only partly meant is split. Call after `lockRegister`. Returns how many were registered. */
export async function takeFromRegister(tx: Tx, network: string, gone: Register): Promise<bigint> {
  const { sql, tenant } = tx
  const before = await registeredIn(tx, network, gone)
  for (const version of [4, 6] as const) {
    const asked = gone.set.filter((range) => range.version === version)
    if (asked.length === 0) continue
    const rows = await sql<(Row & { id: string; comment: string; authority_id: string; added_by_name: string; created_at: Date })[]>`
      select id, first, last, comment, authority_id, added_by_name, created_at from address_range
      where tenant_id = ${tenant} and network_id = ${network} and last >= ${firstOf(asked[0]!)}::inet and first <= ${lastOf(asked.at(-1)!)}::inet`
    const touched = rows.filter((row) => intersect([rangeOf(row)], asked).length > 0)
    await sql`delete from address_range where tenant_id = ${tenant} and id = any(${touched.map((row) => row.id)}::uuid[])`
    for (const row of touched) {
      await insertRanges(tx, network, subtract([rangeOf(row)], asked), { comment: row.comment, authority: row.authority_id, by: row.added_by_name, at: row.created_at })
    }
  }
  await sql`delete from address_name where tenant_id = ${tenant} and network_id = ${network} and name = any(${gone.names as string[]})`
  return countAddresses(before.set) + BigInt(before.names.length)
}

async function insertRanges(tx: Tx, network: string, set: IpSet, about: Readonly<{ comment: string; authority: string; by: string; at: Date }>): Promise<void> {
  for (let from = 0; from < set.length; from += 10_000) {
    const part = set.slice(from, from + 10_000)
    await tx.sql`
      insert into address_range (tenant_id, id, network_id, first, last, comment, authority_id, added_by_name, created_at)
      select ${tx.tenant}, id, ${network}, first, last, ${about.comment}, ${about.authority}, ${about.by}, ${about.at}
      from unnest(${part.map(() => newId())}::uuid[], ${part.map(firstOf)}::inet[], ${part.map(lastOf)}::inet[]) as u (id, first, last)
      on conflict (tenant_id, network_id, first) do nothing`
  }
}

/** Parses what was stored as text. */
export function storedSet(text: string): IpSet {
  return text === '' ? [] : normalise(text.split(',').map(parseIpRange))
}

