import { useQuery } from '@tanstack/react-query'
import { KeyRound, Laptop, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { OpenSession, Passkey } from '#api/rest/identity/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { canPasskey, makePasskey } from '#ui/lib/passkey.ts'
import { useSession } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { PasswordSection } from './password-section.tsx'
import { SecondFactorSection } from './second-factor-section.tsx'

/** What a person does with their own account. */
export function SecurityPage() {
  return (
    <>
      <ProfileSection />
      <PasswordSection />
      <SecondFactorSection />
      <PasskeysSection />
      <SessionsSection />
    </>
  )
}

function ProfileSection() {
  const { person } = useSession()
  const [name, setName] = useState(person.name)
  const save = useAction(() => api.patch('/identity/profile', { name }), { touches: ['session', 'people'], quiet: true, done: t('kit.saved') })
  return (
    <Section title={t('security.profile')}>
      <form onSubmit={(event) => { event.preventDefault(); save.mutate() }} className="max-w-md">
        <Stack>
          <FormField label={t('entrance.name')} hint={person.email}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={120} required autoComplete="name" /></FormField>
          {save.error !== null && <InlineError error={save.error} />}
          <Row><Button type="submit" busy={save.isPending} disabled={name === person.name}>{t('kit.save')}</Button></Row>
        </Stack>
      </form>
    </Section>
  )
}

function PasskeysSection() {
  const found = useQuery({ queryKey: ['passkey'], queryFn: ({ signal }) => api.get<{ items: readonly Passkey[] }>('/identity/passkeys', {}, signal) })
  const [adding, setAdding] = useState(false)
  const [name, setName] = useState('')
  const add = useAction(
    async () => {
      const response = await makePasskey(await api.post('/identity/passkeys/options'))
      await api.post('/identity/passkeys', { name, response })
    },
    { touches: ['passkey'], quiet: true, done: t('security.passkey_added'), after: () => { setAdding(false); setName('') } },
  )
  const remove = useAction((id: string) => api.delete(`/identity/passkeys/${id}`), { touches: ['passkey'], done: t('security.passkey_removed') })
  return (
    <Section title={t('security.passkeys')} detail={t('security.passkeys_detail')} flush actions={canPasskey() && <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>{t('security.passkey_add')}</Button>}>
      {found.isPending ? <SkeletonRows count={2} /> : found.error !== null ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : (
        <Table
          label={t('security.passkeys')}
          rows={found.data.items}
          rowKey={(row) => row.id}
          empty={<EmptyState small icon={<KeyRound />} title={t('security.no_passkeys')}>{canPasskey() ? t('security.no_passkeys_text') : t('security.passkeys_need_https')}</EmptyState>}
          columns={[
            { id: 'name', header: t('column.name'), wide: true, cell: (row) => <Row><span className="font-medium">{row.name}</span>{row.backedUp && <Badge>{t('security.synced')}</Badge>}</Row> },
            { id: 'at', header: t('column.added'), align: 'right', cell: (row) => <DateTime at={row.createdAt} day /> },
            { id: 'do', header: '', cell: (row) => <IconButton size="sm" label={t('kit.remove', { name: row.name })} onClick={() => remove.mutate(row.id)}><Trash2 aria-hidden /></IconButton> },
          ]}
        />
      )}
      <Dialog open={adding} onClose={() => setAdding(false)} title={t('security.passkey_add')} description={t('security.passkey_text')} width="sm" onSubmit={() => add.mutate()} actions={<><Button onClick={() => setAdding(false)}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={add.isPending}>{t('security.passkey_add')}</Button></>}>
        <Stack>
          <FormField label={t('column.name')} hint={t('security.passkey_name_hint')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={60} required /></FormField>
          {add.error !== null && <InlineError error={add.error} />}
        </Stack>
      </Dialog>
    </Section>
  )
}

function SessionsSection() {
  const found = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => api.get<{ items: readonly OpenSession[] }>('/identity/sessions', {}, signal) })
  const end = useAction((id: string) => api.delete(`/identity/sessions/${id}`), { touches: ['sessions'], done: t('security.session_ended') })
  const endOthers = useAction(() => api.post<{ ended: number }>('/identity/sessions/end-others'), { touches: ['sessions'], done: (result) => t('security.sessions_ended', { n: result.ended }) })
  return (
    <Section title={t('security.sessions')} flush actions={(found.data?.items.length ?? 0) > 1 && <Button size="sm" busy={endOthers.isPending} onClick={() => endOthers.mutate()}>{t('security.end_others')}</Button>}>
      {found.isPending ? <SkeletonRows count={2} /> : found.error !== null ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : (
        <Table
          label={t('security.sessions')}
          rows={found.data.items}
          rowKey={(row) => row.id}
          columns={[
            { id: 'device', header: t('security.device'), wide: true, cell: (row) => <Row gap={3}><Laptop className="size-4 shrink-0 text-faint" aria-hidden /><span className="line-clamp-1">{row.userAgent ?? '–'}</span>{row.current && <Badge tone="accent">{t('security.this_session')}</Badge>}</Row> },
            { id: 'ip', header: t('audit.from'), hideNarrow: true, cell: (row) => <span className="tabular">{row.ip}</span> },
            { id: 'seen', header: t('security.seen'), align: 'right', cell: (row) => <RelativeTime at={row.seenAt} /> },
            { id: 'do', header: '', cell: (row) => !row.current && <Button size="sm" look="quiet" onClick={() => end.mutate(row.id)}>{t('security.end')}</Button> },
          ]}
        />
      )}
    </Section>
  )
}
