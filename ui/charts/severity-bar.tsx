import { t } from '#ui/i18n/text.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { severityFill, severityLevels, severityName } from '#ui/kit/severity.tsx'
import { classes } from '#ui/lib/class-names.ts'

/** How many of each severity. */
export type SeverityCounts = Readonly<Record<1 | 2 | 3 | 4 | 5, number>>

/** One line, cut by severity from urgent to minimal; the numbers are in its name and, if asked for, beside it. */
export function SeverityBar({ counts, legend = false, height = 8 }: { counts: SeverityCounts; legend?: boolean; height?: number }) {
  const total = severityLevels.reduce((sum, level) => sum + counts[level], 0)
  const told = severityLevels.filter((level) => counts[level] > 0).map((level) => `${severityName(level)} ${formatNumber(counts[level])}`).join(', ')
  return (
    <div className="flex w-full flex-col gap-2">
      <div role="img" aria-label={told === '' ? t('chart.no_findings') : told} className="flex w-full gap-px overflow-hidden rounded-full bg-pressed" style={{ height }}>
        {severityLevels.map((level) => counts[level] > 0 && (
          <span key={level} className={classes('min-w-0.75', severityFill[level])} style={{ width: `${(counts[level] / total) * 100}%` }} />
        ))}
      </div>
      {legend && (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
          {severityLevels.map((level) => (
            <li key={level} className="flex items-center gap-1.5">
              <span aria-hidden className={classes('size-2 rounded-xs', severityFill[level])} />
              {severityName(level)}
              <span className="tabular font-medium text-ink">{formatNumber(counts[level])}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Small: the numbers themselves with their colours, for a row of a table. */
export function SeverityNumbers({ counts }: { counts: SeverityCounts }) {
  const shown = severityLevels.filter((level) => counts[level] > 0)
  if (shown.length === 0) return <span className="text-faint">–</span>
  return (
    <span className="inline-flex items-center gap-2.5">
      {shown.map((level) => (
        <span key={level} className="tabular inline-flex items-center gap-1" title={severityName(level)}>
          <span aria-hidden className={classes('h-3 w-1 rounded-full', severityFill[level])} />
          <span className="sr-only">{severityName(level)} </span>
          {formatNumber(counts[level])}
        </span>
      ))}
    </span>
  )
}
