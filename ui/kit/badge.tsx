import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'

export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'danger'
const tones: Record<Tone, string> = {
  plain: 'bg-pressed text-muted',
  accent: 'bg-accent-soft text-accent-ink',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
}

/** A short word about a thing. */
export function Badge({ tone = 'plain', icon, children, mono = false }: { tone?: Tone; icon?: ReactNode; children: ReactNode; mono?: boolean }) {
  return (
    <span className={classes('inline-flex h-5 max-w-full items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap [&_svg]:size-3', tones[tone], mono && 'font-mono text-2xs')}>
      {icon}
      <span className="truncate">{children}</span>
    </span>
  )
}

/** A number that stands beside a heading or a link. */
export function Count({ children }: { children: ReactNode }) {
  return <span className="tabular rounded-full bg-pressed px-1.5 text-2xs leading-4 font-medium text-muted">{children}</span>
}
