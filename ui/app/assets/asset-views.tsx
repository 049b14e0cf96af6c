import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Radar } from 'lucide-react'
import type { AssetCoverage, AssetDetail, AssetService, TimelineEntry } from '#api/rest/assets/schemas.ts'
import type { Finding } from '#api/rest/findings/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import type { TlsEndpoint } from '#api/rest/certificates/schemas.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { Timeline, type Happening } from '#ui/kit/timeline.tsx'
import { api } from '#ui/lib/api.ts'
import { portText } from '#ui/lib/counts.ts'
import { quoteValue } from '#ui/lib/query-text.ts'
import { useList } from '#ui/lib/use-list.ts'
import { findingStatus } from '../findings/finding-columns.tsx'
import { ScanLink } from '../scans/scan-link.tsx'
import { GradeMark } from './certificate-columns.tsx'

export function AssetFindings({ asset }: { asset: AssetDetail }) {
  const q = `asset:${asset.id}`
  const { rows, state, onMore, onRetry } = useList<Finding>('finding', '/findings', { q, sort: '-severity' }, { limit: 100 })
  if (state.error !== null) return <ErrorState error={state.error} onRetry={onRetry} />
  return (
    <Section flush>
      {state.loading ? <SkeletonRows count={6} /> : (
        <Table
          label={t('nav.findings')}
          rows={rows}
          rowKey={(row) => row.id}
          empty={asset.state === null
            ? <EmptyState icon={<Radar />} title={t('assets.not_tested_yet')} actions={<ButtonLink to="/scans/new" search={{ targets: asset.address ?? asset.name ?? '' }}>{t('assets.scan_now')}</ButtonLink>} />
            : <EmptyState icon={<CircleCheck />} title={t('assets.no_findings')} actions={<ButtonLink to="/assets/$id" params={{ id: asset.id }} search={{ tab: 'coverage' }}>{t('assets.see_coverage')}</ButtonLink>}>{t('assets.no_findings_text')}</EmptyState>}
          columns={[
            { id: 'severity', header: t('column.severity'), cell: (row) => <SeverityMark level={row.severity} showName /> },
            { id: 'title', header: t('column.finding'), wide: true, cell: (row) => <NameLink to="/findings" search={{ open: row.id, q }} className="font-medium">{row.title}</NameLink> },
            { id: 'port', header: t('column.port'), cell: (row) => <span className="tabular whitespace-nowrap text-muted">{portText(row.port, row.proto)}</span> },
            { id: 'status', header: t('column.status'), hideNarrow: true, cell: (row) => <StatusChip status={findingStatus(row)} /> },
            { id: 'first', header: t('column.first'), align: 'right', hideNarrow: true, cell: (row) => <RelativeTime at={row.firstFoundAt} /> },
          ]}
        />
      )}
      {state.more && <div className="border-t border-line p-3"><Button size="sm" onClick={onMore} busy={state.loadingMore}>{t('kit.more')}</Button></div>}
    </Section>
  )
}

export function AssetServicesView({ id, address }: { id: string; address: string | null }) {
  const found = useQuery({ queryKey: ['asset', 'services', id], queryFn: ({ signal }) => api.get<{ items: readonly AssetService[] }>(`/assets/${id}/services`, {}, signal) })
  const tls = useTls(id, address)
  if (found.isPending) return <SkeletonRows count={6} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  return (
    <Section flush>
      <Table
        label={t('assets.services')}
        rows={found.data.items}
        rowKey={(row) => `${row.proto}/${row.port}`}
        empty={<EmptyState small title={t('assets.no_services')}>{t('assets.no_services_text')}</EmptyState>}
        columns={[
          { id: 'port', header: t('column.port'), cell: (row) => <span className="tabular font-medium whitespace-nowrap">{portText(row.port, row.proto)}</span> },
          { id: 'name', header: t('assets.service'), cell: (row) => <Row gap={1}><span>{row.name}</span>{row.tls && <Badge>TLS</Badge>}<TlsGrade endpoint={tls.get(row.port)} address={address} /></Row> },
          { id: 'product', header: t('assets.product'), wide: true, cell: (row) => <span>{row.product ?? <span className="text-faint">–</span>}{row.version !== null && <span className="tabular text-muted"> {row.version}</span>}{row.distro !== null && <span className="text-faint"> · {row.distro}</span>}</span> },
          { id: 'banner', header: t('assets.banner'), hideNarrow: true, cell: (row) => <span className="block max-w-72 truncate font-mono text-xs text-muted">{row.banner}</span> },
          { id: 'open', header: t('column.state'), cell: (row) => <StatusChip status={row.open ? 'open' : 'closed'} /> },
          { id: 'last', header: t('column.last'), align: 'right', hideNarrow: true, cell: (row) => <RelativeTime at={row.lastSeenAt} /> },
        ]}
      />
    </Section>
  )
}

