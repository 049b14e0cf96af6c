import { impactFactor, riskBandOf } from '#core/risk.ts'
import type { AssetDetail as Detail, CoverageRow, ServiceRow, TimelineRow } from '#platform/asset/detail.ts'
import type { GroupRow } from '#platform/asset/group.ts'
import type { AssetRow } from '#platform/asset/list.ts'
import type { NetworkRow } from '#platform/asset/network.ts'
import type { AddressRow, AuthorityRow, ExclusionRow } from '#platform/asset/registration.ts'
import { storedSet } from '#platform/asset/register.ts'
import { formatTargets } from '#platform/asset/target-text.ts'
import type { Asset, AssetCoverage, AssetDetail, AssetService, TimelineEntry } from './schemas.ts'
import type { AddressRange, Authority, Exclusion, Network } from './address-schemas.ts'
import type { AssetGroup } from './group-schemas.ts'

const iso = (time: Date | null): string | null => time?.toISOString() ?? null

export function toAsset(row: AssetRow): Asset {
  return {
    id: row.id,
    network: { id: row.network_id, name: row.network_name },
    tracking: row.tracking,
    address: row.address,
    name: row.name,
    os: row.os,
    hardware: row.hardware,
    state: row.state,
    impact: row.impact,
    risk: row.risk,
    band: riskBandOf(row.risk),
    open: [row.open1, row.open2, row.open3, row.open4, row.open5],
    groups: [...row.groups],
    firstSeenAt: iso(row.first_seen),
    lastSeenAt: iso(row.last_seen),
    lastScannedAt: iso(row.last_scanned),
  }
}

export function toAssetDetail(row: Detail): AssetDetail {
  const sum = row.bands.map((band) => `${band.weight} × ${band.worst} × ${band.count}^0.01`).join(' + ')
  return {
    ...toAsset(row),
    riskFactors: { impact: row.impact, factor: impactFactor(row.impact), bands: [...row.bands], formula: sum === '' ? '0' : `min(1000, ${impactFactor(row.impact)} × (${sum})) = ${row.risk}` },
    findings: { ...row.counts },
    services: row.services,
    createdAt: row.created_at.toISOString(),
    excluded: row.excluded === null ? null : { id: row.excluded.id, comment: row.excluded.comment, until: iso(row.excluded.until) },
    registered: row.registered,
  }
}

export function toService(row: ServiceRow): AssetService {
  const { first_seen: first, last_seen: last, ...rest } = row
  return { ...rest, firstSeenAt: first.toISOString(), lastSeenAt: last.toISOString() }
}

export function toTimelineEntry(row: TimelineRow): TimelineEntry {
  return {
    id: row.id, at: row.at.toISOString(), kind: row.kind, findingId: row.finding_id, signature: row.signature, title: row.title, severity: row.severity, scanId: row.scan_id, by: row.by_name, text: row.text,
  }
}

export function toCoverage(row: CoverageRow): AssetCoverage['items'][number] {
  return {
    scanId: row.scan_id,
    at: row.at.toISOString(),
    outcome: row.outcome ?? 'scanning',
    why: row.why,
    covered: row.covered.map((line) => ({ probe: line.probe, ports: line.ports, login: line.login, signatures: line.signatures?.length ?? null })),
    failed: row.failed.map(({ probe, ports, code, text }) => ({ probe, ports, code, text })),
    found: row.found,
    closed: row.closed,
  }
}

export function toAddress(row: AddressRow): AddressRange {
  return {
    id: row.id, network: { id: row.network_id, name: row.network_name }, kind: row.name === null ? 'addresses' : 'name', text: row.text, count: `${row.count}`, comment: row.comment, addedBy: row.added_by_name,
    createdAt: row.created_at.toISOString(),
  }
}

export function toAuthority(row: AuthorityRow): Authority {
  return {
    id: row.id, network: { id: row.network_id, name: row.network_name }, by: row.user_name, email: row.user_email, at: row.at.toISOString(), statement: row.statement, targets: row.targets, addresses: row.addresses,
  }
}

export function toNetwork(row: NetworkRow): Network {
  return { id: row.id, name: row.name, isDefault: row.isDefault, addresses: `${row.addresses}`, hosts: row.hosts, createdAt: row.createdAt.toISOString() }
}

export function toExclusion(row: ExclusionRow, now: Date): Exclusion {
  return {
    id: row.id,
    network: { id: row.network_id, name: row.network_name },
    targets: formatTargets(storedSet(row.ranges), row.names, 20_000),
    addresses: row.addresses,
    comment: row.comment,
    expiresAt: iso(row.expires_at),
    by: row.created_by_name,
    createdAt: row.created_at.toISOString(),
    endedAt: iso(row.ended_at),
    endedBy: row.ended_by_name,
    inForce: row.ended_at === null && (row.expires_at === null || row.expires_at > now),
  }
}

export function toGroup(row: GroupRow): AssetGroup {
  return {
    id: row.id, name: row.name, impact: row.impact, unitId: row.unit_id, comment: row.comment, hosts: row.hosts, risk: row.risk,
    open: [row.open1, row.open2, row.open3, row.open4, row.open5], createdAt: row.created_at.toISOString(),
  }
}
