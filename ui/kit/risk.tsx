import { word } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'

/** A host's risk, 0–1000, with its band in words and as a filled length. The neutral scale leaves severity's colours to severity. */
export function RiskMark({ risk, band, showBand = false }: { risk: number; band?: string; showBand?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2 align-middle whitespace-nowrap">
      <span aria-hidden className="h-1 w-9 overflow-hidden rounded-full bg-pressed">
        <span className={classes('block h-full rounded-full', risk >= 700 ? 'bg-ink' : risk >= 500 ? 'bg-muted' : 'bg-faint/70')} style={{ width: `${Math.min(100, risk / 10)}%` }} />
      </span>
      <span className="tabular font-medium">{risk}</span>
      {showBand && band !== undefined && <span className="text-muted">{word('band', band)}</span>}
    </span>
  )
}
