import { lookup } from 'node:dns/promises'
import { fail } from '#core/errors.ts'
import { contains, formatIpSet, union, type IpSet } from '#core/ip-set.ts'
import { formatIp, parseIp } from '#core/ip.ts'
import type { Tx } from '#store/store.ts'
import { exclusionsInForce } from '../asset/exclusion.ts'
import { resolveTargets, type Targets } from '../asset/target.ts'
import type { NamedTarget } from './cut.ts'
import type { LaunchContext, LaunchRequest } from './launch.ts'

/** Addresses of one scan at most; what is beyond is listed as over the limit. */
export const mostAddresses = 1_048_576

export type DroppedReason = 'notRegistered' | 'excluded' | 'otherNetwork' | 'overLimit' | 'unresolved'
export type Dropped = Readonly<{ target: string; reason: DroppedReason; addresses: bigint; text: string }>

/** Names among the targets, for `lookUp`, which must not happen inside a transaction. */
export async function namesOf(tx: Tx, request: LaunchRequest, context: LaunchContext): Promise<readonly string[]> {
  return (await resolve(tx, request, context)).names
}

export async function resolve(tx: Tx, request: LaunchRequest, context: LaunchContext): Promise<Targets> {
  const text = (request.targets ?? '').trim()
  const groups = request.assetGroupIds ?? []
  if (text === '' && groups.length === 0) fail('scan.no_targets')
  return resolveTargets(tx, {
    network: request.networkId ?? tx.tenant, text, groups, scope: context.scope, at: new Date(context.now),
  })
}

type SettledTargets = Readonly<{ ranges: IpSet; named: readonly NamedTarget[]; dropped: readonly Dropped[] }>

/**
 * Gives names their addresses, keeps the first so many of all, and lists what falls out: whole ranges and the rest of one cut in
 * two.
 */
export async function settleTargets(tx: Tx, targets: Targets, addresses: ReadonlyMap<string, string>,
  now: number): Promise<SettledTargets> {
  const dropped: Dropped[] = [...targets.outOfScope, ...targets.excluded]
  const excluded = (await exclusionsInForce(tx, targets.network, new Date(now))).reduce<IpSet>((all, one) => union(all, one.set),
    [])
  const named: NamedTarget[] = []
  for (const name of targets.names) {
    const address = addresses.get(name)
    const drop = (reason: DroppedReason, text: string) => dropped.push({ target: name, reason, addresses: 1n, text })
    if (address === undefined) drop('unresolved', 'No address could be found for the name.')
    else if (contains(excluded, parseIp(address)!)) drop('excluded', `Its address ${address} is excluded.`)
    else named.push({ address, names: [name] })
  }
  let room = BigInt(Math.max(0, mostAddresses - named.length))
  const ranges: IpSet[number][] = []
  for (const range of targets.ranges) {
    const size = range.last - range.first + 1n
    const kept = size < room ? size : room
    if (kept > 0n) ranges.push({ ...range, last: range.first + kept - 1n })
    if (kept < size) {
      const rest = formatIpSet([{ ...range, first: range.first + kept }])
      dropped.push({ target: rest, reason: 'overLimit', addresses: size - kept,
        text: `One scan takes at most ${mostAddresses} addresses.` })
    }
    room -= kept
  }
  return { ranges, named, dropped }
}

export function refuse(asked: string, dropped: readonly Dropped[]): never {
  if (dropped.length > 0 && dropped.every((entry) => entry.reason === 'notRegistered')) fail('scan.no_authority',
    { targets: asked })
  const reasons = [...new Set(dropped.map((entry) => entry.text))]
  return fail('scan.nothing_left', { targets: asked, why: reasons.slice(0, 3).join(' ') || 'It holds no address.' })
}

/** Looking up names ends then, however many are left: a launch must answer. */
const lookUpMs = 20_000

/**
 * The first address of each name, as the platform's resolver says now; names without one, or without an answer in time, are left
 * out.
 */
export async function lookUp(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const rest = [...names]
  const end = Date.now() + lookUpMs
  const work = async (): Promise<void> => {
    for (let name = rest.pop(); name !== undefined && Date.now() < end; name = rest.pop()) {
      const address = await lookup(name, { verbatim: false }).then((result) => parseIp(result.address), () => null)
      if (address !== null) found.set(name, formatIp(address))
    }
  }
  await Promise.all(Array.from({ length: Math.min(16, names.length) }, work))
  return found
}
