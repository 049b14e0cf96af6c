import { formatIpSet, intersect, normalise, parseIpRange } from '#core/ip-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Slice, SliceHost } from '#core/slice.ts'
import { countSlices, dropSlice, lockSlice, queueSlice, returnSlice, suspectAfter, type SliceRow } from '#store/slices.ts'
import type { Tx } from '#store/store.ts'
import { cutSlices, readyAhead } from './cut.ts'
import { askingProbes } from '../finding/ledger.ts'
import { excludedNow } from './excluded.ts'
import { closeHosts } from './ingest.ts'
import { requeue, settle } from './state.ts'

/** After this many lost leases in a row without one host through, a slice is cut into single hosts to find the one that kills. */
export const splitAfter = 3
/** After this many, a single host is reported as not tested. */
export const giveUpAfter = 5

type DispatchRow = Readonly<{ profile: Profile; content: string; state: string; window_ends_at: Date | null }>

/**
 * Turns a slice that was just claimed into what its scanner is sent. Exclusions are read anew: what was excluded since the launch
 * is not scanned. `using`: the checks in force for the tenant now, which may be others than at the launch. Null when there is nothing to do any more.
 */
export async function dispatchSlice(
  tx: Tx, id: string, scanner: string, now: number, using?: Readonly<{ content: string; line: string }>,
): Promise<Slice | null> {
  const slice = await lockSlice(tx, id)
  if (slice === null || slice.leased_by !== scanner || slice.state !== 'leased') return null
  const [scan] = await tx.sql<DispatchRow[]>`
    select profile, content, state, window_ends_at from scan where tenant_id = ${tx.tenant} and id = ${slice.scan_id}`
  const waiting = await waitingHosts(tx, id)
  const excluded = await excludedNow(tx, slice.network_id, now)
  await closeHosts(tx, slice.scan_id, waiting.filter(excluded.covers).map((host) => (
    { asset: host.asset, outcome: 'refused', why: 'excluded from scanning since the scan was started' })), now)
  const hosts = waiting.filter((host) => !excluded.covers(host))
  if (hosts.length === 0 || scan === undefined) {
    await dropSlice(tx, id)
    await settle(tx, slice.scan_id, now)
    return null
  }
  // A host that is begun again is counted again from nothing.
  await tx.sql`
    update scan_host set ports_open = 0, started_at = null where tenant_id = ${tx.tenant} and slice_id = ${id} and outcome is null`
  await tx.sql`
    update scan set state = case when state = 'Queued' then 'Loading' else state end,
      started_at = coalesce(started_at, ${new Date(now)}), last_heard_at = ${new Date(now)}
    where tenant_id = ${tx.tenant} and id = ${slice.scan_id}`
  if ((await countSlices(tx, slice.scan_id)).ready < readyAhead) await cutSlices(tx, slice.scan_id, readyAhead, now)
  await settle(tx, slice.scan_id, now)
  return {
    id,
    scan: slice.scan_id,
    hosts: await withOpenChecks(tx, hosts),
    exclude: formatIpSet(intersect(normalise(hosts.map((host) => parseIpRange(host.address))), excluded.set)),
    profile: scan.profile,
    content: using?.content ?? scan.content,
    ...(using === undefined || using.line === 'general' ? {} : { line: using.line }),
    seq: slice.seq,
    leaseUntil: slice.lease_until!.getTime(),
    windowEnds: scan.window_ends_at?.getTime() ?? null,
  }
}

/** Checks of one host that are asked again because a finding of theirs is open: more than this are told by what is seen anyway. */
const mostOpen = 500

/** Adds to each host the checks with an open finding that have requests of their own: those are sent whether or not what is seen suggests them. */
async function withOpenChecks({ sql, tenant }: Tx, hosts: readonly SliceHost[]): Promise<readonly SliceHost[]> {
  const rows = await sql<{ asset: string; open: number[] }[]>`
    select asset_id as asset, (array_agg(distinct signature_id))[1:${mostOpen}] as open from finding
    where tenant_id = ${tenant} and asset_id = any(${hosts.map((host) => host.asset)}::uuid[]) and status <> 'fixed' and probe = any(${[...askingProbes]}::text[]) group by asset_id`
  const open = new Map(rows.map((row) => [row.asset, row.open]))
  return hosts.map((host) => (open.has(host.asset) ? { ...host, open: open.get(host.asset)! } : host))
}

