import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { KeyRound, MoreHorizontal, Pencil, UserMinus, UserPlus } from 'lucide-react'
import { useState } from 'react'
import type { Invitation, Member, OneTimeLink } from '#api/rest/organisation/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Menu, MenuItem } from '#ui/kit/menu.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { useCan, useSession } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'
import { PersonDialog } from './person-dialog.tsx'

const route = getRouteApi('/inside/settings/people')

export function PeoplePage() {
  const { invite = false } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const me = useSession().person.id
  const list = useList<Member>('people', '/people', {}, { limit: 200 })
  const [editing, setEditing] = useState<Member | null>(null)
  const [removing, setRemoving] = useState<Member | null>(null)
  const [link, setLink] = useState<Readonly<{ link: string; text: string }> | null>(null)
  const reset = useAction((member: Member) => api.post<OneTimeLink>(`/people/${member.id}/reset-link`), { after: (made, member) => setLink({ link: made.link, text: t('people.reset_text', { name: member.name }) }) })
  const remove = useAction(() => api.delete(`/people/${removing?.id ?? ''}`), { touches: ['people'], quiet: true, done: t('people.removed') })
  const manage = can('people.manage')
  const setInvite = (on: boolean) => void navigate({ search: on ? { invite: true } : {}, replace: true })
  return (
    <>
      <Section title={t('settings.people')} flush actions={manage && <Button size="sm" look="primary" icon={<UserPlus aria-hidden />} onClick={() => setInvite(true)}>{t('people.invite')}</Button>}>
        {list.state.loading ? <SkeletonRows count={4} /> : list.state.error !== null ? <ErrorState error={list.state.error} onRetry={list.onRetry} /> : (
          <Table
            label={t('settings.people')}
            rows={list.rows}
            rowKey={(row) => row.id}
            columns={[
              { id: 'name', header: t('column.name'), wide: true, cell: (row) => <div><p className="font-medium">{row.name}{row.id === me && <span className="font-normal text-faint"> ({t('people.you')})</span>}</p><p className="text-xs text-muted">{row.email}</p></div> },
              { id: 'role', header: t('people.role'), cell: (row) => <span className="whitespace-nowrap">{word('role', row.role)}</span> },
              { id: 'unit', header: t('people.unit'), hideNarrow: true, cell: (row) => row.unitName ?? <span className="text-faint">–</span> },
              { id: 'second', header: t('people.second_factor'), hideNarrow: true, cell: (row) => (row.secondFactor ? <StatusChip status="done" label={t('kit.on')} /> : <StatusChip status="ignored" label={t('kit.off')} />) },
              { id: 'state', header: t('column.state'), hideNarrow: true, cell: (row) => <StatusChip status={row.state === 'active' ? 'online' : 'inactive'} label={word('person_state', row.state)} /> },
              { id: 'since', header: t('people.since'), align: 'right', hideNarrow: true, cell: (row) => <DateTime at={row.createdAt} day /> },
              { id: 'do', header: '', cell: (row) => manage && (
                <Menu align="end" trigger={<IconButton size="sm" label={t('kit.more_actions')}><MoreHorizontal aria-hidden /></IconButton>}>
                  <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setEditing(row)}>{t('people.edit')}</MenuItem>
                  <MenuItem icon={<KeyRound aria-hidden />} onSelect={() => reset.mutate(row)}>{t('people.reset')}</MenuItem>
                  {row.id !== me && <MenuItem danger icon={<UserMinus aria-hidden />} onSelect={() => setRemoving(row)}>{t('people.remove')}</MenuItem>}
                </Menu>
              ) },
            ]}
          />
        )}
        {list.state.more && <div className="border-t border-line p-3"><Button size="sm" onClick={list.onMore}>{t('kit.more')}</Button></div>}
      </Section>
      {manage && <Invitations />}
      <PersonDialog person={invite ? 'new' : editing} onClose={() => { setEditing(null); setInvite(false) }} onInvited={(made, email) => setLink({ link: made, text: t('people.invited_text', { email }) })} />
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('people.remove_title', { name: removing?.name ?? '' })} action={t('people.remove')} onConfirm={() => remove.mutateAsync()}>{t('people.remove_text')}</ConfirmDialog>
      <Dialog open={link !== null} onClose={() => setLink(null)} title={t('people.link_title')} description={link?.text} width="sm" actions={<Button look="primary" onClick={() => setLink(null)}>{t('kit.done')}</Button>}>
        <CopyField text={link?.link ?? ''} label={t('people.link')} />
      </Dialog>
    </>
  )
}

function Invitations() {
  const found = useQuery({ queryKey: ['people', 'invitations'], queryFn: ({ signal }) => api.get<{ items: readonly Invitation[] }>('/invitations', {}, signal) })
  const withdraw = useAction((id: string) => api.delete(`/invitations/${id}`), { touches: ['people'], done: t('people.withdrawn') })
  if (found.data === undefined || found.data.items.length === 0) return null
  return (
    <Section title={t('people.invitations')} flush>
      <Table
        label={t('people.invitations')}
        rows={found.data.items}
        rowKey={(row) => row.id}
        columns={[
          { id: 'email', header: t('entrance.email'), wide: true, cell: (row) => <Row><span className="font-medium">{row.email}</span><Badge>{t('people.pending')}</Badge></Row> },
          { id: 'role', header: t('people.role'), cell: (row) => word('role', row.role) },
          { id: 'expires', header: t('people.expires'), align: 'right', cell: (row) => <RelativeTime at={row.expiresAt} /> },
          { id: 'do', header: '', cell: (row) => <Stack><Button size="sm" look="quiet" onClick={() => withdraw.mutate(row.id)}>{t('people.withdraw')}</Button></Stack> },
        ]}
      />
    </Section>
  )
}
