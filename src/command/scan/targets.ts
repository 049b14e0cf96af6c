import { lookup, lookupService } from 'node:dns/promises'
import { createReadStream } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { fail } from '#core/errors.ts'
import { formatIp, parseIp } from '#core/ip.ts'
import { addressesOf, countAddresses, formatIpRange, intersect, normalise, parseIpRange, parseIpSet, subtract, type IpRange, type IpSet } from '#core/ip-set.ts'
import type { SliceHost } from '#core/slice.ts'

/** Addresses in one scan; entries and bytes of a list of targets. */
export const addressesMost = 65_536
const entriesMost = 100_000
const fileMost = 8_388_608

/** What nobody else owns: private, loopback, link-local and shared ranges (RFC 1918, 6598, 3927, 4193). */
const notPublic = parseIpSet('10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,169.254.0.0/16,100.64.0.0/10,::1,fc00::/7')
/** What no host can have, or what no single host is behind. */
const reserved: readonly (readonly [IpSet, string])[] = [
  [parseIpSet('0.0.0.0/8,224.0.0.0/3,::,ff00::/8'), 'it is reserved, multicast or broadcast'],
  [parseIpSet('fe80::/10'), 'it is link-local, which needs an interface; name the host by its global or unique local address'],
]

export type Targets = Readonly<{
  scope: IpSet
  /** Addresses that are left out because the caller excluded them. */
  excluded: bigint
  /** Names by canonical address, as the caller gave them. */
  names: ReadonlyMap<string, readonly string[]>
  /** Addresses that were named one by one, so that their silence is worth a word. */
  single: ReadonlySet<string>
  /** Names that could not be resolved. */
  lost: readonly string[]
}>

/** Resolves targets as written. Everything that is wrong is an error that names what was passed; nothing is dropped in silence. */
export async function resolveTargets(entries: readonly string[], exclude: string, authorised: boolean): Promise<Targets> {
  if (entries.length === 0) fail('scan.no_targets')
  if (entries.length > entriesMost) fail('scan.too_many_targets', { count: entries.length, most: entriesMost })
  const ranges: IpRange[] = []
  const names = new Map<string, string[]>()
  const single = new Set<string>()
  const lost: string[] = []
  for (const entry of entries) {
    const named = isName(entry)
    const range = named ? await resolveName(entry) : parseIpRange(entry)
    if (range === null) {
      lost.push(entry)
      continue
    }
    const count = range.last - range.first + 1n
    if (count > BigInt(addressesMost)) fail('address.too_many', { address: entry, count: String(count), most: addressesMost })
    const never = reserved.find(([set]) => intersect([range], set).length > 0)
    if (never !== undefined) fail('address.reserved', { address: entry, why: never[1] })
    ranges.push(range)
    if (count > 1n) continue
    const address = formatIp({ version: range.version, value: range.first })
    single.add(address)
    if (named) names.set(address, [...(names.get(address) ?? []), entry.toLowerCase()])
  }
  const wanted = normalise(ranges)
  const all = countAddresses(wanted)
  if (all > BigInt(addressesMost)) fail('address.too_many', { address: `${entries.length} targets`, count: String(all), most: addressesMost })
  const scope = subtract(wanted, parseIpSet(exclude))
  if (scope.length === 0 && lost.length === 0) fail('scan.nothing_left', { targets: entries.join(' '), why: 'all of it is excluded' })
  if (!authorised) refusePublic(scope)
  return { scope, excluded: all - countAddresses(scope), names, single, lost }
}

function refusePublic(scope: IpSet): void {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []).flatMap(({ address }) => {
    const ip = parseIp(address)
    return ip === null ? [] : [{ version: ip.version, first: ip.value, last: ip.value }]
  })
  const foreign = subtract(scope, normalise([...notPublic, ...own]))
  if (foreign.length > 0) fail('scan.not_authorised', { target: formatIpRange(foreign[0]!) })
}

/** A host name, and not an address with a mistake in it: the last label of a name is never a number. */
function isName(entry: string): boolean {
  return entry.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/i.test(entry)
}

async function resolveName(name: string): Promise<IpRange | null> {
  try {
    const { address } = await lookup(name, { order: 'ipv4first' })
    const ip = parseIp(address)
    return ip === null ? null : { version: ip.version, first: ip.value, last: ip.value }
  } catch {
    return null
  }
}

/** Reads a list of targets: separated by white space or commas, `#` begins a comment. */
export async function readTargets(file: string): Promise<readonly string[]> {
  const entries: string[] = []
  let rest = ''
  let size = 0
  const add = (line: string): void => {
    const text = line.replace(/#.*/, '').trim()
    if (text !== '') entries.push(...text.split(/[\s,;]+/).filter((part) => part !== ''))
    if (entries.length > entriesMost) fail('scan.too_many_targets', { count: `more than ${entriesMost}`, most: entriesMost })
  }
  const source = createReadStream(file, { encoding: 'utf8' })
  try {
    for await (const part of source as AsyncIterable<string>) {
      size += part.length
      if (size > fileMost) fail('scan.file_too_large', { file, most: fileMost })
      const lines = (rest + part).split(/\r\n|\r|\n/)
      rest = lines.pop() ?? ''
      lines.forEach(add)
    }
    add(rest)
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error) fail('scan.file_unreadable', { file, why: String(error.code) })
    throw error
  } finally {
    source.destroy()
  }
  return entries
}

/** Hosts one by one, as they are asked for. `reverse`: with the names that the system's resolver knows and that lead back to the address. */
export async function* hostsOf(targets: Targets, reverse: boolean): AsyncGenerator<SliceHost> {
  for (const address of addressesOf(targets.scope)) {
    const given = targets.names.get(address) ?? []
    const names = given.length > 0 || !reverse ? given : await reverseName(address)
    yield { asset: address, address, names }
  }
}

async function reverseName(address: string): Promise<readonly string[]> {
  try {
    const { hostname } = await lookupService(address, 9)
    if (!isName(hostname)) return []
    const back = await lookup(hostname, { all: true })
    return back.some((found) => found.address === address) ? [hostname.toLowerCase()] : []
  } catch {
    return []
  }
}

