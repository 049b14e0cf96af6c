import { getRouteApi } from '@tanstack/react-router'
import { Ban, Bug, FileText, RefreshCw, SearchX } from 'lucide-react'
import { useState } from 'react'
import type { Finding } from '#api/rest/findings/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { ColumnChooser } from '#ui/kit/column-chooser.tsx'
import { DataTable } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { FacetButton, FacetColumn } from '#ui/kit/facets.tsx'
import { Page, PageHeader } from '#ui/kit/page.tsx'
import { BadQuery, QueryBar } from '#ui/kit/query-bar.tsx'
import { SelectionBar } from '#ui/kit/selection-bar.tsx'
import { SidePanel } from '#ui/kit/side-panel.tsx'
import { useFacets } from '#ui/lib/facets.tsx'
import { formatNumber } from '#ui/lib/format.ts'
import { describeError, hasStatus } from '#ui/lib/problem.ts'
import { useCan } from '#ui/lib/session.ts'
import { useList } from '#ui/lib/use-list.ts'
import { findingColumns, FindingCompact } from './finding-columns.tsx'
import { findingFields } from './finding-fields.ts'
import { FindingPanel, type FindingView } from './finding-panel.tsx'
import { IgnoreDialog } from './ignore-dialog.tsx'
import { useVerifyAll } from './verify-all.ts'

const route = getRouteApi('/inside/findings')

export function FindingsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const { q = '', sort = '-score', cols, open, view = 'what' } = search
  const change = (next: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const list = useList<Finding>('finding', '/findings', { q, sort })
  const { facets, total } = useFacets('finding', '/findings/facets', q)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [ignoring, setIgnoring] = useState<Readonly<{ ids: readonly string[] } | { q: string }> | null>(null)
  const ask = (next: string) => { setSelected(new Set()); change({ q: next === '' ? undefined : next, open: undefined }) }
  const wrong = hasStatus(list.error, 400) ? describeError(list.error).detail : undefined

  const index = list.rows.findIndex((row) => row.id === open)
  const openRow = list.rows[index]
  const verify = useVerifyAll(() => setSelected(new Set()))

  return (
    <Page kind="fixed">
      <PageHeader
        inset
        title={t('nav.findings')}
        detail={total === undefined ? undefined : formatNumber(total)}
        actions={can('report.create') && <ButtonLink to="/reports" search={{ create: true, q: q === '' ? undefined : q }} icon={<FileText aria-hidden />}>{t('findings.report')}</ButtonLink>}
      />
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 pb-3 sm:px-6">
        <QueryBar label={t('findings.filter')} value={q} onChange={ask} fields={findingFields} placeholder={t('findings.placeholder')} error={wrong} />
        <FacetButton facets={facets} query={q} onChange={ask} />
        <span className="max-sm:hidden"><ColumnChooser columns={findingColumns} shown={cols} onChange={(next) => change({ cols: next })} /></span>
      </div>
      <div className="flex min-h-0 flex-1">
        {open === undefined && !(total === 0 && q === '') && <FacetColumn facets={facets} query={q} onChange={ask} />}
        <DataTable
          label={t('nav.findings')}
          columns={findingColumns}
          rows={wrong === undefined ? list.rows : []}
          rowId={(row) => row.id}
          compact={(row) => <FindingCompact finding={row} />}
          state={wrong === undefined ? list.state : { ...list.state, error: null }}
          onMore={list.onMore}
          onRetry={list.onRetry}
          sort={sort}
          onSort={(next) => change({ sort: next })}
          shown={cols}
          isCompact={open !== undefined}
          openId={open}
          onOpen={(row) => change({ open: row?.id })}
          selected={selected}
          onSelect={setSelected}
          empty={wrong === undefined ? <NoFindings query={q} onClear={() => ask('')} /> : <BadQuery onClear={() => ask('')} />}
        />
        <SidePanel
          open={open !== undefined}
          onClose={() => change({ open: undefined, view: undefined })}
          label={t('findings.one')}
          title={<span className="text-sm font-semibold">{openRow?.title ?? t('findings.one')}</span>}
          onPrevious={index > 0 ? () => change({ open: list.rows[index - 1]!.id }) : undefined}
          onNext={index >= 0 && index < list.rows.length - 1 ? () => change({ open: list.rows[index + 1]!.id }) : undefined}
        >
          {open !== undefined && <FindingPanel id={open} view={view} onView={(next: FindingView) => change({ view: next === 'what' ? undefined : next })} onIgnore={(finding) => setIgnoring({ ids: [finding.id] })} />}
        </SidePanel>
      </div>
      <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
        {can('finding.verify') && <Button size="sm" icon={<RefreshCw aria-hidden />} busy={verify.left !== null} onClick={() => verify.start([...selected])}>{verify.left === null ? t('findings.verify') : t('findings.verify_left', { n: verify.left })}</Button>}
        {can('finding.ignore') && <Button size="sm" icon={<Ban aria-hidden />} onClick={() => setIgnoring({ ids: [...selected] })}>{t('findings.ignore')}</Button>}
        {can('finding.ignore') && total !== undefined && total > selected.size && q !== '' && <Button size="sm" look="quiet" onClick={() => setIgnoring({ q })}>{t('findings.ignore_all', { n: total })}</Button>}
      </SelectionBar>
      <IgnoreDialog
        which={ignoring}
        count={ignoring === null ? 0 : 'ids' in ignoring ? ignoring.ids.length : (total ?? 0)}
        onClose={() => setIgnoring(null)}
        onDone={() => { setIgnoring(null); setSelected(new Set()) }}
      />
    </Page>
  )
}

function NoFindings({ query, onClear }: { query: string; onClear: () => void }) {
  if (query !== '') {
    return <EmptyState icon={<SearchX />} title={t('findings.none_match')} actions={<Button onClick={onClear}>{t('findings.clear_filter')}</Button>}>{t('findings.none_match_text')}</EmptyState>
  }
  return (
    <EmptyState icon={<Bug />} title={t('findings.none')} actions={<><ButtonLink to="/scans/new" look="primary">{t('scans.start')}</ButtonLink><ButtonLink to="/scans">{t('findings.see_tested')}</ButtonLink></>}>
      {t('findings.none_text')}
    </EmptyState>
  )
}
