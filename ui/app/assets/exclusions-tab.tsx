import { Plus, ShieldBan } from 'lucide-react'
import { useState } from 'react'
import type { CreateExclusion, Exclusion } from '#api/rest/assets/address-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { Checkbox } from '#ui/kit/checkbox.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatBig } from '#ui/lib/counts.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'

/** What is never touched, whatever a scan is told. */
export function ExclusionsTab() {
  const can = useCan()
  const [ended, setEnded] = useState(false)
  const [adding, setAdding] = useState(false)
  const [ending, setEnding] = useState<Exclusion | null>(null)
  const list = useList<Exclusion>('exclusion', '/exclusions', { ended: ended ? true : undefined })
  const end = useAction(() => api.delete(`/exclusions/${ending?.id ?? ''}`), { touches: ['exclusion', 'asset', 'dashboard'], quiet: true, done: t('exclusions.ended') })
  const edit = can('asset.exclude')
  const columns: readonly Column<Exclusion>[] = [
    { id: 'targets', header: t('column.addresses'), width: '2fr', fixed: true, cell: (row) => <span className="tabular font-medium">{row.targets}</span> },
    { id: 'count', header: t('column.count'), width: 90, align: 'right', cell: (row) => formatBig(row.addresses) },
    { id: 'comment', header: t('exclusions.why'), width: '2fr', cell: (row) => <span className="text-muted">{row.comment}</span> },
    { id: 'network', header: t('column.network'), width: 130, cell: (row) => row.network.name },
    { id: 'expires', header: t('exclusions.until'), width: 130, cell: (row) => (!row.inForce ? <Badge>{t('exclusions.over')}</Badge> : row.expiresAt === null ? t('exclusions.always') : <DateTime at={row.expiresAt} day />) },
    { id: 'by', header: t('column.by'), width: 140, cell: (row) => row.by ?? '–' },
    { id: 'at', header: t('column.added'), width: 110, align: 'right', cell: (row) => <RelativeTime at={row.createdAt} /> },
    { id: 'do', header: '', width: 80, fixed: true, cell: (row) => edit && row.inForce && <Button size="sm" look="quiet" onClick={() => setEnding(row)}>{t('exclusions.end')}</Button> },
  ]
  return (
    <>
      <div className="flex shrink-0 items-center justify-between gap-3 border-b border-line px-4 py-3 sm:px-6">
        <Checkbox checked={ended} onChange={setEnded} label={t('exclusions.show_ended')} />
        {edit && <Button icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>{t('exclusions.new')}</Button>}
      </div>
      <DataTable
        label={t('assets.tab_exclusions')}
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        compact={(row) => <div><p className="tabular truncate font-medium">{row.targets}</p><p className="truncate text-xs text-muted">{row.comment}</p></div>}
        state={list.state}
        onMore={list.onMore}
        onRetry={list.onRetry}
        empty={<EmptyState icon={<ShieldBan />} title={t('exclusions.none')}>{t('exclusions.none_text')}</EmptyState>}
      />
      {adding && <ExclusionDialog onClose={() => setAdding(false)} />}
      <ConfirmDialog open={ending !== null} onClose={() => setEnding(null)} title={t('exclusions.end_title')} action={t('exclusions.end')} onConfirm={() => end.mutateAsync()}>{t('exclusions.end_text', { targets: ending?.targets ?? '' })}</ConfirmDialog>
    </>
  )
}

function ExclusionDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [comment, setComment] = useState('')
  const [until, setUntil] = useState('')
  const save = useAction(
    () => api.post('/exclusions', { text, comment, expiresAt: until === '' ? null : new Date(`${until}T00:00:00`).toISOString() } satisfies CreateExclusion),
    { touches: ['exclusion', 'asset', 'dashboard'], quiet: true, done: t('exclusions.added'), after: onClose },
  )
  return (
    <Dialog open onClose={onClose} title={t('exclusions.new')} description={t('exclusions.dialog_text')} width="sm" onSubmit={() => save.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{t('exclusions.exclude')}</Button></>}>
      <Stack>
        <FormField label={t('column.addresses')}><TextArea mono rows={3} value={text} onChange={(event) => setText(event.target.value)} placeholder="10.0.0.250, 10.0.3.0/28" required /></FormField>
        <FormField label={t('exclusions.why')}><Input value={comment} onChange={(event) => setComment(event.target.value)} maxLength={500} required /></FormField>
        <FormField label={t('exclusions.until')} optional={t('kit.optional')} hint={t('exclusions.until_hint')}><Input type="date" value={until} onChange={(event) => setUntil(event.target.value)} /></FormField>
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}
