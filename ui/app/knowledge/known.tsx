import { Flame, Skull, Swords, TrendingUp } from 'lucide-react'
import type { VulnerabilityDetail } from '#api/rest/kb/vulnerability-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { formatDate } from '#ui/lib/format.ts'

/** What is known of a vulnerability beyond its text, wherever it is shown. */
export type Known = Readonly<{ exploitedSince: string | null; ransomware: boolean; exploit: 'poc' | 'weaponised' | null; epss: number | null }>

/** Known exploited first; a proof of concept alone is no alarm. `one`: only the worst, where there is room for one. */
export function KnownMarks({ known, quiet = false, one = false }: { known: Known; quiet?: boolean; one?: boolean }) {
  const { exploitedSince, ransomware, exploit, epss } = known
  if (exploitedSince === null && !ransomware && exploit !== 'weaponised' && (epss ?? 0) < 0.5 && (quiet || exploit === null)) return null
  if (one && ransomware) return <Badge tone="danger" icon={<Skull aria-hidden />}>{t('kb.ransomware')}</Badge>
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-1">
      {known.exploitedSince !== null && <ExploitedBadge since={known.exploitedSince} />}
      {known.ransomware && <Badge tone="danger" icon={<Skull aria-hidden />}>{t('kb.ransomware')}</Badge>}
      {known.exploitedSince === null && known.exploit === 'weaponised' && <Badge tone="warn" icon={<Swords aria-hidden />}>{t('kb.weaponised')}</Badge>}
      {known.exploitedSince === null && known.exploit === 'poc' && !quiet && <Badge>{t('kb.poc')}</Badge>}
      {known.exploitedSince === null && known.exploit !== 'weaponised' && (known.epss ?? 0) >= 0.5 && <Badge tone="warn" icon={<TrendingUp aria-hidden />}>{t('kb.likely')}</Badge>}
    </span>
  )
}

export function ExploitedBadge({ since }: { since?: string | null }) {
  return <span title={since === undefined || since === null ? undefined : t('kb.exploited_since', { day: formatDate(since) })} className="inline-flex"><Badge tone="danger" icon={<Flame aria-hidden />}>{t('kb.exploited')}</Badge></span>
}

/** 0–1 as people say it: a probability below a tenth of a percent is not zero. */
export function probability(value: number): string {
  if (value > 0 && value < 0.001) return '<0.1%'
  // What is all but sure is not sure.
  if (value < 1 && value >= 0.995) return '>99%'
  return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}%`
}

export function sourceName(source: string): string {
  return word('kb_source', source)
}

type Affected = VulnerabilityDetail['affected'][number]['affected']

/** `from 1.2, before 1.2.9`; `up to 3.1`; `1.0, 1.1`; every version. */
export function rangeTexts(affected: Pick<Affected, 'intervals' | 'versions'>): readonly string[] {
  const ranges = affected.intervals.map((one) => {
    const from = one.from === undefined || one.from === '0' ? '' : t(one.fromExclusive === true ? 'kb.after' : 'kb.from', { version: one.from })
    const to = one.before !== undefined ? t('kb.before', { version: one.before }) : one.upTo !== undefined ? t('kb.up_to', { version: one.upTo }) : ''
    const both = [from, to].filter((part) => part !== '').join(', ')
    return both === '' ? t('kb.every_version') : both
  })
  if (affected.versions.length > 0) {
    const shown = affected.versions.slice(0, 6).join(', ')
    ranges.push(affected.versions.length > 6 ? t('kb.versions_more', { shown, n: affected.versions.length - 6 }) : shown)
  }
  return ranges.length === 0 ? [t('kb.every_version')] : ranges
}

export function productName(product: Affected['product']): string {
  return product.name.replace(':', ' ')
}
