import { fail } from '#core/errors.ts'
import type { Tx } from '#store/store.ts'
import { countSlices } from '#store/slices.ts'
import type { DroppedReason } from './targets.ts'
import { endedStates, waitingStates, type ScanState } from './state.ts'

/** Whose scans are seen: null is everybody's; a person whose scope is narrower than the organisation sees those they started. */
export type Owner = string | null

export type ScanView = Readonly<{
  id: string
  reference: string
  title: string
  kind: 'onDemand' | 'scheduled' | 'verification'
  state: ScanState
  sub_state: 'No_Host' | 'No_Vuln' | 'Not_Tested' | null
  state_text: string
  profile_id: string | null
  profile_name: string
  schedule_id: string | null
  schedule_name: string | null
  network_id: string
  network_name: string
  scanner_id: string | null
  scanner_name: string | null
  targets: string
  dropped_count: number
  priority: number
  hosts_total: number
  hosts_done: number
  hosts_up: number
  hosts_dead: number
  hosts_untested: number
  ports_open: number
  found: readonly number[]
  launched_by: string | null
  launched_by_name: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
  last_heard_at: Date | null
  running_since: Date | null
  ran_before: number
  window_ends_at: Date | null
  resumes_at: Date | null
  expires_at: Date | null
  content: string
}>

export type ScanFilter = Readonly<{ state?: string; kind?: string; scheduleId?: string; text?: string }>

/**
 * Newest first; `after` is the last row of the page before. Targets are cut to 200 characters, on the scan's own page to 20,000.
 */
