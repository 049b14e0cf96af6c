import { word } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'

/** Form first, colour second: each state has its own figure. */
type Figure = 'dot' | 'ring' | 'half' | 'check' | 'cross' | 'pause' | 'spin' | 'back' | 'dash'
const figures: Record<string, readonly [Figure, string]> = {
  new: ['dot', 'text-accent-ink'],
  active: ['half', 'text-accent-ink'],
  fixed: ['check', 'text-good'],
  reopened: ['back', 'text-danger'],
  ignored: ['dash', 'text-faint'],
  queued: ['ring', 'text-faint'],
  loading: ['spin', 'text-accent-ink'],
  running: ['spin', 'text-accent-ink'],
  pausing: ['spin', 'text-faint'],
  paused: ['pause', 'text-warn'],
  canceling: ['spin', 'text-faint'],
  canceled: ['dash', 'text-faint'],
  cancelled: ['dash', 'text-faint'],
  finished: ['check', 'text-good'],
  partial: ['half', 'text-warn'],
  error: ['cross', 'text-danger'],
  online: ['dot', 'text-good'],
  offline: ['cross', 'text-danger'],
  pending: ['ring', 'text-faint'],
  inactive: ['dash', 'text-faint'],
  done: ['check', 'text-good'],
  failed: ['cross', 'text-danger'],
  ready: ['check', 'text-good'],
  expired: ['dash', 'text-faint'],
  revoked: ['dash', 'text-faint'],
  open: ['dot', 'text-accent-ink'],
  closed: ['ring', 'text-faint'],
  filtered: ['dash', 'text-faint'],
}

function Shape({ figure }: { figure: Figure }) {
  if (figure === 'spin') {
    return (
      <svg viewBox="0 0 12 12" className="size-3 animate-spin" aria-hidden>
        <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeOpacity="0.25" strokeWidth="1.75" />
        <path d="M6 1.5A4.5 4.5 0 0 1 10.5 6" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
      </svg>
    )
  }
  return (
    <svg viewBox="0 0 12 12" className="size-3" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      {figure === 'dot' && <circle cx="6" cy="6" r="3.5" fill="currentColor" stroke="none" />}
      {figure === 'ring' && <circle cx="6" cy="6" r="4" />}
      {figure === 'half' && <><circle cx="6" cy="6" r="4" /><path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" stroke="none" /></>}
      {figure === 'check' && <path d="m2 6.5 2.7 2.7L10 3.4" />}
      {figure === 'cross' && <path d="m3 3 6 6m0-6L3 9" />}
      {figure === 'pause' && <path d="M4 2.8v6.4M8 2.8v6.4" />}
      {figure === 'dash' && <path d="M2.5 6h7" />}
      {figure === 'back' && <><path d="M2.2 4.2h5a2.8 2.8 0 0 1 0 5.6H4.5" /><path d="M4.4 1.8 2 4.2l2.4 2.4" /></>}
    </svg>
  )
}

export function StatusChip({ status, label }: { status: string; label?: string }) {
  const [figure, ink] = figures[status.toLowerCase()] ?? (['ring', 'text-faint'] as const)
  return (
    <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
      <span className={classes('shrink-0', ink)}><Shape figure={figure} /></span>
      <span>{label ?? word('status', status.toLowerCase())}</span>
    </span>
  )
}
