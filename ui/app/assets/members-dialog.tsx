import { useState } from 'react'
import type { AssetGroup } from '#api/rest/assets/group-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Combobox } from '#ui/kit/combobox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { api } from '#ui/lib/api.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'

/** Puts chosen hosts into a group. */
export function MembersDialog({ assetIds, onClose, onDone }: { assetIds: readonly string[] | null; onClose: () => void; onDone: () => void }) {
  const groups = useList<AssetGroup>('group', '/groups', {}, { limit: 200, enabled: assetIds !== null })
  const [group, setGroup] = useState<string | null>(null)
  const add = useAction(() => api.post(`/groups/${group ?? ''}/members`, { assetIds }), { touches: ['group', 'asset'], quiet: true, done: t('groups.members_added', { n: assetIds?.length ?? 0 }), after: onDone })
  return (
    <Dialog open={assetIds !== null} onClose={onClose} title={t('assets.to_group')} width="sm" onSubmit={() => add.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" disabled={group === null} busy={add.isPending}>{t('groups.add')}</Button></>}>
      <Stack>
        <FormField label={t('groups.one')}><Combobox value={group} onChange={setGroup} placeholder={t('groups.choose')} options={groups.rows.map((one) => ({ value: one.id, label: one.name }))} /></FormField>
        {add.error !== null && <InlineError error={add.error} />}
      </Stack>
    </Dialog>
  )
}