export async function listScans(
  tx: Tx, filter: ScanFilter, owner: Owner, after: readonly [Date, string] | null, limit: number,
): Promise<readonly ScanView[]> {
  const { sql } = tx
  const part = filter.text === undefined || filter.text === '' ? null : `%${filter.text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return select(tx, sql`left(s.targets, 200)`, sql`
    ${owner === null ? sql`true` : sql`s.launched_by = ${owner}`}
    and ${filter.state === undefined ? sql`true` : sql`s.state = ${filter.state}`}
    and ${filter.kind === undefined ? sql`true` : sql`s.kind = ${filter.kind}`}
    and ${filter.scheduleId === undefined ? sql`true` : sql`s.schedule_id = ${filter.scheduleId}`}
    and ${part === null ? sql`true` : sql`(s.title ilike ${part} or s.reference ilike ${part} or s.targets ilike ${part})`}
    and ${after === null ? sql`true` : sql`(s.created_at, s.id) < (${after[0]}, ${after[1]}::uuid)`}
    order by s.created_at desc, s.id desc limit ${limit}`)
}

export async function readScan(tx: Tx, id: string, owner: Owner): Promise<ScanView> {
  const { sql } = tx
  const [scan] = isUuid(id)
    ? await select(tx, sql`left(s.targets, 20000)`,
      sql`s.id = ${id} and ${owner === null ? sql`true` : sql`s.launched_by = ${owner}`}`)
    : []
  return scan ?? fail('not_found', { what: 'scan', id })
}

type Fragment = ReturnType<Tx['sql']>

function select({ sql, tenant }: Tx, targets: Fragment, where: Fragment): Promise<readonly ScanView[]> {
  return sql<ScanView[]>`
    select s.id, s.reference, s.title, s.kind, s.state, s.sub_state, s.state_text, s.profile_id, s.profile_name, s.schedule_id,
      d.name as schedule_name, s.network_id, coalesce(n.name, '') as network_name, s.scanner_id, c.name as scanner_name,
      ${targets} as targets, s.dropped_count, s.priority,
      s.hosts_total, s.hosts_done, s.hosts_up, s.hosts_dead, s.hosts_untested, s.ports_open,
      array[s.found1, s.found2, s.found3, s.found4, s.found5] as found, s.launched_by, s.launched_by_name, s.created_at,
      s.started_at, s.ended_at, s.last_heard_at, s.running_since, s.ran_before, s.window_ends_at, s.resumes_at, s.expires_at, s.content
    from scan s
      left join schedule d on d.tenant_id = s.tenant_id and d.id = s.schedule_id
      left join network n on n.tenant_id = s.tenant_id and n.id = s.network_id
      left join scanner c on c.id = s.scanner_id
    where s.tenant_id = ${tenant} and ${where}`
}

export type DroppedView = Readonly<{ target: string; reason: DroppedReason; addresses: number; text: string }>
export type ScannerAtWork = Readonly<{ id: string; name: string; slices: number }>

/** What a scan's own page shows beside its row. */
export type ScanDetail = Readonly<{
  scan: ScanView
  dropped: readonly DroppedView[]
  slices: Readonly<{ ready: number; leased: number; held: number }>
  scanners: readonly ScannerAtWork[]
  /** Of hosts under way, which the counts of the row do not hold yet. */
  underWay: Readonly<{ ports: number; found: readonly number[] }>
  /** Whether a scanner that could take its slices was heard of lately. */
  served: boolean
}>

export async function readScanDetail(tx: Tx, id: string, owner: Owner, now: number): Promise<ScanDetail> {
  const scan = await readScan(tx, id, owner)
  const { sql, tenant } = tx
  const dropped = await sql<DroppedView[]>`
    select target, reason, addresses, text from scan_dropped where tenant_id = ${tenant} and scan_id = ${id} order by position limit 500`
  const scanners = await sql<ScannerAtWork[]>`
    select c.id, c.name, count(*)::int as slices from scan_slice l join scanner c on c.id = l.leased_by
    where l.tenant_id = ${tenant} and l.scan_id = ${id} and l.state = 'leased' group by c.id, c.name order by c.name`
  const [under] = endedStates.includes(scan.state) ? [] : await sql<{ ports: number }[]>`
    select coalesce(sum(h.ports_open), 0)::int as ports from scan_host h
    where h.tenant_id = ${tenant} and h.scan_id = ${id} and h.outcome is null and h.started_at is not null
      and h.slice_id in (select l.id from scan_slice l where l.tenant_id = ${tenant} and l.scan_id = ${id})`
  const found = endedStates.includes(scan.state) ? [] : await sql<{ severity: number; n: number }[]>`
    select r.severity, count(*)::int as n from scan_host h
      join scan_result r on r.tenant_id = h.tenant_id and r.scan_id = h.scan_id and r.asset_id = h.asset_id
    where h.tenant_id = ${tenant} and r.tenant_id = ${tenant} and h.scan_id = ${id} and h.outcome is null and h.started_at is not null
      and h.slice_id in (select l.id from scan_slice l where l.tenant_id = ${tenant} and l.scan_id = ${id}) and r.type <> 'information'
    group by r.severity`
  const [serving] = await sql<{ served: boolean }[]>`
    select exists (select from scanner where last_seen_at > ${new Date(now - 90_000)} and (id = ${scan.scanner_id} or (${scan.scanner_id}::uuid is null and (
      (tenant_id = ${tenant} and network_id = ${scan.network_id}) or (tenant_id is null and ${scan.network_id === tenant}))))) as served`
  return {
    scan, dropped, scanners,
    slices: await countSlices(tx, id),
    underWay: { ports: under?.ports ?? 0,
      found: [1, 2, 3, 4, 5].map((severity) => found.find((row) => row.severity === severity)?.n ?? 0) },
    served: serving!.served,
  }
}

/** Why it stands where it stands. */
export function stateText({ scan, served, slices }: ScanDetail): string {
  if (scan.state !== 'Queued') return scan.state_text
  if (!served) {
    const where = scan.scanner_name === null ? `A scanner of the network "${scan.network_name}"` : `The scanner "${scan.scanner_name}"`
    return `${where} must come online: none that may take this scan was heard of lately.`
  }
  return scan.state_text !== '' ? scan.state_text : slices.ready > 0 ? 'waiting for its turn' : ''
}

export type HostView = Readonly<{
  asset_id: string
  address: string
  names: readonly string[]
  outcome: string
  why: string
  ports_open: number
  found: number
  worst: number
  position: number
  ended_at: Date | null
}>

/** Hosts in the order of the targets. A host whose slice is leased is `scanning` once something was heard of it. */
export async function listHosts(
  tx: Tx, id: string, outcome: string | null, after: number | null, limit: number,
): Promise<readonly HostView[]> {
  const { sql, tenant } = tx
  const shown = sql`coalesce(h.outcome, case when h.started_at is not null and l.state = 'leased' then 'scanning' else 'waiting' end)`
  return sql<HostView[]>`
    select h.asset_id, host(h.address) as address, h.names, ${shown} as outcome, h.why, h.ports_open, h.found, h.worst,
    h.position, h.ended_at
    from scan_host h left join scan_slice l on l.id = h.slice_id and l.tenant_id = h.tenant_id
    where h.tenant_id = ${tenant} and h.scan_id = ${id} and ${after === null ? sql`true` : sql`h.position > ${after}`}
      and ${outcome === null ? sql`true` : sql`${shown} = ${outcome}`}
    order by h.position limit ${limit}`
}

/** Takes an ended scan off the list. Findings, and what they were closed by, stay. */
export async function removeScan(tx: Tx, id: string, owner: Owner): Promise<ScanView> {
  const scan = await readScan(tx, id, owner)
  if (!endedStates.includes(scan.state)) fail('scan.still_running', { reference: scan.reference, state: scan.state })
  await tx.sql`delete from scan where tenant_id = ${tx.tenant} and id = ${id}`
  return scan
}

export function actionsOf(state: ScanState): Readonly<{ pause: boolean; resume: boolean; cancel: boolean }> {
  return {
    pause: waitingStates.includes(state),
    resume: state === 'Paused' || state === 'Pausing',
    cancel: !endedStates.includes(state) && state !== 'Canceling',
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text)
}
