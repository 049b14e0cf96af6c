import type { Asset } from '#api/rest/assets/schemas.ts'
import { SeverityNumbers } from '#ui/charts/severity-bar.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import type { Column } from '#ui/kit/data-table.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { RiskMark } from '#ui/kit/risk.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { countsOf, hostText } from '#ui/lib/counts.ts'
import type { QueryField } from '#ui/lib/query-text.ts'

export const assetColumns: readonly Column<Asset>[] = [
  { id: 'host', header: t('column.host'), width: '2fr', fixed: true, sort: 'address', cell: (row) => <NameLink to="/assets/$id" params={{ id: row.id }} className="tabular font-medium">{hostText(row)}</NameLink> },
  { id: 'address', header: t('column.address'), width: 150, extra: true, cell: (row) => <span className="tabular text-muted">{row.address}</span> },
  { id: 'os', header: t('column.os'), width: '1fr', cell: (row) => <span className="text-muted">{row.os ?? '–'}</span> },
  { id: 'risk', header: t('column.risk'), width: 120, sort: 'risk', cell: (row) => (row.state === null ? <span className="text-faint">–</span> : <RiskMark risk={row.risk} band={row.band} />) },
  { id: 'open', header: t('column.open'), width: 190, cell: (row) => <SeverityNumbers counts={countsOf(row.open)} /> },
  { id: 'state', header: t('column.state'), width: 130, cell: (row) => <AssetState state={row.state} /> },
  { id: 'impact', header: t('column.impact'), width: 100, extra: true, cell: (row) => word('impact', String(row.impact)) },
  { id: 'groups', header: t('column.groups'), width: 150, extra: true, cell: (row) => <span className="flex gap-1 overflow-hidden">{row.groups.slice(0, 2).map((group) => <Badge key={group.id}>{group.name}</Badge>)}{row.groups.length > 2 && <Badge>+{row.groups.length - 2}</Badge>}</span> },
  { id: 'network', header: t('column.network'), width: 120, extra: true, cell: (row) => <span className="text-muted">{row.network.name}</span> },
  { id: 'scanned', header: t('column.scanned'), width: 120, align: 'right', sort: 'lastScanned', cell: (row) => <RelativeTime at={row.lastScannedAt} /> },
]

export function AssetState({ state }: { state: string | null }) {
  return <StatusChip status={state === 'up' ? 'online' : state === 'dead' ? 'ignored' : 'queued'} label={word('asset_state', state ?? 'untested')} />
}

export function AssetCompact({ asset }: { asset: Asset }) {
  return (
    <div className="flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <NameLink to="/assets/$id" params={{ id: asset.id }} className="tabular block truncate font-medium">{hostText(asset)}</NameLink>
        <p className="truncate text-xs text-muted"><SeverityNumbers counts={countsOf(asset.open)} /></p>
      </div>
      {asset.state === null ? <AssetState state={null} /> : <RiskMark risk={asset.risk} band={asset.band} />}
    </div>
  )
}

export const assetFields: readonly QueryField[] = [
  { name: 'risk', about: t('field.risk') },
  { name: 'state', about: t('field.state'), values: ['up', 'dead', 'untested'].map((value) => ({ value, label: word('asset_state', value) })) },
  { name: 'group', about: t('field.group') },
  { name: 'network', about: t('field.network') },
  { name: 'port', about: t('field.open_port') },
  { name: 'service', about: t('field.service') },
  { name: 'host', about: t('field.host') },
  { name: 'os', about: t('field.os') },
  { name: 'severity', about: t('field.has_severity') },
  { name: 'check', about: t('field.check') },
  { name: 'scanned', about: t('field.scanned') },
]
