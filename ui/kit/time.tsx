import { useEffect, useState, useSyncExternalStore } from 'react'
import { formatDate, formatDateTime, formatDuration, formatRelative, toDate, type Moment } from '#ui/lib/format.ts'
import { Tooltip } from './tooltip.tsx'

// One clock for the page: a thousand rows don't keep a thousand timers.
let now = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  now = Date.now()
  for (const tell of listeners) tell()
}, 20_000)
function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** `3 hr. ago`; the exact moment on hover and for machines. */
export function RelativeTime({ at }: { at: Moment | null | undefined }) {
  const present = useNow()
  if (at === null || at === undefined) return <span className="text-faint">–</span>
  return (
    <Tooltip text={formatDateTime(at)}>
      <time dateTime={toDate(at).toISOString()} className="tabular whitespace-nowrap">{formatRelative(at, present)}</time>
    </Tooltip>
  )
}

export function DateTime({ at, day = false }: { at: Moment | null | undefined; day?: boolean }) {
  if (at === null || at === undefined) return <span className="text-faint">–</span>
  return <time dateTime={toDate(at).toISOString()} className="tabular whitespace-nowrap">{day ? formatDate(at) : formatDateTime(at)}</time>
}

/** How long since `from`, or between the two; runs by the second while it is open. */
export function Elapsed({ from, to }: { from: Moment; to?: Moment | null | undefined }) {
  const [present, setPresent] = useState(() => Date.now())
  const open = to === undefined || to === null
  useEffect(() => {
    if (!open) return
    const timer = setInterval(() => setPresent(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [open])
  return <span className="tabular whitespace-nowrap">{formatDuration((open ? present : toDate(to).getTime()) - toDate(from).getTime())}</span>
}
