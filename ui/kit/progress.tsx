import { Progress as Base } from '@base-ui/react/progress'
import { classes } from '#ui/lib/class-names.ts'

export function Spinner({ label }: { label?: string }) {
  return (
    <svg viewBox="0 0 16 16" className="size-4 animate-spin" role={label === undefined ? undefined : 'img'} aria-label={label} aria-hidden={label === undefined}>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeOpacity="0.25" strokeWidth="2" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}

/** `value` 0–100, null while the whole is not known. */
export function Progress({ value, label, thin = false, tone = 'accent' }: { value: number | null; label: string; thin?: boolean; tone?: 'accent' | 'good' | 'muted' }) {
  const fill = tone === 'accent' ? 'bg-accent' : tone === 'good' ? 'bg-good' : 'bg-faint'
  return (
    <Base.Root value={value} aria-label={label} className="w-full">
      <Base.Track className={classes('block w-full overflow-hidden rounded-full bg-pressed', thin ? 'h-1' : 'h-1.5')}>
        <Base.Indicator className={classes('block h-full rounded-full transition-[width] duration-500', fill, value === null && 'w-1/3! animate-pulse')} />
      </Base.Track>
    </Base.Root>
  )
}
