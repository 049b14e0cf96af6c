import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ListFilter, MoreHorizontal, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Preview, SearchList, SearchLists } from '#api/rest/search-lists/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, ButtonLink, IconButton } from '#ui/kit/button.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { ConfirmDialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Menu, MenuItem } from '#ui/kit/menu.tsx'
import { Facts, Grid, Page, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { ListDialog } from './list-dialog.tsx'
import { PreviewView } from './preview-view.tsx'

const route = getRouteApi('/inside/kb-pages/kb/lists')

/** Lists of checks under a name: for queries, reports and option profiles. */
export function SearchListsPage() {
  const { open } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const [editing, setEditing] = useState<SearchList | 'new' | null>(null)
  const [removing, setRemoving] = useState<SearchList | null>(null)
  const found = useQuery({ queryKey: ['list', 'all'], queryFn: ({ signal }) => api.get<SearchLists>('/search-lists', {}, signal) })
  const remove = useAction(() => api.delete(`/search-lists/${removing?.id ?? ''}`), { touches: ['list'], quiet: true, done: t('lists.removed') })
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  if (found.data === undefined) return <Page><SkeletonRows count={8} /></Page>
  const { items } = found.data
  const shown = items.find((one) => one.id === open) ?? items[0]
  const mayEdit = can('list.edit')
  return (
    <Page>
      <Grid columns="main-side">
        <Section title={t('kb.lists')} detail={t('lists.detail')} actions={mayEdit && <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setEditing('new')}>{t('lists.new')}</Button>} flush>
          <Table
            label={t('kb.lists')}
            rows={items}
            rowKey={(row) => row.id}
            empty={<EmptyState icon={<ListFilter />} title={t('lists.none')} actions={mayEdit && <Button look="primary" onClick={() => setEditing('new')}>{t('lists.new')}</Button>}>{t('lists.none_text')}</EmptyState>}
            columns={[
              {
                id: 'name', header: t('column.name'), wide: true, cell: (row) => (
                  <span className="flex flex-col">
                    <span className="flex items-center gap-2"><button type="button" aria-pressed={row === shown} className="rounded-xs text-left font-medium hover:underline" onClick={() => void navigate({ search: { open: row.id }, replace: true })}>{row.name}</button>{row.shipped && <Badge>{t('profiles.shipped')}</Badge>}</span>
                    {row.description !== '' && <span className="text-xs text-muted">{row.description}</span>}
                  </span>
                ),
              },
              { id: 'kind', header: t('kb.kind'), cell: (row) => word('list_kind', row.kind) },
              { id: 'count', header: t('kb.checks'), align: 'right', cell: (row) => formatNumber(row.count) },
              { id: 'changed', header: t('checks.changed'), align: 'right', hideNarrow: true, cell: (row) => <RelativeTime at={row.updatedAt} /> },
              {
                id: 'do', header: '', cell: (row) => mayEdit && !row.shipped && (
                  <Menu align="end" trigger={<IconButton size="sm" label={t('kit.more_actions')}><MoreHorizontal aria-hidden /></IconButton>}>
                    <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setEditing(row)}>{t('kit.edit')}</MenuItem>
                    <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setRemoving(row)}>{t('lists.remove')}</MenuItem>
                  </Menu>
                ),
              },
            ]}
          />
        </Section>
        {shown !== undefined && <ListView list={shown} />}
      </Grid>
      <ListDialog list={editing} onClose={() => setEditing(null)} onDone={(made) => { setEditing(null); void navigate({ search: { open: made.id }, replace: true }) }} />
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('lists.remove_title', { name: removing?.name ?? '' })} action={t('lists.remove')} onConfirm={() => remove.mutateAsync()}>{t('lists.remove_text')}</ConfirmDialog>
    </Page>
  )
}

/** What a list holds now, and what of it is open here. */
function ListView({ list }: { list: SearchList }) {
  const body = list.query === null ? { checks: (list.checks ?? []).join(',') } : { query: list.query }
  const found = useQuery({ queryKey: ['list', 'preview', list.id, list.updatedAt], queryFn: () => api.post<Preview>('/search-lists/preview', body), staleTime: 60_000 })
  return (
    <Section title={list.name} actions={<ButtonLink size="sm" to="/findings" search={{ q: list.term }}>{t('nav.findings')}</ButtonLink>}>
      <Stack>
        <Facts
          items={[
            [t('kb.kind'), word('list_kind', list.kind)],
            list.query !== null && [t('lists.query'), <code key="query" className="font-mono text-xs [overflow-wrap:anywhere]">{list.query}</code>],
            list.usedBy.profiles.length > 0 && [t('lists.used_by'), list.usedBy.profiles.join(', ')],
            list.createdBy !== null && [t('column.by'), list.createdBy],
          ]}
        />
        <CopyField label={t('lists.term')} text={list.term} />
        {found.error !== null ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : found.data === undefined ? <SkeletonRows count={6} height={28} /> : <PreviewView preview={found.data} />}
      </Stack>
    </Section>
  )
}
