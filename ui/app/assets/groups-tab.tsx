import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FolderTree, Pencil, Play, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { AssetGroup, GroupDetail } from '#api/rest/assets/group-schemas.ts'
import { SeverityNumbers } from '#ui/charts/severity-bar.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { Button, ButtonLink, IconButton } from '#ui/kit/button.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { ConfirmDialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Facts, Row, Stack } from '#ui/kit/page.tsx'
import { RiskMark } from '#ui/kit/risk.tsx'
import { SidePanel } from '#ui/kit/side-panel.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { TextArea } from '#ui/kit/input.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { api } from '#ui/lib/api.ts'
import { countsOf } from '#ui/lib/counts.ts'
import { quoteValue } from '#ui/lib/query-text.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'
import { GroupDialog } from './group-dialog.tsx'

const route = getRouteApi('/inside/assets')
const columns: readonly Column<AssetGroup>[] = [
  { id: 'name', header: t('column.name'), width: '2fr', fixed: true, cell: (row) => <span className="font-medium">{row.name}</span> },
  { id: 'impact', header: t('column.impact'), width: 120, cell: (row) => word('impact', String(row.impact)) },
  { id: 'hosts', header: t('column.hosts'), width: 90, align: 'right', cell: (row) => row.hosts },
  { id: 'risk', header: t('column.risk'), width: 130, cell: (row) => <RiskMark risk={row.risk} /> },
  { id: 'open', header: t('column.open'), width: 220, cell: (row) => <SeverityNumbers counts={countsOf(row.open)} /> },
  { id: 'comment', header: t('column.comment'), width: '2fr', cell: (row) => <span className="text-muted">{row.comment}</span> },
]

export function GroupsTab() {
  const { open } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useList<AssetGroup>('group', '/groups')
  const [editing, setEditing] = useState<AssetGroup | 'new' | null>(null)
  const setOpen = (id: string | undefined) => void navigate({ search: (before) => ({ ...before, open: id }), replace: true })
  const group = list.rows.find((row) => row.id === open)
  return (
    <>
      {can('group.edit') && list.rows.length > 0 && <div className="flex shrink-0 justify-end border-b border-line px-4 py-3 sm:px-6"><Button icon={<Plus aria-hidden />} onClick={() => setEditing('new')}>{t('groups.new')}</Button></div>}
      <div className="flex min-h-0 flex-1">
        <DataTable
          label={t('assets.tab_groups')}
          columns={columns}
          rows={list.rows}
          rowId={(row) => row.id}
          compact={(row) => <div className="flex items-center justify-between gap-3"><div className="min-w-0"><p className="truncate font-medium">{row.name}</p><p className="text-xs text-muted">{t('groups.hosts', { n: row.hosts })}</p></div><RiskMark risk={row.risk} /></div>}
          state={list.state}
          onMore={list.onMore}
          onRetry={list.onRetry}
          openId={open}
          onOpen={(row) => setOpen(row?.id)}
          empty={<EmptyState icon={<FolderTree />} title={t('groups.none')} actions={can('group.edit') && <Button look="primary" icon={<Plus aria-hidden />} onClick={() => setEditing('new')}>{t('groups.new')}</Button>}>{t('groups.none_text')}</EmptyState>}
        />
        <SidePanel open={open !== undefined} onClose={() => setOpen(undefined)} label={t('groups.one')} title={<span className="text-sm font-semibold">{group?.name ?? t('groups.one')}</span>}>
          {open !== undefined && <GroupPanel id={open} onEdit={setEditing} onGone={() => setOpen(undefined)} />}
        </SidePanel>
      </div>
      <GroupDialog group={editing} onClose={() => setEditing(null)} />
    </>
  )
}

