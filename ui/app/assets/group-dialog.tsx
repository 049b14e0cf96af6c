import { useState } from 'react'
import type { AssetGroup, ChangeGroup, CreateGroup } from '#api/rest/assets/group-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'

export function GroupDialog({ group, onClose }: { group: AssetGroup | 'new' | null; onClose: () => void }) {
  return group === null ? null : <Form key={group === 'new' ? 'new' : group.id} group={group === 'new' ? null : group} onClose={onClose} />
}

function Form({ group, onClose }: { group: AssetGroup | null; onClose: () => void }) {
  const [name, setName] = useState(group?.name ?? '')
  const [impact, setImpact] = useState(String(group?.impact ?? 2))
  const [comment, setComment] = useState(group?.comment ?? '')
  const [text, setText] = useState('')
  const save = useAction(
    () => (group === null
      ? api.post('/groups', { name, impact: Number(impact), comment, ...(text.trim() === '' ? {} : { text }) } satisfies CreateGroup)
      : api.patch(`/groups/${group.id}`, { name, impact: Number(impact), comment } satisfies ChangeGroup)),
    { touches: ['group', 'asset', 'dashboard'], quiet: true, done: t('kit.saved'), after: onClose },
  )
  return (
    <Dialog open onClose={onClose} title={group === null ? t('groups.new') : t('groups.edit')} width="sm" onSubmit={() => save.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{t('kit.save')}</Button></>}>
      <Stack>
        <FormField label={t('column.name')} error={fieldError(save.error, 'name')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} required /></FormField>
        <FormField label={t('column.impact')} hint={t('groups.impact_hint')}><Select value={impact} onChange={setImpact} options={['5', '4', '3', '2', '1'].map((value) => ({ value, label: word('impact', value) }))} /></FormField>
        {group === null && <FormField label={t('groups.members')} hint={t('groups.members_hint')} optional={t('kit.optional')}><TextArea mono rows={3} value={text} onChange={(event) => setText(event.target.value)} placeholder="10.0.0.0/28, www.example.org" /></FormField>}
        <FormField label={t('column.comment')} optional={t('kit.optional')}><Input value={comment} onChange={(event) => setComment(event.target.value)} maxLength={500} /></FormField>
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}