/** What speaks TLS on a host, by port; the worst of those that answer under several names. */
function useTls(id: string, address: string | null): ReadonlyMap<number, TlsEndpoint> {
  const { rows } = useList<TlsEndpoint>('asset', '/tls-endpoints', { q: address === null ? '' : `host:${quoteValue(address)}` }, { limit: 200 })
  const found = new Map<number, TlsEndpoint>()
  for (const row of rows) if (row.asset.id === id && (found.get(row.port)?.score ?? 101) > (row.score ?? 0)) found.set(row.port, row)
  return found
}

/** The grade leads to the certificate and the reasons for it. */
function TlsGrade({ endpoint, address }: { endpoint: TlsEndpoint | undefined; address: string | null }) {
  if (endpoint?.grade == null || address === null) return null
  return <NameLink to="/assets" search={{ tab: 'certificates', q: `host:${quoteValue(address)}`, open: endpoint.id }} aria-label={t('assets.tls_grade', { grade: endpoint.grade })}><GradeMark grade={endpoint.grade} /></NameLink>
}

const tones: Record<string, Happening['tone']> = { new: 'accent', reopened: 'danger', fixed: 'good' }

export function AssetTimeline({ id }: { id: string }) {
  const { rows, state, onMore, onRetry } = useList<TimelineEntry>('asset', `/assets/${id}/timeline`, {}, { limit: 50 })
  if (state.loading) return <SkeletonRows count={6} />
  if (state.error !== null) return <ErrorState error={state.error} onRetry={onRetry} />
  if (rows.length === 0) return <EmptyState small title={t('assets.nothing_happened')} />
  return (
    <Section>
      <Timeline
        items={rows.map((entry) => ({
          id: entry.id,
          at: entry.at,
          tone: tones[entry.kind] ?? 'plain',
          title: entry.findingId === null
            ? word('happened', entry.kind)
            : <Row><span className="text-muted">{word('happened', entry.kind)}</span>{entry.severity !== null && <SeverityMark level={entry.severity} />}<NameLink to="/findings" search={{ open: entry.findingId }} className="min-w-0 truncate font-medium">{entry.title}</NameLink></Row>,
          detail: <>{entry.text}{entry.by !== null && ` · ${entry.by}`}{entry.scanId !== null && <> <ScanLink id={entry.scanId} dot>{t('findings.open_scan')}</ScanLink></>}</>,
        }))}
      />
      {state.more && <div className="pt-4"><Button size="sm" onClick={onMore} busy={state.loadingMore}>{t('kit.more')}</Button></div>}
    </Section>
  )
}

/** What the last tests looked at and, above all, what they could not. */
export function AssetCoverageView({ id }: { id: string }) {
  const found = useQuery({ queryKey: ['asset', 'coverage', id], queryFn: ({ signal }) => api.get<AssetCoverage>(`/assets/${id}/coverage`, {}, signal) })
  if (found.isPending) return <SkeletonRows count={6} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  if (found.data.items.length === 0) return <EmptyState small title={t('assets.not_tested_yet')} />
  return (
    <Stack>
      {found.data.items.map((test) => (
        <Section
          key={test.scanId}
          title={<ScanLink id={test.scanId} otherwise={<DateTime at={test.at} />}><DateTime at={test.at} /></ScanLink>}
          detail={test.why}
          actions={<StatusChip status={test.outcome === 'scanned' ? 'done' : test.outcome} label={word('outcome', test.outcome)} />}
          flush
        >
          <Table
            label={t('assets.tested')}
            rows={[...test.failed.map((one) => ({ ...one, bad: true, login: false, signatures: null as number | null })), ...test.covered.map((one) => ({ ...one, bad: false, code: '', text: '' }))]}
            rowKey={(row) => `${row.probe}-${row.ports}-${row.code}`}
            empty={<p className="px-4 py-3 text-sm text-muted">{t('assets.nothing_tested')}</p>}
            columns={[
              { id: 'probe', header: t('findings.probe'), cell: (row) => <span className="font-mono text-xs whitespace-nowrap">{row.probe}</span> },
              { id: 'ports', header: t('assets.ports'), wide: true, cell: (row) => <span className="block max-w-md truncate font-mono text-xs text-muted" title={row.ports}>{row.ports === '' ? t('assets.whole_host') : row.ports}</span> },
              { id: 'result', header: t('assets.result'), cell: (row) => (row.bad ? <StatusChip status="failed" label={row.text} /> : <StatusChip status="done" label={row.signatures === null ? t('assets.looked') : t('assets.looked_checks', { n: row.signatures })} />) },
            ]}
          />
        </Section>
      ))}
    </Stack>
  )
}
