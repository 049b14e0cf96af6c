import { classes } from '#ui/lib/class-names.ts'
import { formatNumber } from '#ui/lib/format.ts'

export type WeekBar = Readonly<{ id: string; short: string; value: number }>

/** Standing bars, one a week, oldest first; each can be chosen. What the heights say is in their names too. */
export function WeekBars({ bars, label, unit, chosen, onChoose }: { bars: readonly WeekBar[]; label: string; unit: string; chosen: string | undefined; onChoose: (id: string) => void }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value))
  return (
    <div role="group" aria-label={label} className="flex h-36 items-stretch gap-1 sm:gap-2">
      {bars.map((bar, index) => {
        const on = bar.id === chosen
        return (
          <button
            key={bar.id}
            type="button"
            aria-pressed={on}
            onClick={() => onChoose(bar.id)}
            className="group flex min-w-0 flex-1 flex-col items-center justify-end gap-1 rounded-sm"
          >
            <span className={classes('tabular text-2xs', on ? 'font-semibold text-ink' : 'text-muted')}>{formatNumber(bar.value)}<span className="sr-only"> {unit} </span></span>
            <span className={classes('w-full max-w-10 rounded-t-xs transition-colors', on ? 'bg-accent' : 'bg-line-strong group-hover:bg-faint')} style={{ height: `${Math.max(bar.value > 0 ? 4 : 1, (bar.value / most) * 70)}%` }} />
            <span className={classes('tabular h-4 text-2xs whitespace-nowrap', on ? 'text-ink' : 'text-faint', index % 2 === bars.length % 2 && 'max-sm:invisible')}>{bar.short}</span>
          </button>
        )
      })}
    </div>
  )
}
