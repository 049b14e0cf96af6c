import type { Comparison as Compared } from '#platform/scan/compare.ts'
import { actionsOf, stateText, type HostView, type ScanDetail, type ScanView } from '#platform/scan/read.ts'
import type { Comparison, Scan, ScanHost, ScanRow } from './schemas.ts'

const time = (at: Date | null): string | null => at?.toISOString() ?? null

export function toRow(scan: ScanView, now: number): ScanRow {
  return {
    id: scan.id,
    reference: scan.reference,
    title: scan.title,
    kind: scan.kind,
    state: scan.state,
    subState: scan.sub_state,
    profile: { id: scan.profile_id, name: scan.profile_name },
    schedule: scan.schedule_id === null ? null : { id: scan.schedule_id, name: scan.schedule_name ?? '(removed)' },
    targets: scan.targets.slice(0, 200),
    droppedCount: scan.dropped_count,
    priority: Math.min(9, scan.priority),
    hostsTotal: scan.hosts_total,
    hostsDone: scan.hosts_done,
    hostsUp: scan.hosts_up,
    hostsDead: scan.hosts_dead,
    hostsUntested: scan.hosts_untested,
    portsOpen: scan.ports_open,
    found: sum(scan.found),
    foundBySeverity: [...scan.found],
    progress: scan.hosts_total === 0 ? 0 : Math.min(100, Math.round((scan.hosts_done / scan.hosts_total) * 1000) / 10),
    launchedBy: scan.launched_by === null ? null : { id: scan.launched_by, name: scan.launched_by_name ?? '' },
    createdAt: scan.created_at.toISOString(),
    startedAt: time(scan.started_at),
    endedAt: time(scan.ended_at),
    ranFor: ranFor(scan, now),
  }
}

export function toScan(detail: ScanDetail, now: number): Scan {
  const { scan, slices, underWay } = detail
  const row = toRow(scan, now)
  const minutes = row.ranFor / 60_000
  const rate = scan.hosts_done === 0 || minutes === 0 ? null : scan.hosts_done / minutes
  const isRunning = scan.state === 'Running'
  return {
    ...row,
    portsOpen: row.portsOpen + underWay.ports,
    found: row.found + sum(underWay.found),
    foundBySeverity: row.foundBySeverity.map((found, index) => found + underWay.found[index]!),
    network: { id: scan.network_id, name: scan.network_name },
    scanner: scan.scanner_id === null ? null : { id: scan.scanner_id, name: scan.scanner_name ?? '(removed)' },
    stateText: stateText(detail),
    targetsFull: scan.targets,
    dropped: detail.dropped.map(({ target, reason, addresses, text }) => ({ target, reason, text,
      count: Math.min(addresses, Number.MAX_SAFE_INTEGER) })),
    hostsPerMinute: rate === null ? null : Math.round(rate * 10) / 10,
    secondsLeft: isRunning && rate !== null ? Math.round(((scan.hosts_total - scan.hosts_done) / rate) * 60) : null,
    slicesRunning: slices.leased,
    slicesWaiting: slices.ready,
    scanners: [...detail.scanners],
    lastHeardAt: time(scan.last_heard_at),
    windowEndsAt: time(scan.window_ends_at),
    resumesAt: time(scan.resumes_at),
    expiresAt: time(scan.expires_at),
    content: scan.content,
    actions: actionsOf(scan.state),
  }
}

export function toHost(host: HostView): ScanHost {
  return {
    assetId: host.asset_id, address: host.address, names: [...host.names], outcome: host.outcome as ScanHost['outcome'],
    why: host.why,
    portsOpen: host.ports_open, found: host.found, worst: host.worst, endedAt: time(host.ended_at),
  }
}

export function toComparison(compared: Compared): Comparison {
  const side = (scan: ScanView) => ({ id: scan.id, reference: scan.reference, title: scan.title,
    at: scan.created_at.toISOString() })
  return {
    newer: side(compared.newer),
    older: side(compared.older),
    counts: compared.counts,
    hosts: { appeared: [...compared.hosts.appeared], disappeared: [...compared.hosts.disappeared] },
    findings: compared.findings.map((row) => ({
      change: row.change, signature: row.signature, title: row.title, severity: row.severity, type: row.type as 'confirmed',
      assetId: row.asset_id,
      address: row.address, port: row.port === 0 ? null : row.port, proto: row.proto === '' ? null : row.proto,
      instance: row.instance,
    })),
  }
}

function ranFor(scan: ScanView, now: number): number {
  return scan.ran_before + (scan.running_since === null ? 0 : Math.max(0, now - scan.running_since.getTime()))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
