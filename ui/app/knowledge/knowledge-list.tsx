import { BookOpen, SearchX } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import type { RowData } from '@tanstack/react-table'
import { useMemo, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { ColumnChooser } from '#ui/kit/column-chooser.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { FacetButton, FacetColumn } from '#ui/kit/facets.tsx'
import { BadQuery, QueryBar } from '#ui/kit/query-bar.tsx'
import { useFacets } from '#ui/lib/facets.tsx'
import { formatNumber } from '#ui/lib/format.ts'
import { describeError, hasStatus } from '#ui/lib/problem.ts'
import type { QueryField } from '#ui/lib/query-text.ts'
import { useList } from '#ui/lib/use-list.ts'
import { sourcesOptions } from './public-sources.tsx'

type Search = Readonly<{ q?: string; sort?: string; cols?: string[] }>
type Head = Readonly<{ total: number; totalIsExact: boolean; didYouMean: string | null }>

/** A list over the KnowledgeBase file: query bar, facets, rows; a query that finds nothing may have been meant otherwise. */
export function KnowledgeList<T extends RowData>({ path, search, onSearch, columns, fields, oneWay, rowId, compact, onOpen, label, filter, placeholder, count }: {
  path: '/kb/vulnerabilities' | '/kb/checks'
  search: Search
  onSearch: (next: Search) => void
  columns: readonly Column<T>[]
  fields: readonly QueryField[]
  /** The platform sorts these one way only. */
  oneWay: Readonly<Record<string, string>>
  rowId: (row: T) => string
  compact: (row: T) => ReactNode
  onOpen: (row: T) => void
  label: string
  filter: string
  placeholder: string
  count: (total: number, shown: string) => string
}) {
  const { q = '', sort = 'relevance', cols } = search
  const list = useList<T>('kb', path, { q, sort })
  const { facets, total } = useFacets('kb', `${path}/facets`, q)
  const head = list.first as Head | undefined
  const wrong = hasStatus(list.error, 400) ? describeError(list.error).detail : undefined
  const ask = (next: string) => onSearch({ q: next === '' ? undefined : next })
  const known = useMemo(() => withFacetValues(fields, facets.map((facet) => ({ field: facet.field, values: facet.values.map((entry) => entry.value) }))), [fields, facets])
  const didYouMean = head?.didYouMean ?? null
  const all = total ?? head?.total
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-3 sm:px-6">
        <QueryBar label={filter} value={q} onChange={ask} fields={known} placeholder={placeholder} error={wrong} />
        {all !== undefined && wrong === undefined && <span className="tabular text-sm whitespace-nowrap text-muted max-sm:hidden" role="status">{count(all, `${head?.totalIsExact === false && total === undefined ? '≥ ' : ''}${formatNumber(all)}`)}</span>}
        <FacetButton facets={facets} query={q} onChange={ask} />
        <span className="max-sm:hidden"><ColumnChooser columns={columns} shown={cols} onChange={(next) => onSearch({ cols: next })} /></span>
      </div>
      <div className="flex min-h-0 flex-1">
        {facets.length > 0 && <FacetColumn facets={facets} query={q} onChange={ask} />}
        <DataTable
          label={label}
          columns={columns}
          rows={wrong === undefined ? list.rows : []}
          rowId={rowId}
          compact={compact}
          state={wrong === undefined ? list.state : { ...list.state, error: null }}
          onMore={list.onMore}
          onRetry={list.onRetry}
          sort={sort}
          onSort={(next) => onSearch({ sort: oneWay[next] ?? next })}
          shown={cols}
          onOpen={(row) => { if (row !== null) onOpen(row) }}
          empty={
            wrong !== undefined ? <BadQuery onClear={() => ask('')} />
              : q === '' ? <NothingKnown />
                : (
                  <EmptyState icon={<SearchX />} title={t('kb.none_match')} actions={<Button onClick={() => ask('')}>{t('findings.clear_filter')}</Button>}>
                    {didYouMean === null ? t('kb.none_match_text') : <>{t('kb.did_you_mean')} <button type="button" className="rounded-xs font-medium text-accent-ink hover:underline" onClick={() => ask(didYouMean)}>{didYouMean}</button>{t('kb.did_you_mean_end')}</>}
                  </EmptyState>
                )
          }
        />
      </div>
    </div>
  )
}

/** Without sources there is nothing to search: the next step is one command. */
export function NothingKnown() {
  const sources = useQuery(sourcesOptions())
  const problem = sources.data?.items.find((one) => one.state === 'failed')
  return (
    <EmptyState icon={<BookOpen />} title={t('kb.empty')} actions={<ButtonLink to="/kb/sources">{t('kb.see_sources')}</ButtonLink>}>
      <p>{problem === undefined ? t('kb.empty_text') : t('kb.empty_failed', { source: problem.title, problem: problem.problem ?? '' })}</p>
      <div className="mx-auto mt-3 max-w-xs text-left"><CopyField label={t('kb.sync_command')} text="./vigil kb sync" /></div>
    </EmptyState>
  )
}

/** What the facets hold is offered while a value is typed, too. */
function withFacetValues(fields: readonly QueryField[], facets: readonly Readonly<{ field: string; values: readonly string[] }>[]): readonly QueryField[] {
  return fields.map((field) => {
    if (field.values !== undefined) return field
    const found = facets.find((facet) => facet.field === field.name)
    return found === undefined ? field : { ...field, values: found.values.map((value) => ({ value, label: value })) }
  })
}
