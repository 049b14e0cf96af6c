import { t, word } from '#ui/i18n/text.ts'
import { Timeline, type Happening } from '#ui/kit/timeline.tsx'
import { sourceName } from './known.tsx'

type Change = Readonly<{ release: number; at: string; kind: string; text: string; source: string | null }>
const tones: Record<string, Happening['tone']> = { added: 'accent', exploited: 'danger', noLongerExploited: 'good', withdrawn: 'plain' }

/** What Vigil learned and when, newest first. */
export function ChangeLog({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <p className="text-sm text-muted">{t('kb.no_changes')}</p>
  return (
    <Timeline
      items={changes.map((change, index) => ({
        id: `${change.release}-${index}`,
        at: change.at,
        tone: tones[change.kind] ?? 'plain',
        title: word('kb_change', change.kind),
        detail: <>{change.text}{change.source !== null && <span className="text-faint"> · {sourceName(change.source)}</span>}<span className="text-faint"> · {t('kb.release_number', { n: String(change.release) })}</span></>,
      }))}
    />
  )
}
