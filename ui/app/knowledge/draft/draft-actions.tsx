import { useState } from 'react'
import type { DraftAct, DraftDetail } from '#api/rest/kb/draft-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { api } from '#ui/lib/api.ts'
import { useAction } from '#ui/lib/use-action.ts'

type Step = Exclude<DraftAct, 'change'>
const order: readonly Step[] = ['submit', 'approve', 'regress', 'stage', 'publish', 'reject', 'reopen', 'abandon']
/** The one that leads on. */
const onward: readonly Step[] = ['regress', 'submit', 'approve', 'stage', 'publish']

/** What the reader may do with it now, as the platform says; the step onward first. */
export function DraftActions({ draft }: { draft: DraftDetail }) {
  const [asking, setAsking] = useState<Step | null>(null)
  const [comment, setComment] = useState('')
  const run = useAction(
    (step: Step) => api.post(`/kb/drafts/${draft.id}/${step}`, {
      revision: draft.revision, ...(comment.trim() === '' ? {} : step === 'publish' ? { changeLog: comment } : { comment }),
    }),
    { touches: ['kb', 'finding'], quiet: true, done: (_, step) => t(`drafts.did_${step}`), after: () => { setAsking(null); setComment('') } },
  )
  const begin = (step: Step) => {
    if (step === 'regress') return run.mutate(step)
    setComment(step === 'publish' ? draft.changeLog : '')
    setAsking(step)
  }
  const may = order.filter((step) => draft.may.includes(step))
  const next = onward.findLast((step) => may.includes(step))
  const needsWords = asking === 'reject'
  return (
    <>
      {may.toSorted((a, b) => Number(a === next) - Number(b === next)).map((step) => (
        <Button key={step} look={step === next ? 'primary' : step === 'reject' || step === 'abandon' ? 'danger' : 'plain'} busy={run.isPending && run.variables === step} onClick={() => begin(step)}>
          {t(`drafts.do_${step}`)}
        </Button>
      ))}
      {asking === null && run.error !== null && <InlineError error={run.error} />}
      <Dialog
        open={asking !== null}
        onClose={() => { setAsking(null); run.reset() }}
        title={asking === null ? '' : t(`drafts.do_${asking}`)}
        description={asking === null ? undefined : t(`drafts.ask_${asking}`)}
        width="sm"
        onSubmit={() => asking !== null && run.mutate(asking)}
        actions={
          <>
            <Button onClick={() => setAsking(null)}>{t('kit.cancel')}</Button>
            <Button type="submit" look={asking === 'reject' || asking === 'abandon' ? 'danger' : 'primary'} busy={run.isPending} disabled={needsWords && comment.trim() === ''}>{asking === null ? '' : t(`drafts.do_${asking}`)}</Button>
          </>
        }
      >
        <Stack>
          <FormField label={asking === 'publish' ? t('drafts.change_log') : t('column.comment')} {...(needsWords || asking === 'publish' ? {} : { optional: t('kit.optional') })}>
            <TextArea rows={3} maxLength={2000} value={comment} onChange={(event) => setComment(event.target.value)} />
          </FormField>
          {run.error !== null && <InlineError error={run.error} />}
        </Stack>
      </Dialog>
    </>
  )
}
