import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Token, TokenMade } from '#api/rest/tokens/schemas.ts'
import type { Role } from '#ui/lib/session.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Section, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { useCan, useSession } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'

export function TokensPage() {
  const can = useCan()
  const [whose, setWhose] = useState<'mine' | 'all'>('mine')
  const list = useList<Token>('token', '/tokens', { all: whose === 'all' ? true : undefined }, { limit: 100 })
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<string | null>(null)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const revoke = useAction(() => api.delete(`/tokens/${revoking?.id ?? ''}`), { touches: ['token'], quiet: true, done: t('tokens.revoked') })
  return (
    <>
      <Section
        title={t('settings.tokens')}
        detail={t('tokens.detail')}
        flush
        actions={
          <>
            {can('token.manage') && <Segmented label={t('tokens.whose')} value={whose} onChange={setWhose} options={[{ value: 'mine', label: t('tokens.mine') }, { value: 'all', label: t('tokens.all') }]} />}
            <Button size="sm" look="primary" icon={<Plus aria-hidden />} onClick={() => setMaking(true)}>{t('tokens.new')}</Button>
          </>
        }
      >
        {list.state.loading ? <SkeletonRows count={3} /> : list.state.error !== null ? <ErrorState error={list.state.error} onRetry={list.onRetry} /> : (
          <Table
            label={t('settings.tokens')}
            rows={list.rows}
            rowKey={(row) => row.id}
            empty={<EmptyState icon={<KeyRound />} title={t('tokens.none')}>{t('tokens.none_text')}</EmptyState>}
            columns={[
              { id: 'name', header: t('column.name'), wide: true, cell: (row) => <span className="font-medium">{row.name} <span className="font-mono text-xs font-normal text-faint">…{row.hint}</span></span> },
              { id: 'role', header: t('people.role'), cell: (row) => word('role', row.role) },
              { id: 'owner', header: t('tokens.owner'), hideNarrow: true, cell: (row) => row.owner.name },
              { id: 'used', header: t('tokens.used'), hideNarrow: true, cell: (row) => (row.lastUsedAt === null ? <span className="text-faint">{t('tokens.never')}</span> : <span><RelativeTime at={row.lastUsedAt} /> <span className="tabular text-faint">{row.lastUsedFrom}</span></span>) },
              { id: 'expires', header: t('tokens.expires'), cell: (row) => (row.expiresAt === null ? <span className="text-warn">{t('tokens.no_end')}</span> : <DateTime at={row.expiresAt} day />) },
              { id: 'do', header: '', cell: (row) => <IconButton size="sm" label={t('tokens.revoke')} onClick={() => setRevoking(row)}><Trash2 aria-hidden /></IconButton> },
            ]}
          />
        )}
      </Section>
      {making && <TokenDialog onClose={() => setMaking(false)} onMade={(token) => { setMaking(false); setMade(token) }} />}
      <Dialog open={made !== null} onClose={() => setMade(null)} title={t('tokens.made')} description={t('tokens.made_text')} width="sm" actions={<Button look="primary" onClick={() => setMade(null)}>{t('kit.done')}</Button>}>
        <Stack>
          <CopyField text={made ?? ''} label={t('tokens.one')} />
          <CopyField text={`curl -H "authorization: Bearer ${made ?? ''}" ${location.origin}/api/v1/findings`} label={t('tokens.example')} />
        </Stack>
      </Dialog>
      <ConfirmDialog open={revoking !== null} onClose={() => setRevoking(null)} title={t('tokens.revoke_title', { name: revoking?.name ?? '' })} action={t('tokens.revoke')} onConfirm={() => revoke.mutateAsync()}>{t('tokens.revoke_text')}</ConfirmDialog>
    </>
  )
}

const lifetimes = { '30': 30, '90': 90, '365': 365, never: null } as const

function TokenDialog({ onClose, onMade }: { onClose: () => void; onMade: (token: string) => void }) {
  const own = useSession().organisation?.role ?? 'reader'
  const roles = [...new Set<Role>([own, 'scanner', 'reader', 'knowledgebase_only'])]
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(own === 'manager' ? 'reader' : own)
  const [life, setLife] = useState<keyof typeof lifetimes>('90')
  const make = useAction(
    () => {
      const days = lifetimes[life]
      return api.post<TokenMade>('/tokens', { name, role, expiresAt: days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString() })
    },
    { touches: ['token'], quiet: true, after: (result) => onMade(result.token) },
  )
  return (
    <Dialog open onClose={onClose} title={t('tokens.new')} width="sm" onSubmit={() => make.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={make.isPending}>{t('tokens.create')}</Button></>}>
      <Stack>
        <FormField label={t('column.name')} hint={t('tokens.name_hint')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} required /></FormField>
        <FormField label={t('people.role')} hint={t('tokens.role_hint')}><Select value={role} onChange={setRole} options={roles.map((value) => ({ value, label: word('role', value) }))} /></FormField>
        <FormField label={t('tokens.expires')}><Select value={life} onChange={setLife} options={(['30', '90', '365', 'never'] as const).map((value) => ({ value, label: t(`tokens.life_${value}`) }))} /></FormField>
        {make.error !== null && <InlineError error={make.error} />}
      </Stack>
    </Dialog>
  )
}
