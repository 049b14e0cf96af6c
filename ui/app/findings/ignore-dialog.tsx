import { useState } from 'react'
import type { IgnoreFindings } from '#api/rest/findings/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { useAction } from '#ui/lib/use-action.ts'

const reasons: readonly IgnoreFindings['reason'][] = ['acceptedRisk', 'falsePositive', 'compensated', 'notApplicable', 'later']
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** Takes findings off the open list for a reason that is kept, until a day that may be never. */
export function IgnoreDialog({ which, count, onClose, onDone }: { which: Readonly<{ ids: readonly string[] } | { q: string }> | null; count: number; onClose: () => void; onDone: () => void }) {
  const [reason, setReason] = useState<IgnoreFindings['reason']>('acceptedRisk')
  const [comment, setComment] = useState('')
  const [until, setUntil] = useState(() => inDays(90))
  const ignore = useAction(
    () => api.post<{ changed: number }>('/findings/ignore', { ...which, reason, comment, until: until === '' ? null : new Date(`${until}T00:00:00`).toISOString() }),
    { touches: ['finding', 'asset', 'dashboard'], quiet: true, done: (result) => t('findings.ignored_done', { n: result.changed }), after: () => { setComment(''); onDone() } },
  )
  return (
    <Dialog
      open={which !== null}
      onClose={onClose}
      title={t('findings.ignore_title', { n: count })}
      description={t('findings.ignore_text')}
      width="sm"
      onSubmit={() => ignore.mutate()}
      actions={
        <>
          <Button onClick={onClose}>{t('kit.cancel')}</Button>
          <Button type="submit" look="primary" busy={ignore.isPending} disabled={comment.trim() === ''}>{t('findings.ignore')}</Button>
        </>
      }
    >
      <Stack>
        <FormField label={t('findings.reason')}>
          <Select value={reason} onChange={setReason} options={reasons.map((value) => ({ value, label: t(`ignore.${value}`), detail: t(`ignore.${value}_detail`) }))} />
        </FormField>
        <FormField label={t('findings.comment')} hint={t('findings.comment_hint')}>
          <TextArea value={comment} onChange={(event) => setComment(event.target.value)} rows={3} maxLength={2000} required />
        </FormField>
        <FormField label={t('findings.until')} hint={t('findings.until_hint')} optional={t('kit.optional')}>
          <Input type="date" value={until} min={inDays(1)} onChange={(event) => setUntil(event.target.value)} />
        </FormField>
        {ignore.error !== null && <InlineError error={ignore.error} />}
      </Stack>
    </Dialog>
  )
}
