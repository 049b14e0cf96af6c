import { getRouteApi } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import type { Check } from '#api/rest/kb/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { ColumnChooser } from '#ui/kit/column-chooser.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { FacetButton, FacetColumn } from '#ui/kit/facets.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Page, PageHeader } from '#ui/kit/page.tsx'
import { BadQuery, QueryBar } from '#ui/kit/query-bar.tsx'
import { severityName, SeverityMark } from '#ui/kit/severity.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { useFacets } from '#ui/lib/facets.tsx'
import { formatNumber } from '#ui/lib/format.ts'
import { describeError, hasStatus } from '#ui/lib/problem.ts'
import type { QueryField } from '#ui/lib/query-text.ts'
import { useList } from '#ui/lib/use-list.ts'

const route = getRouteApi('/inside/checks')

const columns: readonly Column<Check>[] = [
  { id: 'id', header: t('checks.id'), width: 90, fixed: true, sort: 'id', cell: (row) => <span className="tabular text-muted">{row.id}</span> },
  { id: 'severity', header: t('column.severity'), width: 110, sort: 'severity', cell: (row) => <SeverityMark level={row.severity} showName /> },
  { id: 'title', header: t('checks.one'), width: '3fr', fixed: true, sort: 'title', cell: (row) => <span className="flex min-w-0 items-center gap-2"><NameLink to="/checks/$id" params={{ id: String(row.id) }} className="truncate font-medium">{row.title}</NameLink>{row.retired && <Badge>{t('checks.retired')}</Badge>}</span> },
  { id: 'category', header: t('column.category'), width: 160, cell: (row) => <span className="text-muted">{row.category}</span> },
  { id: 'type', header: t('checks.type'), width: 110, cell: (row) => word('type', row.type) },
  { id: 'cve', header: t('column.cve'), width: 160, extra: true, cell: (row) => row.cve.length > 0 && <Badge mono>{row.cve[0]}{row.cve.length > 1 ? ` +${row.cve.length - 1}` : ''}</Badge> },
  { id: 'cvss', header: t('findings.cvss'), width: 70, align: 'right', cell: (row) => row.cvssScore?.toFixed(1) ?? '–' },
  { id: 'changed', header: t('checks.changed'), width: 120, align: 'right', sort: 'changed', cell: (row) => <DateTime at={row.changed} day /> },
]
const fields: readonly QueryField[] = [
  { name: 'severity', about: t('field.severity'), values: [5, 4, 3, 2, 1].map((level) => ({ value: String(level), label: severityName(level) })) },
  { name: 'category', about: t('field.category') },
  { name: 'type', about: t('field.type'), values: ['confirmed', 'potential', 'information'].map((value) => ({ value, label: word('type', value) })) },
  { name: 'cve', about: t('field.cve') },
  { name: 'product', about: t('field.product') },
]
/** The platform sorts these one way only. */
const oneWay: Record<string, string> = { severity: '-severity', '-id': 'id', changed: '-changed', '-title': 'title' }

export function ChecksPage() {
  const search = route.useSearch()
  const { q = '', sort = 'id', cols } = search
  const navigate = route.useNavigate()
  const change = (next: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const list = useList<Check>('kb', '/kb', { q, sort })
  const { facets, total, release } = useFacets('kb', '/kb/facets', q)
  const wrong = hasStatus(list.error, 400) ? describeError(list.error).detail : undefined
  const ask = (next: string) => change({ q: next === '' ? undefined : next })
  return (
    <Page kind="fixed">
      <PageHeader inset title={t('nav.kb')} detail={total === undefined ? undefined : formatNumber(total)} actions={release !== null && <span className="text-xs text-muted">{t('checks.release')} <span className="font-mono">{release}</span></span>} />
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 pb-3 sm:px-6">
        <QueryBar label={t('checks.filter')} value={q} onChange={ask} fields={fields} placeholder={t('checks.placeholder')} error={wrong} />
        <FacetButton facets={facets} query={q} onChange={ask} />
        <span className="max-sm:hidden"><ColumnChooser columns={columns} shown={cols} onChange={(next) => change({ cols: next })} /></span>
      </div>
      <div className="flex min-h-0 flex-1">
        <FacetColumn facets={facets} query={q} onChange={ask} />
        <DataTable
          label={t('nav.kb')}
          columns={columns}
          rows={wrong === undefined ? list.rows : []}
          rowId={(row) => String(row.id)}
          compact={(row) => <div className="flex items-center gap-3"><SeverityMark level={row.severity} /><div className="min-w-0 flex-1"><p className="truncate font-medium">{row.title}</p><p className="truncate text-xs text-muted">{row.id} · {row.category}</p></div></div>}
          state={wrong === undefined ? list.state : { ...list.state, error: null }}
          onMore={list.onMore}
          onRetry={list.onRetry}
          sort={sort}
          onSort={(next) => change({ sort: oneWay[next] ?? next })}
          shown={cols}
          onOpen={(row) => { if (row !== null) void navigate({ to: '/checks/$id', params: { id: String(row.id) } }) }}
          empty={wrong !== undefined ? <BadQuery onClear={() => ask('')} /> : <EmptyState icon={<SearchX />} title={t('checks.none')} actions={q !== '' && <Button onClick={() => ask('')}>{t('findings.clear_filter')}</Button>} />}
        />
      </div>
    </Page>
  )
}
