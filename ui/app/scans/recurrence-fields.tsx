import { useQuery } from '@tanstack/react-query'
import type { Recurrence } from '#api/rest/schedules/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Grid, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { classes } from '#ui/lib/class-names.ts'
import { formatDateTime } from '#ui/lib/format.ts'
import { describeError } from '#ui/lib/problem.ts'

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
type Weekday = (typeof weekdays)[number]
export type Timing = Readonly<{ timeZone: string; startsAt: string; recurrence: Recurrence }>

const fresh: Record<Recurrence['kind'], Recurrence> = {
  once: { kind: 'once' },
  daily: { kind: 'daily', every: 1 },
  weekly: { kind: 'weekly', every: 1, days: ['MO'] },
  monthlyByDay: { kind: 'monthlyByDay', every: 1, day: 1 },
  monthlyByWeekday: { kind: 'monthlyByWeekday', every: 1, weekday: 'SU', week: 1 },
}

/** How often; with the platform's own words for it and the next few times before anything is saved. */
export function RecurrenceFields({ timing, onChange }: { timing: Timing; onChange: (recurrence: Recurrence) => void }) {
  const { recurrence } = timing
  const preview = useQuery({
    queryKey: ['schedule', 'preview', timing],
    queryFn: () => api.post<{ text: string; upcoming: readonly string[] }>('/schedules/preview', timing),
    placeholderData: (before) => before,
    retry: false,
    enabled: timing.startsAt !== '',
  })
  return (
    <Stack gap={3}>
      <Grid columns={2}>
        <FormField label={t('schedules.repeat')}>
          <Select value={recurrence.kind} onChange={(kind) => onChange(fresh[kind])} options={(['once', 'daily', 'weekly', 'monthlyByDay', 'monthlyByWeekday'] as const).map((value) => ({ value, label: t(`recurrence.${value}`) }))} />
        </FormField>
        {recurrence.kind !== 'once' && (
          <FormField label={t(`recurrence.every_${recurrence.kind}`)}>
            <Input type="number" min={1} max={365} value={recurrence.every} onChange={(event) => onChange({ ...recurrence, every: Math.max(1, Number(event.target.value)) })} />
          </FormField>
        )}
      </Grid>
      {recurrence.kind === 'weekly' && <Weekdays days={recurrence.days} onChange={(days) => onChange({ ...recurrence, days })} />}
      {recurrence.kind === 'monthlyByDay' && <FormField label={t('recurrence.day')} hint={t('recurrence.day_hint')}><Input type="number" min={1} max={31} value={recurrence.day} onChange={(event) => onChange({ ...recurrence, day: Math.min(31, Math.max(1, Number(event.target.value))) })} /></FormField>}
      {recurrence.kind === 'monthlyByWeekday' && (
        <Grid columns={2}>
          <FormField label={t('recurrence.week')}><Select value={String(recurrence.week)} onChange={(next) => onChange({ ...recurrence, week: Number(next) as 1 | 2 | 3 | 4 | -1 })} options={['1', '2', '3', '4', '-1'].map((value) => ({ value, label: word('week', value) }))} /></FormField>
          <FormField label={t('recurrence.weekday')}><Select value={recurrence.weekday} onChange={(weekday) => onChange({ ...recurrence, weekday })} options={weekdays.map((value) => ({ value, label: word('weekday', value) }))} /></FormField>
        </Grid>
      )}
      <div role="status" className="rounded-md bg-sunken px-3 py-2 text-sm">
        {preview.error !== null ? <span className="text-danger">{describeError(preview.error).detail}</span> : preview.data === undefined ? ' ' : (
          <>
            <p className="font-medium">{preview.data.text}</p>
            <p className="tabular text-xs text-muted">{preview.data.upcoming.slice(0, 3).map((at) => formatDateTime(at)).join(' · ')}</p>
          </>
        )}
      </div>
    </Stack>
  )
}

function Weekdays({ days, onChange }: { days: readonly Weekday[]; onChange: (days: Weekday[]) => void }) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{t('recurrence.days')}</legend>
      {weekdays.map((day) => {
        const on = days.includes(day)
        return (
          <button
            key={day}
            type="button"
            aria-pressed={on}
            title={word('weekday', day)}
            onClick={() => {
              const next = weekdays.filter((one) => (one === day ? !on : days.includes(one)))
              if (next.length > 0) onChange(next)
            }}
            className={classes('h-8 w-11 rounded-md border text-xs font-medium transition-colors', on ? 'border-accent bg-accent text-on-accent' : 'border-line-strong bg-surface text-muted hover:bg-hover')}
          >
            {word('weekday', day).slice(0, 3)}
          </button>
        )
      })}
    </fieldset>
  )
}
