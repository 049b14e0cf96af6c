import { useQuery } from '@tanstack/react-query'
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Network } from '#api/rest/assets/address-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { api } from '#ui/lib/api.ts'
import { formatBig } from '#ui/lib/counts.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { networksOptions } from './address-form.tsx'

/** The same address in two networks is two hosts: sites with overlapping ranges. */
export function NetworksTab() {
  const can = useCan()
  const found = useQuery(networksOptions)
  const [editing, setEditing] = useState<Network | 'new' | null>(null)
  const [removing, setRemoving] = useState<Network | null>(null)
  const edit = can('network.edit')
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4 sm:px-6">
      <Section title={t('assets.tab_networks')} detail={t('networks.detail')} flush actions={edit && <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setEditing('new')}>{t('networks.new')}</Button>}>
        {found.isPending ? <SkeletonRows count={3} /> : found.error !== null ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : (
          <Table
            label={t('assets.tab_networks')}
            rows={found.data.items}
            rowKey={(row) => row.id}
            columns={[
              { id: 'name', header: t('column.name'), wide: true, cell: (row) => <Row><span className="font-medium">{row.name}</span>{row.isDefault && <Badge>{t('networks.default')}</Badge>}</Row> },
              { id: 'addresses', header: t('column.addresses'), align: 'right', cell: (row) => formatBig(row.addresses) },
              { id: 'hosts', header: t('column.hosts'), align: 'right', cell: (row) => formatNumber(row.hosts) },
              { id: 'do', header: '', cell: (row) => edit && (
                <Row gap={1}>
                  <IconButton size="sm" label={t('kit.edit')} onClick={() => setEditing(row)}><Pencil aria-hidden /></IconButton>
                  {!row.isDefault && <IconButton size="sm" label={t('networks.remove')} onClick={() => setRemoving(row)}><Trash2 aria-hidden /></IconButton>}
                </Row>
              ) },
            ]}
          />
        )}
      </Section>
      {editing !== null && <NetworkDialog network={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('networks.remove_title', { name: removing?.name ?? '' })} action={t('networks.remove')} onConfirm={async () => { await api.delete(`/networks/${removing?.id ?? ''}`); await found.refetch() }}>{t('networks.remove_text')}</ConfirmDialog>
    </div>
  )
}

function NetworkDialog({ network, onClose }: { network: Network | null; onClose: () => void }) {
  const [name, setName] = useState(network?.name ?? '')
  const save = useAction(() => (network === null ? api.post('/networks', { name }) : api.patch(`/networks/${network.id}`, { name })), { touches: ['network'], quiet: true, done: t('kit.saved'), after: onClose })
  return (
    <Dialog open onClose={onClose} title={network === null ? t('networks.new') : t('networks.rename')} width="sm" onSubmit={() => save.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{t('kit.save')}</Button></>}>
      <Stack>
        <FormField label={t('column.name')} hint={t('networks.name_hint')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} required /></FormField>
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}
