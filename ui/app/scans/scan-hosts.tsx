import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Scan } from '#api/rest/scans/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Section, Stack } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { useScanHosts } from './host-list.ts'
import { ScanLoginResults } from './login-results.tsx'

const route = getRouteApi('/inside/scans/$id')
const outcomes = ['all', 'scanned', 'partial', 'untested', 'dead', 'waiting'] as const

export function ScanHosts({ scan }: { scan: Scan }) {
  const { outcome = 'all' } = route.useSearch()
  const navigate = route.useNavigate()
  const found = useScanHosts(scan)
  const rows = useMemo(() => (found.data?.items ?? []).filter((host) => outcome === 'all' || host.outcome === outcome || (outcome === 'waiting' && host.outcome === 'scanning')), [found.data, outcome])
  if (found.error !== null && found.data === undefined) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  return (
    <Stack>
      <div className="overflow-x-auto"><Segmented label={t('scans.outcome')} value={outcome} onChange={(next) => void navigate({ search: (before) => ({ ...before, outcome: next === 'all' ? undefined : next }), replace: true })} options={outcomes.map((value) => ({ value, label: value === 'all' ? t('home.all') : word('outcome', value) }))} /></div>
      <Section flush>
        {found.isPending ? <SkeletonRows count={8} /> : (
          <Table
            label={t('column.hosts')}
            rows={rows.slice(0, 1000)}
            rowKey={(row) => row.assetId}
            empty={<p className="px-4 py-6 text-center text-sm text-muted">{t('kit.nothing_matches')}</p>}
            columns={[
              { id: 'worst', header: t('column.severity'), cell: (row) => (row.worst === 0 ? <span className="text-faint">–</span> : <SeverityMark level={row.worst} showName />) },
              { id: 'host', header: t('column.host'), cell: (row) => <NameLink to="/assets/$id" params={{ id: row.assetId }} className="tabular font-medium whitespace-nowrap">{row.address}{row.names[0] !== undefined && <span className="font-normal text-muted"> {row.names[0]}</span>}</NameLink> },
              { id: 'outcome', header: t('scans.outcome'), cell: (row) => <StatusChip status={row.outcome === 'scanned' ? 'done' : row.outcome === 'scanning' ? 'running' : row.outcome === 'waiting' ? 'queued' : row.outcome === 'dead' ? 'ignored' : 'partial'} label={word('outcome', row.outcome)} /> },
              { id: 'why', header: t('scans.why'), wide: true, hideNarrow: true, cell: (row) => <span className="text-muted">{row.why}</span> },
              { id: 'ports', header: t('scans.open_ports'), align: 'right', cell: (row) => row.portsOpen },
              { id: 'found', header: t('scans.found'), align: 'right', cell: (row) => row.found },
              { id: 'at', header: t('scans.ended'), align: 'right', hideNarrow: true, cell: (row) => <RelativeTime at={row.endedAt} /> },
            ]}
          />
        )}
      </Section>
      <ScanLoginResults scan={scan.id} />
    </Stack>
  )
}
