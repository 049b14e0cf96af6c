import type { Finding } from '#api/rest/findings/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import type { Column } from '#ui/kit/data-table.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { hostText, portText } from '#ui/lib/counts.ts'

export function findingStatus(finding: Readonly<{ status: string; ignored: boolean }>): string {
  return finding.ignored && finding.status !== 'fixed' ? 'ignored' : finding.status
}

export const findingColumns: readonly Column<Finding>[] = [
  { id: 'severity', header: t('column.severity'), width: 104, sort: 'severity', fixed: true, cell: (row) => <SeverityMark level={row.severity} showName /> },
  { id: 'title', header: t('column.finding'), width: '3fr', fixed: true, cell: (row) => <TitleCell finding={row} /> },
  { id: 'host', header: t('column.host'), width: 150, cell: (row) => <span className="tabular">{hostText(row.asset)}</span> },
  { id: 'port', header: t('column.port'), width: 92, cell: (row) => <span className="tabular text-muted">{portText(row.port, row.proto)}</span> },
  { id: 'status', header: t('column.status'), width: 104, cell: (row) => <StatusChip status={findingStatus(row)} /> },
  { id: 'score', header: t('column.score'), width: 86, align: 'right', sort: 'score', cell: (row) => row.score },
  { id: 'cve', header: t('column.cve'), width: 150, extra: true, cell: (row) => row.cve.length > 0 && <Badge mono>{row.cve[0]}{row.cve.length > 1 ? ` +${row.cve.length - 1}` : ''}</Badge> },
  { id: 'category', header: t('column.category'), width: 140, extra: true, cell: (row) => <span className="text-muted">{row.category}</span> },
  { id: 'result', header: t('column.result'), width: '2fr', extra: true, cell: (row) => <span className="text-muted">{row.result}</span> },
  { id: 'instance', header: t('column.instance'), width: 150, extra: true, cell: (row) => row.instance },
  { id: 'times', header: t('column.times'), width: 80, align: 'right', extra: true, cell: (row) => row.timesFound },
  { id: 'first', header: t('column.first'), width: 110, align: 'right', sort: 'firstFound', cell: (row) => <RelativeTime at={row.firstFoundAt} /> },
  { id: 'last', header: t('column.last'), width: 110, align: 'right', sort: 'lastFound', extra: true, cell: (row) => <RelativeTime at={row.lastFoundAt} /> },
]

function TitleCell({ finding }: { finding: Finding }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="truncate font-medium">{finding.title}</span>
      {finding.type !== 'confirmed' && <Badge>{word('type', finding.type)}</Badge>}
      {finding.via !== null && <Badge tone="accent">{t('findings.stored')}</Badge>}
    </span>
  )
}

export function FindingCompact({ finding }: { finding: Finding }) {
  return (
    <div className="flex items-center gap-3">
      <SeverityMark level={finding.severity} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{finding.title}</p>
        <p className="tabular truncate text-xs text-muted">{hostText(finding.asset)} · {portText(finding.port, finding.proto)}</p>
      </div>
      <span className="shrink-0 text-xs"><StatusChip status={findingStatus(finding)} /></span>
    </div>
  )
}
