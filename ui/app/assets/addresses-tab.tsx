import { useInfiniteQuery } from '@tanstack/react-query'
import { Network as NetworkIcon, Plus } from 'lucide-react'
import { useState } from 'react'
import type { AddressPage, AddressRange, Authority } from '#api/rest/assets/address-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { ConfirmDialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { Input } from '#ui/kit/input.tsx'
import { SelectionBar } from '#ui/kit/selection-bar.tsx'
import { SidePanel } from '#ui/kit/side-panel.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatBig, roughly } from '#ui/lib/counts.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'

const columns: readonly Column<AddressRange>[] = [
  { id: 'text', header: t('column.addresses'), width: '2fr', fixed: true, cell: (row) => <span className="tabular font-medium">{row.text}</span> },
  { id: 'count', header: t('column.count'), width: 110, align: 'right', cell: (row) => formatBig(row.count) },
  { id: 'network', header: t('column.network'), width: 150, cell: (row) => row.network.name },
  { id: 'comment', header: t('column.comment'), width: '2fr', cell: (row) => <span className="text-muted">{row.comment}</span> },
  { id: 'by', header: t('column.by'), width: 150, cell: (row) => row.addedBy ?? '–' },
  { id: 'at', header: t('column.added'), width: 120, align: 'right', cell: (row) => <RelativeTime at={row.createdAt} /> },
]

/** What may be scanned: nothing else ever is. */
export function AddressesTab({ onAdd }: { onAdd: () => void }) {
  const can = useCan()
  const [text, setText] = useState('')
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [removing, setRemoving] = useState(false)
  const [declarations, setDeclarations] = useState(false)
  const found = useInfiniteQuery({
    queryKey: ['address', 'list', text],
    queryFn: ({ pageParam, signal }) => api.get<AddressPage>('/addresses', { text, limit: 100, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
  })
  const rows = found.data?.pages.flatMap((page) => page.items) ?? []
  const first = found.data?.pages[0]
  const chosen = rows.filter((row) => selected.has(row.id))
  const remove = useAction(
    async () => {
      for (const [networkId, ranges] of Map.groupBy(chosen, (row) => row.network.id)) await api.post('/addresses/remove', { text: ranges.map((row) => row.text).join('\n'), networkId })
    },
    { touches: ['address', 'asset', 'dashboard'], quiet: true, done: t('addresses.removed'), after: () => setSelected(new Set()) },
  )
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 sm:px-6">
        <div className="w-full max-w-xs"><Input placeholder={t('addresses.find')} aria-label={t('addresses.find')} value={text} onChange={(event) => setText(event.target.value)} /></div>
        {first !== undefined && <span className="tabular text-sm text-muted">{first.most === null ? t('addresses.used', { used: formatBig(first.used), count: roughly(first.used) }) : t('addresses.used_of', { used: formatBig(first.used), most: first.most })}</span>}
        <span className="ml-auto"><Button look="quiet" onClick={() => setDeclarations(true)}>{t('addresses.declarations')}</Button></span>
      </div>
      <div className="flex min-h-0 flex-1">
        <DataTable
          label={t('assets.tab_addresses')}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          compact={(row) => <div><p className="tabular truncate font-medium">{row.text}</p><p className="truncate text-xs text-muted">{row.network.name} · {row.comment}</p></div>}
          state={{ loading: found.isPending, error: found.error, more: found.hasNextPage, loadingMore: found.isFetchingNextPage }}
          onMore={() => void found.fetchNextPage({ cancelRefetch: false })}
          onRetry={() => void found.refetch()}
          {...(can('asset.edit') ? { selected, onSelect: setSelected } : {})}
          empty={<EmptyState icon={<NetworkIcon />} title={t('addresses.none')} actions={can('asset.edit') && <Button look="primary" icon={<Plus aria-hidden />} onClick={onAdd}>{t('assets.add')}</Button>}>{t('addresses.none_text')}</EmptyState>}
        />
        <SidePanel open={declarations} onClose={() => setDeclarations(false)} label={t('addresses.declarations')} title={<span className="text-sm font-semibold">{t('addresses.declarations')}</span>}><Declarations /></SidePanel>
      </div>
      <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}><Button size="sm" look="danger" onClick={() => setRemoving(true)}>{t('addresses.remove')}</Button></SelectionBar>
      <ConfirmDialog open={removing} onClose={() => setRemoving(false)} title={t('addresses.remove_title', { n: chosen.length })} action={t('addresses.remove')} onConfirm={() => remove.mutateAsync()}>{t('addresses.remove_text')}</ConfirmDialog>
    </>
  )
}

function Declarations() {
  const { rows, state, onMore } = useList<Authority>('address', '/authorities', {}, { limit: 50 })
  return (
    <ul className="flex flex-col p-4">
      {rows.map((row) => (
        <li key={row.id} className="border-b border-line py-3 text-sm last:border-0">
          <p className="tabular font-mono text-xs break-all">{row.targets}</p>
          <p className="mt-1 text-muted">“{row.statement}”</p>
          <p className="mt-1 text-xs text-faint">{row.by} ({row.email}), <DateTime at={row.at} /></p>
        </li>
      ))}
      {state.more && <Button size="sm" onClick={onMore} busy={state.loadingMore}>{t('kit.more')}</Button>}
      {!state.loading && rows.length === 0 && <EmptyState small title={t('addresses.no_declarations')} />}
    </ul>
  )
}
