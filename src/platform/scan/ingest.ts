import { fail } from '#core/errors.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Profile } from '#core/profile.ts'
import type { Detection } from '#core/signature.ts'
import { instanceOf } from '#core/place.ts'
import type { Answer } from '#channel/channel.ts'
import { lockSlice, renewLease, type SliceRow } from '#store/slices.ts'
import type { Tx } from '#store/store.ts'
import { takeEvents } from '../finding/intake.ts'
import { keepLogins } from '../credential/result.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { publish } from '../live.ts'
import { excludedNow } from './excluded.ts'

type HostRow = Readonly<{ asset_id: string; address: string; outcome: string | null }>

/**
 * Takes one numbered batch of a slice, all of it or nothing, in one transaction with the number itself: a batch sent twice is
 * stored once. Events of hosts that are not (or no longer) the slice's are not believed.
 */
export async function takeReport(
  tx: Tx, scanner: string, sliceId: string, seq: number, batch: readonly ScanEvent[], knowledge: Knowledge | (() => Knowledge), now: number,
): Promise<Answer> {
  const slice = await lockSlice(tx, sliceId)
  if (slice === null || slice.leased_by !== scanner) return 'stop'
  if (batch.length === 0 || seq < slice.seq) {
    await renewLease(tx, slice, slice.seq, false, now)
    await heard(tx, slice, now)
    return answerTo(tx, slice, now)
  }
  if (seq > slice.seq) fail('scan.batch_gap', { seq, slice: sliceId, expected: slice.seq })
  const hosts = await tx.sql<HostRow[]>`
    select asset_id, host(address) as address, outcome from scan_host where tenant_id = ${tx.tenant} and slice_id = ${sliceId}`
  const open = new Map(hosts.filter((host) => host.outcome === null).map((host) => [host.asset_id, host.address]))
  const events = batch.filter((event) => isOf(open, event))
  const [scan] = await tx.sql<{ profile: Profile }[]>`
    select profile from scan where tenant_id = ${tx.tenant} and id = ${slice.scan_id}`
  const detections = await takeEvents(tx, knowledge, { scan: slice.scan_id, scanner, profile: scan!.profile, now }, events)
  await keepResults(tx, slice.scan_id, detections)
  await keepFailures(tx, slice.scan_id, events)
  await keepLogins(tx, slice.scan_id, events)
  await countPorts(tx, slice.scan_id, events, now)
  const done = events.flatMap((event) =>
    (event.type === 'done' ? [{ asset: event.asset, outcome: event.outcome, why: event.why.slice(0, 500) }] : []))
  await renewLease(tx, slice, seq + 1, done.length > 0, now)
  await closeHosts(tx, slice.scan_id, done, now)
  await heard(tx, slice, now)
  await publish(tx, 'scan.progress', { id: slice.scan_id })
  return answerTo(tx, slice, now)
}

/**
 * A host that was excluded after its slice was handed out: the scanner gives the slice back at once, and gets the rest of it again without that
 * host. Those excluded before are not among the waiting, so that this comes to an end.
 */
async function answerTo(tx: Tx, slice: SliceRow, now: number): Promise<Answer> {
  if (slice.wish !== 'go on') return slice.wish
  const excluded = await excludedNow(tx, slice.network_id, now)
  const waiting = await tx.sql<{ address: string; names: string[] }[]>`
    select host(address) as address, names from scan_host where tenant_id = ${tx.tenant} and slice_id = ${slice.id} and outcome is null`
  return waiting.some(excluded.covers) ? 'pause' : 'go on'
}

function isOf(open: ReadonlyMap<string, string>, event: ScanEvent): boolean {
  const place = event.type === 'seen' ? event.seen.at : event
  return open.get(place.asset) === place.address
}

/** The first word of a scanner makes the scan run; every word shows that it is alive. */
async function heard(tx: Tx, slice: SliceRow, now: number): Promise<void> {
  const at = new Date(now)
  await tx.sql`
    update scan set last_heard_at = ${at},
      state = case when state in ('Queued', 'Loading') then 'Running' else state end,
      state_text = case when state in ('Queued', 'Loading') then '' else state_text end,
      running_since = coalesce(running_since, ${at})
    where tenant_id = ${tx.tenant} and id = ${slice.scan_id}
      and (state in ('Queued', 'Loading') or last_heard_at is null or last_heard_at < ${new Date(now - 2000)})`
}

export type HostEnd = Readonly<{ asset: string; outcome: 'scanned' | 'dead' | 'partial' | 'refused' | 'untested'; why: string }>

