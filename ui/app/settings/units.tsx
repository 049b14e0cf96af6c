import { useQuery } from '@tanstack/react-query'
import { Network, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Unit } from '#api/rest/organisation/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'

export function UnitsPage() {
  const can = useCan()
  const found = useQuery({ queryKey: ['unit'], queryFn: ({ signal }) => api.get<{ items: readonly Unit[] }>('/units', {}, signal) })
  const [editing, setEditing] = useState<Unit | 'new' | null>(null)
  const [removing, setRemoving] = useState<Unit | null>(null)
  const remove = useAction(() => api.delete(`/units/${removing?.id ?? ''}`), { touches: ['unit', 'people'], quiet: true, done: t('units.removed') })
  const may = can('unit.manage')
  if (found.isPending) return <SkeletonRows count={4} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  return (
    <>
      <Section title={t('settings.units')} detail={t('units.detail')} flush actions={may && <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setEditing('new')}>{t('units.new')}</Button>}>
        <Table
          label={t('settings.units')}
          rows={found.data.items}
          rowKey={(row) => row.id}
          empty={<EmptyState icon={<Network />} title={t('units.none')}>{t('units.none_text')}</EmptyState>}
          columns={[
            { id: 'name', header: t('column.name'), wide: true, cell: (row) => <span className="font-medium">{row.name}</span> },
            { id: 'people', header: t('settings.people'), align: 'right', cell: (row) => formatNumber(row.people) },
            { id: 'since', header: t('column.added'), align: 'right', cell: (row) => <DateTime at={row.createdAt} day /> },
            { id: 'do', header: '', cell: (row) => may && <Row gap={1}><IconButton size="sm" label={t('kit.edit')} onClick={() => setEditing(row)}><Pencil aria-hidden /></IconButton><IconButton size="sm" label={t('units.remove')} onClick={() => setRemoving(row)}><Trash2 aria-hidden /></IconButton></Row> },
          ]}
        />
      </Section>
      {editing !== null && <UnitDialog unit={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('units.remove_title', { name: removing?.name ?? '' })} action={t('units.remove')} onConfirm={() => remove.mutateAsync()}>{t('units.remove_text')}</ConfirmDialog>
    </>
  )
}

function UnitDialog({ unit, onClose }: { unit: Unit | null; onClose: () => void }) {
  const [name, setName] = useState(unit?.name ?? '')
  const save = useAction(() => (unit === null ? api.post('/units', { name }) : api.patch(`/units/${unit.id}`, { name })), { touches: ['unit', 'people'], quiet: true, done: t('kit.saved'), after: onClose })
  return (
    <Dialog open onClose={onClose} title={unit === null ? t('units.new') : t('units.rename')} width="sm" onSubmit={() => save.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{t('kit.save')}</Button></>}>
      <Stack>
        <FormField label={t('column.name')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} required /></FormField>
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}
