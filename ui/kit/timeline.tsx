import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'
import type { Moment } from '#ui/lib/format.ts'
import { RelativeTime } from './time.tsx'

export type Happening = Readonly<{ id: string; at: Moment; title: ReactNode; detail?: ReactNode; tone?: 'plain' | 'good' | 'accent' | 'danger' }>
const dots = { plain: 'bg-line-strong', good: 'bg-good', accent: 'bg-accent', danger: 'bg-danger' }

/** What happened, newest first. */
export function Timeline({ items }: { items: readonly Happening[] }) {
  return (
    <ol className="flex flex-col">
      {items.map((item, index) => (
        <li key={item.id} className="relative flex gap-3 pb-4 last:pb-0">
          {index < items.length - 1 && <span aria-hidden className="absolute top-4 bottom-0 left-[3.5px] w-px bg-line" />}
          <span aria-hidden className={classes('mt-1.5 size-2 shrink-0 rounded-full ring-3 ring-surface', dots[item.tone ?? 'plain'])} />
          <div className="min-w-0 flex-1">
            <div className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 text-sm">{item.title}</span>
              <span className="shrink-0 text-xs text-faint"><RelativeTime at={item.at} /></span>
            </div>
            {item.detail !== undefined && <div className="text-xs break-words text-muted">{item.detail}</div>}
          </div>
        </li>
      ))}
    </ol>
  )
}
