import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Schedule } from '#api/rest/schedules/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { IconButton } from '#ui/kit/button.tsx'
import { classes } from '#ui/lib/class-names.ts'
import { useNow } from '#ui/kit/time.tsx'

const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' })
const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'short' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const keyOf = (date: Date): string => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`

/** The next runs of all schedules as a month, Monday first, on the reader's clock. */
export function Calendar({ schedules, onOpen }: { schedules: readonly Schedule[]; onOpen: (id: string) => void }) {
  const now = useNow()
  const [offset, setOffset] = useState(0)
  const today = new Date(now)
  const month = new Date(today.getFullYear(), today.getMonth() + offset, 1)
  const first = new Date(month.getFullYear(), month.getMonth(), 1 - ((month.getDay() + 6) % 7))
  const days = Array.from({ length: 42 }, (_, index) => new Date(first.getFullYear(), first.getMonth(), first.getDate() + index))
  const runs = useMemo(() => {
    const all = schedules.filter((schedule) => schedule.active).flatMap((schedule) => schedule.upcoming.map((at) => ({ schedule, at: new Date(at) })))
    return Map.groupBy(all.toSorted((a, b) => a.at.getTime() - b.at.getTime()), (run) => keyOf(run.at))
  }, [schedules])
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4 sm:px-6">
      <div className="mb-3 flex items-center gap-1">
        <h2 className="min-w-40 text-base font-semibold">{monthName.format(month)}</h2>
        <IconButton size="sm" label={t('schedules.month_before')} onClick={() => setOffset(offset - 1)}><ChevronLeft aria-hidden /></IconButton>
        <IconButton size="sm" label={t('schedules.month_after')} onClick={() => setOffset(offset + 1)}><ChevronRight aria-hidden /></IconButton>
      </div>
      <table className="w-full table-fixed border-collapse overflow-hidden rounded-lg border border-line bg-surface text-sm" aria-label={monthName.format(month)}>
        <thead><tr>{days.slice(0, 7).map((day) => <th key={day.getDay()} scope="col" className="h-8 border-b border-line px-2 text-left text-xs font-medium text-muted">{dayName.format(day)}</th>)}</tr></thead>
        <tbody>
          {[0, 1, 2, 3, 4, 5].map((week) => (
            <tr key={week}>
              {days.slice(week * 7, week * 7 + 7).map((day) => {
                const here = runs.get(keyOf(day)) ?? []
                return (
                  <td key={keyOf(day)} className={classes('h-24 border border-line p-1 align-top', day.getMonth() !== month.getMonth() && 'bg-sunken')}>
                    <span className={classes('tabular inline-flex size-5 items-center justify-center rounded-full text-xs', keyOf(day) === keyOf(today) ? 'bg-accent font-semibold text-on-accent' : 'text-muted')}>{day.getDate()}</span>
                    <ul className="mt-1 flex flex-col gap-0.5">
                      {here.slice(0, 3).map((run) => (
                        <li key={`${run.schedule.id}-${run.at.getTime()}`}>
                          <button type="button" onClick={() => onOpen(run.schedule.id)} className="block w-full truncate rounded-xs bg-accent-soft px-1 text-left text-2xs text-accent-ink hover:underline">
                            <span className="tabular">{clock.format(run.at)}</span> {run.schedule.name}
                          </button>
                        </li>
                      ))}
                      {here.length > 3 && <li className="px-1 text-2xs text-faint">+{here.length - 3}</li>}
                    </ul>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-xs text-faint">{t('schedules.calendar_note')}</p>
    </div>
  )
}
