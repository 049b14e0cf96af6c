import { useState } from 'react'
import type { DraftDetail } from '#api/rest/kb/draft-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { CodeBlock } from '#ui/kit/evidence.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { TextArea } from '#ui/kit/input.tsx'
import { Section, Stack } from '#ui/kit/page.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { api } from '#ui/lib/api.ts'
import { useAction } from '#ui/lib/use-action.ts'

/** The signature with its fixtures, and what is told of the change. Somebody else's change in between is never overwritten. */
export function DraftEditor({ draft }: { draft: DraftDetail }) {
  const [text, setText] = useState(draft.text)
  const [log, setLog] = useState(draft.changeLog)
  const [side, setSide] = useState<'now' | 'before'>('now')
  const mayChange = draft.may.includes('change')
  const changed = text !== draft.text || log !== draft.changeLog
  const save = useAction(
    () => api.patch(`/kb/drafts/${draft.id}`, { revision: draft.revision, ...(text === draft.text ? {} : { text }), ...(log === draft.changeLog ? {} : { changeLog: log }) }),
    { touches: ['kb'], quiet: true, done: t('kit.saved') },
  )
  return (
    <Section
      title={t('drafts.text')}
      actions={
        <>
          {draft.before !== null && <Segmented label={t('drafts.text')} value={side} onChange={setSide} options={[{ value: 'now', label: t('drafts.draft_text') }, { value: 'before', label: t('drafts.in_force') }]} />}
          {mayChange && <Button size="sm" look="primary" disabled={!changed} busy={save.isPending} onClick={() => save.mutate()}>{t('kit.save')}</Button>}
        </>
      }
    >
      <Stack>
        {save.error !== null && <InlineError error={save.error} />}
        {side === 'before' && draft.before !== null ? <CodeBlock tall text={draft.before} label={t('drafts.in_force')} />
          : draft.intent === 'withdraw' ? <p className="text-sm text-muted">{t('drafts.withdraw_text')}</p>
            : mayChange ? <FormField label={t('drafts.yaml')} hint={t('drafts.yaml_hint')}><TextArea mono rows={26} spellCheck={false} maxLength={65_536} value={text} onChange={(event) => setText(event.target.value)} /></FormField>
              : <CodeBlock tall text={draft.text} label={t('drafts.yaml')} />}
        <FormField label={t('drafts.change_log')} hint={t('drafts.change_log_hint')}>
          <TextArea rows={3} maxLength={2000} readOnly={!mayChange} value={log} onChange={(event) => setLog(event.target.value)} />
        </FormField>
      </Stack>
    </Section>
  )
}
