import { useState } from 'react'
import type { ChangeCheckEdit, CheckEdit } from '#api/rest/kb/tenant-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Switch } from '#ui/kit/checkbox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { Prose } from '#ui/kit/prose.tsx'
import { Select } from '#ui/kit/select.tsx'
import { severityName } from '#ui/kit/severity.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'

type Said = Readonly<{ text: string; by: string; at: string }>

/** What this organisation adds to a text; the text itself stays as it was written. */
export function OwnComment({ said }: { said: Said | null }) {
  if (said === null) return null
  return (
    <div className="rounded-md border-l-2 border-accent bg-accent-soft/50 px-3 py-2">
      <p className="mb-1 text-xs text-muted">{t('kb.own_comment')} · {said.by}, <RelativeTime at={said.at} /></p>
      <Prose text={said.text} />
    </div>
  )
}

/** What was changed here, by whom and why; nothing when nothing was. */
export function OwnView({ edit }: { edit: CheckEdit }) {
  if (edit.severity === null && edit.disabled === null) return null
  return (
    <section aria-label={t('kb.own_view')} className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3 text-sm">
      {edit.severity !== null && (
        <p>
          {t('kb.own_severity_line', { severity: severityName(edit.severity.value) })} {edit.severity.original !== null && <span className="text-muted">{t('kb.instead_of', { severity: severityName(edit.severity.original) })}</span>}
          <Why said={edit.severity} />
        </p>
      )}
      {edit.disabled !== null && (
        <p>
          {t('kb.disabled_line', { n: edit.hidden })}
          <Why said={edit.disabled} />
        </p>
      )}
    </section>
  )
}

function Why({ said }: { said: Readonly<{ comment: string; by: string; at: string }> }) {
  return <span className="block text-xs text-muted">{said.comment !== '' && <>“{said.comment}” </>}{said.by}, <RelativeTime at={said.at} /></span>
}

/** Changes what the organisation says of a check. The check itself is never changed. */
export function EditDialog({ onClose, edit, title, severity }: { onClose: () => void; edit: CheckEdit; title: string; severity: number }) {
  const [draft, setDraft] = useState(() => draftOf(edit))
  const set = (next: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...next }))
  const original = edit.severity?.original ?? severity
  const save = useAction(() => api.patch(`/kb/${edit.check}/edit`, changesOf(edit, draft)), { touches: ['kb', 'finding', 'asset', 'dashboard'], quiet: true, done: t('kb.edit_saved'), after: onClose })
  const options = [
    { value: '0', label: t('kb.as_published', { severity: original === 0 ? word('severity', '0') : severityName(original) }) },
    ...[5, 4, 3, 2, 1].map((level) => ({ value: String(level), label: severityName(level) })),
  ]
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('kb.edit')}
      description={title}
      width="lg"
      onSubmit={() => save.mutate()}
      actions={
        <>
          <Button onClick={onClose}>{t('kit.cancel')}</Button>
          <Button type="submit" look="primary" busy={save.isPending}>{t('kit.save')}</Button>
        </>
      }
    >
      <Stack gap={6}>
        <FormField label={t('column.severity')} hint={t('kb.severity_hint')} error={fieldError(save.error, 'severity')}>
          <Select value={draft.severity} options={options} onChange={(value) => set({ severity: value })} />
        </FormField>
        <Switch checked={draft.disabled} onChange={(disabled) => set({ disabled })} label={t('kb.disable')} hint={t('kb.disable_hint')} />
        <FormField label={t('kb.why')} hint={t('kb.why_hint')} error={fieldError(save.error, 'comment')}>
          <TextArea rows={2} maxLength={2000} value={draft.comment} onChange={(event) => set({ comment: event.target.value })} />
        </FormField>
        {(['threat', 'impact', 'solution'] as const).map((field) => (
          <FormField key={field} label={t(`kb.comment_${field}`)} optional={t('kit.optional')} error={fieldError(save.error, field)}>
            <TextArea rows={3} maxLength={4000} value={draft[field]} onChange={(event) => set({ [field]: event.target.value })} />
          </FormField>
        ))}
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}

function draftOf(edit: CheckEdit) {
  return {
    severity: String(edit.severity?.value ?? 0), disabled: edit.disabled !== null, comment: edit.disabled?.comment ?? edit.severity?.comment ?? '',
    threat: edit.threat?.text ?? '', impact: edit.impact?.text ?? '', solution: edit.solution?.text ?? '',
  }
}

/** Only what differs is sent: what somebody else changed meanwhile stays. */
function changesOf(edit: CheckEdit, draft: ReturnType<typeof draftOf>): ChangeCheckEdit {
  const before = draftOf(edit)
  const text = (field: 'threat' | 'impact' | 'solution') => (draft[field] === before[field] ? {} : { [field]: draft[field].trim() === '' ? null : draft[field] })
  return {
    ...(draft.severity === before.severity ? {} : { severity: draft.severity === '0' ? null : Number(draft.severity) }),
    ...(draft.disabled === before.disabled ? {} : { disabled: draft.disabled }),
    ...(draft.comment.trim() === '' || draft.comment === before.comment ? {} : { comment: draft.comment }),
    ...text('threat'), ...text('impact'), ...text('solution'),
  }
}
