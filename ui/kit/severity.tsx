import { word } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'

export type SeverityLevel = 1 | 2 | 3 | 4 | 5
export const severityLevels: readonly SeverityLevel[] = [5, 4, 3, 2, 1]
export const severityInk: Record<SeverityLevel, string> = { 1: 'text-sev-1', 2: 'text-sev-2', 3: 'text-sev-3', 4: 'text-sev-4', 5: 'text-sev-5' }
export const severityFill: Record<SeverityLevel, string> = { 1: 'bg-sev-1', 2: 'bg-sev-2', 3: 'bg-sev-3', 4: 'bg-sev-4', 5: 'bg-sev-5' }

export function severityName(level: number): string {
  return word('severity', String(level))
}

/** Five rising bars, as many filled as the severity: readable without colour. The name goes with it, for the eye or the ear. */
export function SeverityMark({ level, showName = false, showNumber = false }: { level: number; showName?: boolean; showNumber?: boolean }) {
  // 0: nobody has rated it. That is not the same as minimal.
  const known = Math.min(5, Math.max(0, Math.round(level))) as SeverityLevel | 0
  const name = severityName(known)
  const silent = showName || showNumber
  return (
    <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
      <svg
        viewBox="0 0 18 12"
        className={classes('h-3 w-4.5 shrink-0', known === 0 ? 'text-faint' : severityInk[known])}
        role={silent ? undefined : 'img'}
        aria-label={silent ? undefined : known === 0 ? name : `${name} (${known})`}
        aria-hidden={silent || undefined}
      >
        {[1, 2, 3, 4, 5].map((bar) => (
          <rect key={bar} x={(bar - 1) * 3.75} y={12 - (2 + bar * 2)} width="2.75" height={2 + bar * 2} rx="0.9" fill="currentColor" fillOpacity={bar <= known ? 1 : 0.22} />
        ))}
      </svg>
      {showNumber && <span className="tabular font-medium" aria-label={`${name} (${known})`}>{known}</span>}
      {showName && <span>{name}</span>}
    </span>
  )
}
