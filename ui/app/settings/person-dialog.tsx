import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AssetGroup } from '#api/rest/assets/group-schemas.ts'
import type { InvitationMade, Member, Unit } from '#api/rest/organisation/schemas.ts'
import type { Role } from '#ui/lib/session.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { MultiCombobox } from '#ui/kit/combobox.tsx'
import { Switch } from '#ui/kit/checkbox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'

const roles: readonly Role[] = ['manager', 'unit_manager', 'scanner', 'reader', 'auditor', 'remediation_user', 'knowledgebase_only', 'user_administrator', 'contact']
/** Who sees only what is in their groups or unit; the others see the whole organisation. */
const scoped: readonly Role[] = ['unit_manager', 'scanner', 'reader', 'remediation_user']

/** Invites somebody, or changes what they may do and see. */
export function PersonDialog({ person, onClose, onInvited }: { person: Member | 'new' | null; onClose: () => void; onInvited: (link: string, email: string) => void }) {
  return person === null ? null : <Form key={person === 'new' ? 'new' : person.id} person={person === 'new' ? null : person} onClose={onClose} onInvited={onInvited} />
}

function Form({ person, onClose, onInvited }: { person: Member | null; onClose: () => void; onInvited: (link: string, email: string) => void }) {
  const can = useCan()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>(person?.role ?? 'scanner')
  const [unit, setUnit] = useState(person?.unit ?? '')
  const [groups, setGroups] = useState<string[]>([...(person?.groups ?? [])])
  const [active, setActive] = useState(person?.state !== 'inactive')
  const units = useQuery({ queryKey: ['unit'], queryFn: ({ signal }) => api.get<{ items: readonly Unit[] }>('/units', {}, signal) })
  const known = useList<AssetGroup>('group', '/groups', {}, { limit: 200, enabled: can('asset.read') })
  const save = useAction(
    async () => {
      const place = { role, unit: unit === '' ? null : unit, groups }
      if (person !== null) await api.patch(`/people/${person.id}`, { ...place, state: active ? 'active' : 'inactive' })
      else onInvited((await api.post<InvitationMade>('/invitations', { email, ...place })).link, email)
    },
    { touches: ['people'], quiet: true, ...(person === null ? {} : { done: t('kit.saved') }), after: onClose },
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title={person === null ? t('people.invite') : person.name}
      description={person === null ? t('people.invite_text') : person.email}
      width="sm"
      onSubmit={() => save.mutate()}
      actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{person === null ? t('people.make_link') : t('kit.save')}</Button></>}
    >
      <Stack>
        {person === null && <FormField label={t('entrance.email')} error={fieldError(save.error, 'email')}><Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} required /></FormField>}
        <FormField label={t('people.role')}><Select value={role} onChange={setRole} options={roles.map((value) => ({ value, label: word('role', value), detail: t(`role_detail.${value}`) }))} /></FormField>
        {(units.data?.items.length ?? 0) > 0 && <FormField label={t('people.unit')} optional={t('kit.optional')}><Select value={unit} onChange={setUnit} options={[{ value: '', label: t('people.no_unit') }, ...units.data!.items.map((one) => ({ value: one.id, label: one.name }))]} /></FormField>}
        {scoped.includes(role) && <FormField label={t('people.groups')} hint={t('people.groups_hint')}><MultiCombobox values={groups} onChange={setGroups} placeholder={t('groups.choose')} options={known.rows.map((one) => ({ value: one.id, label: one.name }))} /></FormField>}
        {person !== null && <Switch checked={active} onChange={setActive} label={t('people.active')} hint={t('people.active_hint')} />}
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}
