import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { formatNumber } from '#ui/lib/format.ts'

export type Bar = Readonly<{ id: string; label: ReactNode; value: number; link?: LinkProps; fill?: string }>

/** Lying bars with their names and numbers: a list that can be compared at a glance. */
export function Bars({ bars, label, unit }: { bars: readonly Bar[]; label: string; unit?: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value))
  return (
    <ul aria-label={label} className="flex flex-col gap-2.5">
      {bars.map((bar) => (
        <li key={bar.id} className="flex flex-col gap-1">
          <div className="flex items-baseline justify-between gap-3 text-sm">
            <span className="min-w-0 truncate">{bar.link === undefined ? bar.label : <Link {...bar.link} className="rounded-xs hover:underline">{bar.label}</Link>}</span>
            <span className="tabular shrink-0 text-xs text-muted">{formatNumber(bar.value)}{unit === undefined ? '' : ` ${unit}`}</span>
          </div>
          <svg viewBox="0 0 100 4" preserveAspectRatio="none" className="h-1 w-full overflow-hidden rounded-full bg-pressed" aria-hidden>
            <rect width={(bar.value / most) * 100} height="4" fill={bar.fill ?? 'var(--accent)'} />
          </svg>
        </li>
      ))}
    </ul>
  )
}
