import { getRouteApi } from '@tanstack/react-router'
import { Plus, SearchX, Server } from 'lucide-react'
import { useState } from 'react'
import type { Asset } from '#api/rest/assets/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { ColumnChooser } from '#ui/kit/column-chooser.tsx'
import { DataTable } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { FacetButton, FacetColumn } from '#ui/kit/facets.tsx'
import { BadQuery, QueryBar } from '#ui/kit/query-bar.tsx'
import { SelectionBar } from '#ui/kit/selection-bar.tsx'
import { useFacets } from '#ui/lib/facets.tsx'
import { formatNumber } from '#ui/lib/format.ts'
import { describeError, hasStatus } from '#ui/lib/problem.ts'
import { useCan } from '#ui/lib/session.ts'
import { useList } from '#ui/lib/use-list.ts'
import { assetColumns, AssetCompact, assetFields } from './asset-columns.tsx'
import { MembersDialog } from './members-dialog.tsx'

const route = getRouteApi('/inside/assets')

export function HostsTab({ onAdd }: { onAdd: () => void }) {
  const search = route.useSearch()
  const { q = '', sort = '-risk', cols } = search
  const navigate = route.useNavigate()
  const can = useCan()
  const change = (next: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const list = useList<Asset>('asset', '/assets', { q, sort })
  const { facets, total } = useFacets('asset', '/assets/facets', q)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [grouping, setGrouping] = useState(false)
  const ask = (next: string) => { setSelected(new Set()); change({ q: next === '' ? undefined : next }) }
  const wrong = hasStatus(list.error, 400) ? describeError(list.error).detail : undefined
  const chosen = list.rows.filter((row) => selected.has(row.id))
  return (
    <>
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-3 sm:px-6">
        <QueryBar label={t('assets.filter')} value={q} onChange={ask} fields={assetFields} placeholder={t('assets.placeholder')} error={wrong} />
        {total !== undefined && <span className="tabular text-sm whitespace-nowrap text-muted max-sm:hidden">{t('assets.count', { n: total, total: formatNumber(total) })}</span>}
        <FacetButton facets={facets} query={q} onChange={ask} />
        <span className="max-sm:hidden"><ColumnChooser columns={assetColumns} shown={cols} onChange={(next) => change({ cols: next })} /></span>
      </div>
      <div className="flex min-h-0 flex-1">
        {!(total === 0 && q === '') && <FacetColumn facets={facets} query={q} onChange={ask} />}
        <DataTable
          label={t('assets.tab_hosts')}
          columns={assetColumns}
          rows={wrong === undefined ? list.rows : []}
          rowId={(row) => row.id}
          compact={(row) => <AssetCompact asset={row} />}
          state={wrong === undefined ? list.state : { ...list.state, error: null }}
          onMore={list.onMore}
          onRetry={list.onRetry}
          sort={sort}
          onSort={(next) => change({ sort: next })}
          shown={cols}
          onOpen={(row) => { if (row !== null) void navigate({ to: '/assets/$id', params: { id: row.id } }) }}
          selected={selected}
          onSelect={setSelected}
          empty={
            wrong !== undefined ? <BadQuery onClear={() => ask('')} /> : q === ''
              ? <EmptyState icon={<Server />} title={t('assets.none')} actions={can('asset.edit') && <Button look="primary" icon={<Plus aria-hidden />} onClick={onAdd}>{t('assets.add')}</Button>}>{t('assets.none_text')}</EmptyState>
              : <EmptyState icon={<SearchX />} title={t('assets.none_match')} actions={<Button onClick={() => ask('')}>{t('findings.clear_filter')}</Button>} />
          }
        />
      </div>
      <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
        {can('scan.launch') && <Button size="sm" onClick={() => void navigate({ to: '/scans/new', search: { targets: chosen.map((row) => row.address ?? row.name ?? '').filter((text) => text !== '').join(', ') } })}>{t('assets.scan')}</Button>}
        {can('group.edit') && <Button size="sm" onClick={() => setGrouping(true)}>{t('assets.to_group')}</Button>}
      </SelectionBar>
      <MembersDialog assetIds={grouping ? [...selected] : null} onClose={() => setGrouping(false)} onDone={() => { setGrouping(false); setSelected(new Set()) }} />
    </>
  )
}