/** Closes hosts and adds them to the scan's counts, each once. */
export async function closeHosts(tx: Tx, scan: string, ends: readonly HostEnd[], now: number): Promise<void> {
  if (ends.length === 0) return
  const closed = await tx.sql<{ outcome: HostEnd['outcome']; ports_open: number; asset_id: string }[]>`
    update scan_host h set outcome = e.outcome, why = e.why, ended_at = ${new Date(now)},
      found = coalesce(r.found, 0), worst = coalesce(r.worst, 0)
    from jsonb_to_recordset(${tx.sql.json(ends as never)}::jsonb) as e(asset uuid, outcome text, why text)
      left join (select asset_id, count(*)::int as found, max(severity)::smallint as worst from scan_result
        where tenant_id = ${tx.tenant} and scan_id = ${scan} and asset_id = any(${ends.map((end) => end.asset)}::uuid[])
          and type <> 'information' group by asset_id) r on r.asset_id = e.asset
    where h.tenant_id = ${tx.tenant} and h.scan_id = ${scan} and h.asset_id = e.asset and h.outcome is null
    returning h.outcome, h.ports_open, h.asset_id`
  if (closed.length === 0) return
  const severities = await tx.sql<{ severity: number; n: number }[]>`
    select severity, count(*)::int as n from scan_result
    where tenant_id = ${tx.tenant} and scan_id = ${scan} and asset_id = any(${closed.map((host) => host.asset_id)}::uuid[])
      and type <> 'information' group by severity`
  const of = (severity: number): number => severities.find((row) => row.severity === severity)?.n ?? 0
  const those = (...outcomes: HostEnd['outcome'][]): number => closed.filter((host) => outcomes.includes(host.outcome)).length
  await tx.sql`
    update scan set hosts_done = hosts_done + ${closed.length}, hosts_up = hosts_up + ${those('scanned', 'partial')},
      hosts_dead = hosts_dead + ${those('dead')}, hosts_untested = hosts_untested + ${those('partial', 'refused', 'untested')},
      ports_open = ports_open + ${closed.reduce((sum, host) => sum + host.ports_open, 0)},
      found1 = found1 + ${of(1)}, found2 = found2 + ${of(2)}, found3 = found3 + ${of(3)}, found4 = found4 + ${of(4)},
      found5 = found5 + ${of(5)}
    where tenant_id = ${tx.tenant} and id = ${scan}`
}

async function keepResults(tx: Tx, scan: string, detections: readonly Detection[]): Promise<void> {
  if (detections.length === 0) return
  const rows = detections.map(({ signature, at, severity, type }) => ({
    asset: at.asset, signature, proto: at.proto ?? '', port: at.port ?? 0, instance: instanceOf(at), severity, type,
  }))
  await tx.sql`
    insert into scan_result (tenant_id, scan_id, asset_id, signature, proto, port, instance, severity, type)
    select ${tx.tenant}, ${scan}, r.asset, r.signature, r.proto, r.port, r.instance, r.severity, r.type
    from jsonb_to_recordset(${tx.sql.json(rows as never)}::jsonb)
      as r(asset uuid, signature int, proto text, port int, instance text, severity smallint, type text)
    on conflict (tenant_id, scan_id, asset_id, signature, proto, port, instance) do nothing`
}

async function countPorts(tx: Tx, scan: string, events: readonly ScanEvent[], now: number): Promise<void> {
  const counts = new Map<string, number>()
  for (const event of events) {
    const asset = event.type === 'seen' ? event.seen.at.asset : event.asset
    const opens = event.type === 'seen' && event.seen.kind === 'port' && event.seen.data.state === 'open' ? 1 : 0
    counts.set(asset, (counts.get(asset) ?? 0) + opens)
  }
  if (counts.size === 0) return
  const rows = [...counts].map(([asset, ports]) => ({ asset, ports }))
  await tx.sql`
    update scan_host h set ports_open = h.ports_open + e.ports, started_at = coalesce(h.started_at, ${new Date(now)})
    from jsonb_to_recordset(${tx.sql.json(rows as never)}::jsonb) as e(asset uuid, ports int)
    where h.tenant_id = ${tx.tenant} and h.scan_id = ${scan} and h.asset_id = e.asset`
}

async function keepFailures(tx: Tx, scan: string, events: readonly ScanEvent[]): Promise<void> {
  const sums = new Map<string, { probe: string; code: string; hosts: Set<string>; times: number; example: string }>()
  for (const event of events) {
    if (event.type !== 'failed') continue
    const key = `${event.probe}\n${event.code}`
    const sum = sums.get(key) ?? { probe: event.probe, code: event.code, hosts: new Set(), times: 0, example: '' }
    sums.set(key, sum)
    sum.hosts.add(event.asset)
    sum.times++
    sum.example ||= `${event.address}${event.ports === '' ? '' : ` ${event.ports.slice(0, 60)}`}: ${event.text}`.slice(0, 300)
  }
  // In one order everywhere, so that two slices of a scan never wait for each other.
  const sorted = [...sums.values()].sort((a, b) => (a.probe + a.code < b.probe + b.code ? -1 : 1))
  for (const { probe, code, hosts, times, example } of sorted) {
    await tx.sql`
      insert into scan_failure (tenant_id, scan_id, probe, code, hosts, times, example)
      values (${tx.tenant}, ${scan}, ${probe.slice(0, 80)}, ${code.slice(0, 80)}, ${hosts.size}, ${times}, ${example})
      on conflict (tenant_id, scan_id, probe, code) do update
        set hosts = scan_failure.hosts + excluded.hosts, times = scan_failure.times + excluded.times`
  }
}
