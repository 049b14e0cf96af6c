import { ShieldCheck } from 'lucide-react'
import type { Finding } from '#api/rest/findings/schemas.ts'
import type { Scan } from '#api/rest/scans/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
import { Section } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { hostText, portText } from '#ui/lib/counts.ts'
import { useList } from '#ui/lib/use-list.ts'
import { findingStatus } from '../findings/finding-columns.tsx'
import { isLive } from './scan-state.ts'

/** What this scan saw last, as a query of the finding list. */
export const scanQuery = (scan: Scan): string => `scan:${scan.id}`

export function LatestFindings({ scan }: { scan: Scan }) {
  const { rows, state, onRetry } = useList<Finding>('finding', '/findings', { q: scanQuery(scan), sort: isLive(scan) ? '-lastFound' : '-severity' }, { limit: 12 })
  return (
    <Section title={isLive(scan) ? t('scans.as_they_come') : t('scans.worst_first')} actions={<TextLink to="/findings" search={{ q: scanQuery(scan) }} className="text-xs">{t('home.all')}</TextLink>} flush>
      {state.loading ? <SkeletonRows count={4} /> : state.error !== null ? <ErrorState error={state.error} onRetry={onRetry} /> : rows.length === 0 ? <Nothing scan={scan} /> : (
        <ul className="flex flex-col">
          {rows.map((row) => (
            <li key={row.id} className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover">
              <SeverityMark level={row.severity} />
              <div className="min-w-0 flex-1">
                <NameLink to="/findings" search={{ q: scanQuery(scan), open: row.id }} className="block truncate font-medium">{row.title}</NameLink>
                <span className="tabular text-xs text-muted">{hostText(row.asset)} · {portText(row.port, row.proto)}</span>
              </div>
              <StatusChip status={findingStatus(row)} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

/** Clean is said only together with what was tested. */
function Nothing({ scan }: { scan: Scan }) {
  if (isLive(scan)) return <EmptyState small title={t('scans.nothing_yet')} />
  return (
    <EmptyState small icon={<ShieldCheck />} title={t('scans.nothing_found')} actions={<ButtonLink size="sm" to="/scans/$id" params={{ id: scan.id }} search={{ tab: 'coverage' }}>{t('scans.see_coverage')}</ButtonLink>}>
      {t('scans.nothing_found_text', { up: scan.hostsUp, untested: scan.hostsUntested })}
    </EmptyState>
  )
}

export function ScanFindings({ scan }: { scan: Scan }) {
  const { rows, state, onMore, onRetry } = useList<Finding>('finding', '/findings', { q: scanQuery(scan), sort: '-severity' }, { limit: 100 })
  if (state.error !== null && rows.length === 0) return <ErrorState error={state.error} onRetry={onRetry} />
  return (
    <Section flush>
      {state.loading ? <SkeletonRows count={8} /> : (
        <Table
          label={t('nav.findings')}
          rows={rows}
          rowKey={(row) => row.id}
          empty={<Nothing scan={scan} />}
          columns={[
            { id: 'severity', header: t('column.severity'), cell: (row) => <SeverityMark level={row.severity} showName /> },
            { id: 'title', header: t('column.finding'), wide: true, cell: (row) => <NameLink to="/findings" search={{ q: scanQuery(scan), open: row.id }} className="font-medium">{row.title}</NameLink> },
            { id: 'host', header: t('column.host'), cell: (row) => <NameLink to="/assets/$id" params={{ id: row.asset.id }} className="tabular whitespace-nowrap">{hostText(row.asset)}</NameLink> },
            { id: 'port', header: t('column.port'), hideNarrow: true, cell: (row) => <span className="tabular whitespace-nowrap text-muted">{portText(row.port, row.proto)}</span> },
            { id: 'status', header: t('column.status'), hideNarrow: true, cell: (row) => <StatusChip status={findingStatus(row)} /> },
            { id: 'last', header: t('column.last'), align: 'right', hideNarrow: true, cell: (row) => <RelativeTime at={row.lastFoundAt} /> },
          ]}
        />
      )}
      {state.more && <div className="border-t border-line p-3"><Button size="sm" onClick={onMore} busy={state.loadingMore}>{t('kit.more')}</Button></div>}
    </Section>
  )
}
