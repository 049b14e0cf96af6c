import { getRouteApi } from '@tanstack/react-router'
import type { KnowledgeCheck } from '#api/rest/kb/vulnerability-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import type { Column } from '#ui/kit/data-table.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { severityName, SeverityMark } from '#ui/kit/severity.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import type { QueryField } from '#ui/lib/query-text.ts'
import { KnowledgeList } from '../knowledge-list.tsx'
import { sourceName } from '../known.tsx'
import { Runnable } from '../runnable.tsx'

const route = getRouteApi('/inside/kb-pages/kb/checks')

const columns: readonly Column<KnowledgeCheck>[] = [
  { id: 'severity', header: t('column.severity'), width: 108, fixed: true, sort: 'severity', cell: (row) => <SeverityMark level={row.severity} showName /> },
  { id: 'title', header: t('checks.one'), width: '3fr', fixed: true, sort: 'title', cell: (row) => <NameLink to="/kb/checks/$id" params={{ id: String(row.id) }} className="font-medium">{row.title}</NameLink> },
  { id: 'kind', header: t('kb.kind'), width: 110, cell: (row) => word('kb_kind', row.kind) },
  { id: 'runs', header: t('kb.runs'), width: '2fr', cell: (row) => <Runnable check={row} /> },
  { id: 'type', header: t('checks.type'), width: 104, extra: true, cell: (row) => word('type', row.type) },
  { id: 'cve', header: t('column.cve'), width: 176, cell: (row) => row.cve.length > 0 && <Badge mono>{row.cve[0]}{row.cve.length > 1 ? ` +${row.cve.length - 1}` : ''}</Badge> },
  { id: 'source', header: t('kb.source'), width: 140, extra: true, cell: (row) => <span className="text-muted">{sourceName(row.source)}</span> },
  { id: 'category', header: t('column.category'), width: 160, extra: true, cell: (row) => <span className="text-muted">{row.category}</span> },
  { id: 'id', header: t('checks.id'), width: 100, extra: true, align: 'right', sort: 'id', cell: (row) => <span className="text-muted">{row.id}</span> },
  { id: 'changed', header: t('checks.changed'), width: 112, align: 'right', sort: 'changed', cell: (row) => <DateTime at={row.changed} day /> },
]

const fields: readonly QueryField[] = [
  { name: 'kind', about: t('kb_field.kind'), values: ['signature', 'template', 'library', 'lifecycle'].map((value) => ({ value, label: word('kb_kind', value) })) },
  { name: 'severity', about: t('field.severity'), values: [5, 4, 3, 2, 1].map((level) => ({ value: String(level), label: severityName(level) })) },
  { name: 'runnable', about: t('kb_field.runnable'), values: [{ value: 'true', label: t('kit.yes') }, { value: 'false', label: t('kit.no') }] },
  { name: 'source', about: t('kb_field.source') },
  { name: 'category', about: t('field.category') },
  { name: 'cve', about: t('field.cve') },
  { name: 'changed', about: t('kb_field.modified') },
  { name: 'type', about: t('field.type'), values: ['confirmed', 'potential', 'information'].map((value) => ({ value, label: word('type', value) })) },
]
const oneWay = { severity: '-severity', '-id': 'id', changed: '-changed', '-title': 'title' }

/** Everything Vigil can look for, whoever wrote it, and whether this version runs it. */
export function ChecksPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <KnowledgeList<KnowledgeCheck>
      path="/kb/checks"
      search={search}
      onSearch={(next) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })}
      columns={columns}
      fields={fields}
      oneWay={oneWay}
      rowId={(row) => String(row.id)}
      compact={(row) => (
        <div className="flex items-center gap-3">
          <SeverityMark level={row.severity} />
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium">{row.title}</p>
            <p className="truncate text-xs text-muted">{word('kb_kind', row.kind)} · {row.runnable ? t('kb.runs_here') : (row.why ?? t('kb.runs_no'))}</p>
          </div>
        </div>
      )}
      onOpen={(row) => void navigate({ to: '/kb/checks/$id', params: { id: String(row.id) } })}
      label={t('kb.checks')}
      filter={t('checks.filter')}
      placeholder={t('kb.checks_placeholder')}
      count={(n, shown) => t('kb.check_count', { n, shown })}
    />
  )
}
