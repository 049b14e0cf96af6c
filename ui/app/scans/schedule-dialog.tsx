import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { AssetGroup } from '#api/rest/assets/group-schemas.ts'
import type { CreateSchedule, Schedule } from '#api/rest/schedules/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Combobox, MultiCombobox } from '#ui/kit/combobox.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Grid, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'
import { profilesOptions } from './new-scan.tsx'
import { RecurrenceFields } from './recurrence-fields.tsx'

const zones = Intl.supportedValuesOf('timeZone')
const here = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Tonight at ten: a first run that nobody is surprised by. */
function tonight(): string {
  const date = new Date()
  const pad = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T22:00`
}

export function ScheduleDialog({ schedule, onClose }: { schedule: Schedule | null; onClose: () => void }) {
  const [name, setName] = useState(schedule?.name ?? '')
  const [targets, setTargets] = useState(schedule?.targets ?? '')
  const [groups, setGroups] = useState<string[]>(schedule?.assetGroupIds ?? [])
  const [profile, setProfile] = useState(schedule?.profileId ?? '')
  const [timing, setTiming] = useState({ timeZone: schedule?.timeZone ?? here, startsAt: schedule?.startsAt ?? tonight(), recurrence: schedule?.recurrence ?? { kind: 'weekly' as const, every: 1, days: ['MO' as const] } })
  const [occurrences, setOccurrences] = useState(schedule?.occurrences === null || schedule?.occurrences === undefined ? '' : String(schedule.occurrences))
  const [pauseAfter, setPauseAfter] = useState(String(schedule?.window.pauseAfterMinutes ?? ''))
  const [endAfter, setEndAfter] = useState(String(schedule?.window.endAfterMinutes ?? ''))
  const [removing, setRemoving] = useState(false)
  const profiles = useQuery(profilesOptions)
  const known = useList<AssetGroup>('group', '/groups', {}, { limit: 200 })
  const items = profiles.data?.items ?? []
  const body = (): CreateSchedule => ({
    name, targets, assetGroupIds: groups, profileId: profile === '' ? null : profile, ...timing,
    occurrences: occurrences === '' ? null : Number(occurrences),
    window: { ...schedule?.window, ...(pauseAfter === '' ? { pauseAfterMinutes: undefined } : { pauseAfterMinutes: Number(pauseAfter) }), ...(endAfter === '' ? { endAfterMinutes: undefined } : { endAfterMinutes: Number(endAfter) }) },
  })
  const save = useAction(() => (schedule === null ? api.post('/schedules', body()) : api.patch(`/schedules/${schedule.id}`, body())), { touches: ['schedule'], quiet: true, done: t('kit.saved'), after: onClose })
  const remove = useAction(() => api.delete(`/schedules/${schedule?.id ?? ''}`), { touches: ['schedule'], quiet: true, done: t('schedules.removed'), after: onClose })
  return (
    <>
      <Dialog
        open
        onClose={onClose}
        title={schedule === null ? t('schedules.new') : t('schedules.edit')}
        onSubmit={() => save.mutate()}
        actions={
          <>
            {schedule !== null && <span className="mr-auto"><Button look="danger" icon={<Trash2 aria-hidden />} onClick={() => setRemoving(true)}>{t('schedules.remove')}</Button></span>}
            <Button onClick={onClose}>{t('kit.cancel')}</Button>
            <Button type="submit" look="primary" busy={save.isPending} disabled={targets.trim() === '' && groups.length === 0}>{t('kit.save')}</Button>
          </>
        }
      >
        <Stack>
          <FormField label={t('column.name')} error={fieldError(save.error, 'name')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={120} required placeholder={t('schedules.name_example')} /></FormField>
          <FormField label={t('scans.targets')} hint={t('scans.what_hint')} error={fieldError(save.error, 'targets')}><TextArea mono rows={2} value={targets} onChange={(event) => setTargets(event.target.value)} /></FormField>
          {known.rows.length > 0 && <FormField label={t('scans.groups')} optional={t('kit.optional')}><MultiCombobox values={groups} onChange={setGroups} placeholder={t('groups.choose')} options={known.rows.map((group) => ({ value: group.id, label: group.name }))} /></FormField>}
          <FormField label={t('scans.profile')}><Select value={profile} onChange={setProfile} options={[{ value: '', label: t('schedules.default_profile') }, ...items.map((one) => ({ value: one.id, label: one.name }))]} /></FormField>
          <Grid columns={2}>
            <FormField label={t('schedules.first')} error={fieldError(save.error, 'startsAt')}><Input type="datetime-local" value={timing.startsAt} onChange={(event) => setTiming({ ...timing, startsAt: event.target.value.slice(0, 16) })} required /></FormField>
            <FormField label={t('schedules.zone')} error={fieldError(save.error, 'timeZone')}><Combobox value={timing.timeZone} onChange={(next) => setTiming({ ...timing, timeZone: next ?? here })} options={(zones.includes(timing.timeZone) ? zones : [timing.timeZone, ...zones]).map((value) => ({ value, label: value.replaceAll('_', ' ') }))} /></FormField>
          </Grid>
          <RecurrenceFields timing={timing} onChange={(recurrence) => setTiming({ ...timing, recurrence })} />
          <details>
            <summary className="rounded-xs text-sm text-muted hover:text-ink">{t('schedules.window')}</summary>
            <div className="pt-3">
              <Grid columns={3}>
                <FormField label={t('schedules.pause_after')} hint={t('schedules.pause_after_hint')}><Input type="number" min={5} max={7199} value={pauseAfter} onChange={(event) => setPauseAfter(event.target.value)} /></FormField>
                <FormField label={t('schedules.end_after')} hint={t('schedules.end_after_hint')}><Input type="number" min={5} max={7199} value={endAfter} onChange={(event) => setEndAfter(event.target.value)} /></FormField>
                <FormField label={t('schedules.occurrences')} hint={t('schedules.occurrences_hint')}><Input type="number" min={1} max={9999} value={occurrences} onChange={(event) => setOccurrences(event.target.value)} /></FormField>
              </Grid>
            </div>
          </details>
          {save.error !== null && <InlineError error={save.error} />}
        </Stack>
      </Dialog>
      <ConfirmDialog open={removing} onClose={() => setRemoving(false)} title={t('schedules.remove_title', { name: schedule?.name ?? '' })} action={t('schedules.remove')} onConfirm={() => remove.mutateAsync()}>{t('schedules.remove_text')}</ConfirmDialog>
    </>
  )
}