/** The scanner is through with the slice, or cannot go on. What it did not get through goes back to the queue. */
export async function finishSlice(
  tx: Tx, id: string, scanner: string, outcome: 'done' | 'partial' | 'paused' | 'lost', now: number,
): Promise<void> {
  const slice = await lockSlice(tx, id)
  if (slice === null || slice.leased_by !== scanner) return
  const left = (await waitingHosts(tx, id)).length
  if (left === 0 || slice.wish === 'stop') await dropSlice(tx, id)
  // `done` with hosts left is a scanner's mistake: it counts like a loss, so that it cannot go on for ever.
  else if (outcome === 'done' || outcome === 'lost') await loseSlice(tx, slice, left, now)
  else await returnSlice(tx, slice, left, false)
  if ((await countSlices(tx, slice.scan_id)).ready < readyAhead) await cutSlices(tx, slice.scan_id, readyAhead, now)
  await settle(tx, slice.scan_id, now)
}

/** The lease ran out or its scanner forgot it. `stillDue` says, under the slice's lock, whether that still holds. */
export async function expireSlice(tx: Tx, id: string, stillDue: (slice: SliceRow) => boolean, now: number): Promise<void> {
  const slice = await lockSlice(tx, id)
  if (slice === null || slice.state !== 'leased' || !stillDue(slice)) return
  const left = (await waitingHosts(tx, id)).length
  if (left === 0 || slice.wish === 'stop') await dropSlice(tx, id)
  else await loseSlice(tx, slice, left, now)
  await settle(tx, slice.scan_id, now)
  await requeue(tx, slice.scan_id, 'waiting for a scanner: the last one was lost', now)
}

/**
 * Back to the queue after a loss. A slice that was lost again and again without one host getting through holds a host that kills
 * scanners: it is cut into single hosts, which then run alone, and the host that goes on killing is reported as not tested.
 */
async function loseSlice(tx: Tx, slice: SliceRow, left: number, now: number): Promise<void> {
  const attempts = slice.progressed ? 0 : slice.attempts + 1
  if (left === 1 && attempts >= giveUpAfter) {
    const [host] = await waitingHosts(tx, slice.id)
    await closeHosts(tx, slice.scan_id, [{ asset: host!.asset, outcome: 'untested',
      why: `scanners died or failed ${attempts} times while testing it` }], now)
    await dropSlice(tx, slice.id)
  } else if (left > 1 && attempts >= splitAfter) {
    for (const host of await waitingHosts(tx, slice.id)) {
      const single = await queueSlice(
        tx, { scan: slice.scan_id, network: slice.network_id, scanner: slice.scanner_id, priority: slice.priority, hosts: 1 },
          now)
      await tx.sql`
        update scan_host set slice_id = ${single} where tenant_id = ${tx.tenant} and scan_id = ${slice.scan_id} and asset_id = ${host.asset}`
      // Suspects from the start: they run alone. Paused with their scan, if it is.
      await tx.sql`
        update scan_slice set attempts = ${suspectAfter}, wish = ${slice.wish},
        state = ${slice.wish === 'pause' ? 'held' : 'ready'}
        where tenant_id = ${tx.tenant} and id = ${single}`
    }
    await dropSlice(tx, slice.id)
  } else await returnSlice(tx, slice, left, !slice.progressed)
}

async function waitingHosts(tx: Tx, slice: string): Promise<readonly SliceHost[]> {
  return tx.sql<SliceHost[]>`
    select asset_id as asset, host(address) as address, names from scan_host
    where tenant_id = ${tx.tenant} and slice_id = ${slice} and outcome is null order by position`
}
