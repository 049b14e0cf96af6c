import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Preview, SearchList } from '#api/rest/search-lists/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { RadioCards } from '#ui/kit/checkbox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField, FormGroup } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { api } from '#ui/lib/api.ts'
import { describeError, fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { PreviewView } from './preview-view.tsx'

const nothing = { name: '', description: '', kind: 'dynamic' as 'static' | 'dynamic', query: '', checks: '' }

/** Makes or changes a list; what it would hold is counted while it is typed. */
export function ListDialog({ list, onClose, onDone }: { list: SearchList | 'new' | null; onClose: () => void; onDone: (list: SearchList) => void }) {
  const [draft, setDraft] = useState(nothing)
  useEffect(() => {
    if (list === null) return
    setDraft(list === 'new' ? nothing : { name: list.name, description: list.description, kind: list.kind, query: list.query ?? '', checks: (list.checks ?? []).join(', ') })
  }, [list])
  const set = (next: Partial<typeof nothing>) => setDraft((before) => ({ ...before, ...next }))
  const meaning = draft.kind === 'dynamic' ? { query: draft.query.trim() } : { checks: draft.checks.trim() }
  const text = draft.kind === 'dynamic' ? draft.query.trim() : draft.checks.trim()
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(JSON.stringify(meaning)), 350)
    return () => clearTimeout(timer)
    // oxlint-disable-next-line react/exhaustive-deps -- what it means is these two
  }, [draft.kind, text])
  const preview = useQuery({
    queryKey: ['list', 'draft', asked], queryFn: () => api.post<Preview>('/search-lists/preview', JSON.parse(asked)), enabled: list !== null && text !== '' && asked !== '', retry: false, placeholderData: (before) => before,
  })
  const save = useAction(
    () => {
      const body = { name: draft.name, description: draft.description, ...meaning }
      return list === 'new' || list === null ? api.post<SearchList>('/search-lists', body) : api.patch<SearchList>(`/search-lists/${list.id}`, body)
    },
    { touches: ['list'], quiet: true, done: list === 'new' ? t('lists.made') : t('kit.saved'), after: (made) => onDone(made) },
  )
  return (
    <Dialog
      open={list !== null}
      onClose={onClose}
      title={list === 'new' ? t('lists.new') : t('lists.edit')}
      width="lg"
      onSubmit={() => save.mutate()}
      actions={
        <>
          <Button onClick={onClose}>{t('kit.cancel')}</Button>
          <Button type="submit" look="primary" busy={save.isPending} disabled={draft.name.trim() === '' || text === ''}>{t('kit.save')}</Button>
        </>
      }
    >
      <Stack>
        <FormField label={t('column.name')} error={fieldError(save.error, 'name')}><Input value={draft.name} maxLength={80} required onChange={(event) => set({ name: event.target.value })} /></FormField>
        <FormField label={t('profiles.description')} optional={t('kit.optional')}><Input value={draft.description} maxLength={500} onChange={(event) => set({ description: event.target.value })} /></FormField>
        {list === 'new' && (
          <FormGroup label={t('kb.kind')}>
            <RadioCards label={t('kb.kind')} columns={2} value={draft.kind} onChange={(kind) => set({ kind })} options={[{ value: 'dynamic', label: t('list_kind.dynamic'), detail: t('lists.dynamic_detail') }, { value: 'static', label: t('list_kind.static'), detail: t('lists.static_detail') }]} />
          </FormGroup>
        )}
        {draft.kind === 'dynamic'
          ? <FormField label={t('lists.query')} hint={t('lists.query_hint')} error={fieldError(save.error, 'query')}><Input mono value={draft.query} maxLength={2000} onChange={(event) => set({ query: event.target.value })} /></FormField>
          : <FormField label={t('kb.checks')} hint={t('lists.checks_hint')} error={fieldError(save.error, 'checks')}><TextArea mono rows={4} value={draft.checks} onChange={(event) => set({ checks: event.target.value })} /></FormField>}
        {save.error !== null && <InlineError error={save.error} />}
        {text !== '' && (
          <div className="rounded-md border border-line bg-sunken p-3">
            {preview.error !== null ? <p className="text-sm text-danger">{describeError(preview.error).detail}</p> : preview.data === undefined ? <p className="text-sm text-muted">{t('lists.counting')}</p> : <PreviewView preview={preview.data} />}
          </div>
        )}
      </Stack>
    </Dialog>
  )
}
