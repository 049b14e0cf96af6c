import { useQuery } from '@tanstack/react-query'
import { KeyRound, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Credential, CredentialList } from '#api/rest/credentials/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { Switch } from '#ui/kit/checkbox.tsx'
import { ConfirmDialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Row, Section } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { CredentialDialog } from './credential-dialog.tsx'

export const credentialsOptions = { queryKey: ['credential'], queryFn: () => api.get<CredentialList>('/credentials') } as const

/** How scanners log in to hosts. What is secret goes in and is never shown again. */
export function CredentialsPage() {
  const found = useQuery(credentialsOptions)
  const [editing, setEditing] = useState<Credential | 'new' | null>(null)
  const [removing, setRemoving] = useState<Credential | null>(null)
  const enable = useAction((one: Credential) => api.patch(`/credentials/${one.id}`, { enabled: !one.enabled }), { touches: ['credential'] })
  const remove = useAction(() => api.delete(`/credentials/${removing?.id ?? ''}`), { touches: ['credential'], quiet: true })
  if (found.isPending) return <SkeletonRows count={4} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const add = <Button look="primary" icon={<Plus aria-hidden />} onClick={() => setEditing('new')}>{t('credentials.add')}</Button>
  return (
    <>
      {found.data.items.length === 0
        ? <EmptyState icon={<KeyRound aria-hidden />} title={t('credentials.none')} actions={add}>{t('credentials.none_text')}</EmptyState>
        : (
          <>
            <div className="flex items-center justify-between gap-4"><p className="text-sm text-muted">{t('credentials.text')}</p>{add}</div>
            <Section flush>
              <Table
                label={t('settings.credentials')}
                rows={found.data.items}
                rowKey={(one) => one.id}
                columns={[
                  { id: 'title', header: t('column.name'), lead: true, cell: (one) => <span className="font-medium">{one.title}</span> },
                  { id: 'kind', header: t('credentials.kind'), cell: (one) => word('login_kind', one.login.kind) },
                  { id: 'user', header: t('credentials.user'), cell: (one) => one.login.user ?? '–' },
                  { id: 'targets', header: t('credentials.targets'), wide: true, cell: (one) => <span className="tabular text-muted">{[one.targets.slice(0, 80), one.assetGroupIds.length > 0 ? t('credentials.groups', { n: one.assetGroupIds.length }) : ''].filter((part) => part !== '').join(', ')}</span> },
                  { id: 'changed', header: t('credentials.changed'), hideNarrow: true, cell: (one) => <RelativeTime at={one.changedAt} /> },
                  { id: 'enabled', header: t('credentials.enabled'), cell: (one) => <Switch checked={one.enabled} onChange={() => enable.mutate(one)} label={t('credentials.use', { title: one.title })} hideLabel /> },
                  {
                    id: 'do', header: <span className="sr-only">{t('kit.more_actions')}</span>, align: 'right', cell: (one) => (
                      <Row gap={1}>
                        <IconButton size="sm" label={t('credentials.edit_one', { title: one.title })} onClick={() => setEditing(one)}><Pencil aria-hidden /></IconButton>
                        <IconButton size="sm" label={t('credentials.remove_one', { title: one.title })} onClick={() => setRemoving(one)}><Trash2 aria-hidden /></IconButton>
                      </Row>
                    ),
                  },
                ]}
              />
            </Section>
          </>
        )}
      {editing !== null && <CredentialDialog record={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('credentials.remove_title', { title: removing?.title ?? '' })} action={t('credentials.remove')} onConfirm={() => remove.mutateAsync()}>
        {t('credentials.remove_text')}
      </ConfirmDialog>
    </>
  )
}
