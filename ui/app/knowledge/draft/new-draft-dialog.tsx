import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { DraftDetail, NewDraft } from '#api/rest/kb/draft-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { RadioCards } from '#ui/kit/checkbox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField, FormGroup } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { emptySignature } from './empty-signature.ts'

const intents = ['add', 'change', 'withdraw'] as const

export function NewDraftDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const navigate = useNavigate()
  const [intent, setIntent] = useState<NewDraft['intent']>('add')
  const [check, setCheck] = useState('')
  const number = /^\d{1,7}$/.test(check.trim()) ? Number(check.trim()) : null
  const make = useAction(
    () => api.post<DraftDetail>('/kb/drafts', intent === 'add' ? { intent, text: emptySignature() } : { intent, check: number }),
    { touches: ['kb'], quiet: true, after: (made) => void navigate({ to: '/kb/drafts/$id', params: { id: made.id } }) },
  )
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('drafts.new')}
      width="sm"
      onSubmit={() => make.mutate()}
      actions={
        <>
          <Button onClick={onClose}>{t('kit.cancel')}</Button>
          <Button type="submit" look="primary" busy={make.isPending} disabled={intent !== 'add' && number === null}>{t('drafts.begin')}</Button>
        </>
      }
    >
      <Stack>
        <FormGroup label={t('drafts.intent')}>
          <RadioCards label={t('drafts.intent')} value={intent} onChange={setIntent} options={intents.map((value) => ({ value, label: word('draft_intent', value), detail: t(`drafts.${value}_detail`) }))} />
        </FormGroup>
        {intent !== 'add' && <FormField label={t('drafts.check')} hint={t('drafts.check_hint')} error={fieldError(make.error, 'check')}><Input inputMode="numeric" value={check} onChange={(event) => setCheck(event.target.value)} /></FormField>}
        {make.error !== null && <InlineError error={make.error} />}
      </Stack>
    </Dialog>
  )
}
