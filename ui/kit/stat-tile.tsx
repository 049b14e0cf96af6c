import { Link, type LinkProps } from '@tanstack/react-router'
import { ArrowDownRight, ArrowUpRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'
import { formatCompact } from '#ui/lib/format.ts'
import { Skeleton } from './skeleton.tsx'

/** A number that answers a question, and leads to the list that makes it. `change` against `since`; more is worse unless said. */
export function StatTile({ label, value, detail, change, moreIsBetter = false, link, mark, loading = false }: {
  label: ReactNode
  value: number | string | null
  detail?: ReactNode
  change?: number | null | undefined
  moreIsBetter?: boolean
  link?: LinkProps
  mark?: ReactNode
  loading?: boolean
}) {
  const body = (
    <>
      <span className="flex items-center gap-1.5 text-xs font-medium text-muted">{mark}{label}</span>
      <span className="flex items-baseline gap-2">
        {loading ? <span className="py-2"><Skeleton width={56} height={16} /></span> : (
          <span className="tabular text-2xl font-semibold tracking-tight">{value === null ? '–' : typeof value === 'number' ? formatCompact(value) : value}</span>
        )}
        {!loading && change !== undefined && change !== null && change !== 0 && (
          <span className={classes('tabular inline-flex items-center text-xs font-medium', change > 0 === moreIsBetter ? 'text-good' : 'text-danger')}>
            {change > 0 ? <ArrowUpRight className="size-3.5" aria-hidden /> : <ArrowDownRight className="size-3.5" aria-hidden />}
            {formatCompact(Math.abs(change))}
          </span>
        )}
      </span>
      {detail !== undefined && <span className="truncate text-xs text-faint">{detail}</span>}
    </>
  )
  const look = 'flex min-w-0 flex-col gap-0.5 rounded-lg border border-line bg-surface px-4 py-3'
  return link === undefined ? <div className={look}>{body}</div> : (
    <Link {...link} className={classes(look, 'transition-colors hover:border-line-strong hover:bg-hover')}>{body}</Link>
  )
}