function GroupPanel({ id, onEdit, onGone }: { id: string; onEdit: (group: AssetGroup) => void; onGone: () => void }) {
  const can = useCan()
  const found = useQuery({ queryKey: ['group', 'detail', id], queryFn: ({ signal }) => api.get<GroupDetail>(`/groups/${id}`, {}, signal) })
  const [adding, setAdding] = useState('')
  const [removing, setRemoving] = useState(false)
  const touches = ['group', 'asset', 'dashboard']
  const add = useAction(() => api.post(`/groups/${id}/members`, { text: adding }), { touches, after: () => setAdding('') })
  const drop = useAction((body: Readonly<{ text?: string; networkId?: string; assetIds?: string[] }>) => api.post(`/groups/${id}/members/remove`, body), { touches })
  const remove = useAction(() => api.delete(`/groups/${id}`), { touches, quiet: true, done: t('groups.removed'), after: onGone })
  if (found.isPending) return <SkeletonRows count={5} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const group = found.data
  return (
    <div className="p-4">
      <Stack gap={6}>
        <Row wrap>
          {can('scan.launch') && <ButtonLink size="sm" look="primary" to="/scans/new" search={{ group: id }} icon={<Play aria-hidden />}>{t('groups.scan')}</ButtonLink>}
          <ButtonLink size="sm" to="/assets" search={{ q: `group:${quoteValue(group.name)}` }}>{t('groups.see_hosts')}</ButtonLink>
          <ButtonLink size="sm" to="/findings" search={{ q: `group:${quoteValue(group.name)}` }}>{t('groups.see_findings')}</ButtonLink>
          {can('group.edit') && <IconButton size="sm" label={t('kit.edit')} onClick={() => onEdit(group)}><Pencil aria-hidden /></IconButton>}
          {can('group.edit') && <IconButton size="sm" label={t('groups.remove')} onClick={() => setRemoving(true)}><Trash2 aria-hidden /></IconButton>}
        </Row>
        <Facts items={[[t('column.impact'), word('impact', String(group.impact))], [t('column.hosts'), group.hosts], [t('column.risk'), <RiskMark key="risk" risk={group.risk} />], [t('column.open'), <SeverityNumbers key="open" counts={countsOf(group.open)} />], group.comment !== '' && [t('column.comment'), group.comment]]} />
        <Stack gap={2}>
          <h2 className="text-xs font-semibold text-muted">{t('groups.members')}</h2>
          <ul className="flex flex-col">
            {group.members.map((member) => (
              <li key={`${member.kind}-${member.text}`} className="flex items-center justify-between gap-2 border-b border-line py-1 text-sm last:border-0">
                {member.assetId === null ? <span className="tabular min-w-0 truncate">{member.text}</span> : <NameLink to="/assets/$id" params={{ id: member.assetId }} className="tabular min-w-0 truncate">{member.text}</NameLink>}
                {can('group.edit') && <IconButton size="sm" label={t('kit.remove', { name: member.text })} onClick={() => drop.mutate(member.assetId === null ? { text: member.text, networkId: member.network.id } : { assetIds: [member.assetId] })}><Trash2 aria-hidden /></IconButton>}
              </li>
            ))}
            {group.members.length === 0 && <li className="text-sm text-muted">{t('groups.no_members')}</li>}
          </ul>
        </Stack>
        {can('group.edit') && (
          <form onSubmit={(event) => { event.preventDefault(); add.mutate() }}>
            <Stack gap={2}>
              <FormField label={t('groups.add_members')}><TextArea mono rows={2} value={adding} onChange={(event) => setAdding(event.target.value)} placeholder="10.0.0.0/28, www.example.org" /></FormField>
              <div><Button type="submit" size="sm" busy={add.isPending} disabled={adding.trim() === ''}>{t('groups.add')}</Button></div>
            </Stack>
          </form>
        )}
      </Stack>
      <ConfirmDialog open={removing} onClose={() => setRemoving(false)} title={t('groups.remove_title', { name: group.name })} action={t('groups.remove')} onConfirm={() => remove.mutateAsync()}>{t('groups.remove_text')}</ConfirmDialog>
    </div>
  )
}
