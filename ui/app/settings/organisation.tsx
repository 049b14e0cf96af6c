import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Organisation } from '#api/rest/organisation/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Facts, Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'

export function OrganisationPage() {
  const found = useQuery({ queryKey: ['organisation'], queryFn: ({ signal }) => api.get<Organisation>('/organisation', {}, signal) })
  if (found.isPending) return <SkeletonRows count={4} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  return <Form key={found.data.name} organisation={found.data} />
}

function Form({ organisation }: { organisation: Organisation }) {
  const can = useCan()
  const client = useQueryClient()
  const [name, setName] = useState(organisation.name)
  const [adding, setAdding] = useState(false)
  const rename = useAction(() => api.patch('/organisation', { name }), { touches: ['organisation', 'session'], quiet: true, done: t('kit.saved') })
  const may = can('organisation.edit')
  return (
    <>
      <Section title={t('settings.organisation')}>
        <form onSubmit={(event) => { event.preventDefault(); rename.mutate() }}>
          <Stack>
            <div className="max-w-md"><FormField label={t('column.name')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={120} disabled={!may} required /></FormField></div>
            {rename.error !== null && <InlineError error={rename.error} />}
            {may && <Row><Button type="submit" look="primary" busy={rename.isPending} disabled={name === organisation.name}>{t('kit.save')}</Button></Row>}
            <Facts items={[[t('column.state'), word('organisation_state', organisation.state)], [t('settings.addresses'), organisation.maxAddresses === null ? t('profiles.no_limit') : formatNumber(organisation.maxAddresses)], [t('settings.since'), <DateTime key="since" at={organisation.createdAt} day />]]} />
          </Stack>
        </form>
      </Section>
      {may && (
        <Section title={t('settings.another')} detail={t('settings.another_detail')}>
          <Button onClick={() => setAdding(true)}>{t('settings.another_make')}</Button>
        </Section>
      )}
      {adding && <AnotherDialog onClose={() => setAdding(false)} onMade={async (id) => { await api.put('/identity/session/organisation', { organisation: id }); client.clear(); location.assign('/') }} />}
    </>
  )
}

function AnotherDialog({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => Promise<void> }) {
  const [name, setName] = useState('')
  const make = useAction(async () => onMade((await api.post<{ id: string }>('/organisations', { name })).id), { quiet: true })
  return (
    <Dialog open onClose={onClose} title={t('settings.another_make')} width="sm" onSubmit={() => make.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={make.isPending}>{t('settings.another_make')}</Button></>}>
      <Stack>
        <FormField label={t('column.name')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={120} required /></FormField>
        {make.error !== null && <InlineError error={make.error} />}
      </Stack>
    </Dialog>
  )
}
