import { useState, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { CopyButton } from './copy-field.tsx'
import { Segmented } from './tabs.tsx'

/** Text of a machine, as it was; long lines wrap, long texts scroll. */
export function CodeBlock({ text, label, tall = false, mark }: { text: string; label: string; tall?: boolean; mark?: readonly string[] }) {
  return (
    <div className="group relative rounded-md border border-line bg-sunken">
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={label}
        className={classes('overflow-auto p-3 pr-10 font-mono text-xs leading-5 break-all whitespace-pre-wrap', tall ? 'max-h-[28rem]' : 'max-h-64')}
      >
        {mark === undefined ? text : marked(text, mark)}
      </pre>
      <div className="absolute top-1 right-1"><CopyButton text={text} /></div>
    </div>
  )
}

/** What matched stands out in what came back: the eye finds the proof at once. */
function marked(text: string, marks: readonly string[]): ReactNode {
  const wanted = marks.filter((mark) => mark.length > 1)
  if (wanted.length === 0) return text
  const pattern = new RegExp(`(${wanted.map((mark) => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'g')
  return text.split(pattern).map((part, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    index % 2 === 1 ? <mark key={index} className="rounded-xs bg-accent-soft text-ink outline outline-accent-line">{part}</mark> : part
  ))
}

/** Proof of a finding: what was sent and what came back. */
export function Evidence({ sent, received, note, mark }: { sent: string; received: string; note?: ReactNode; mark?: readonly string[] }) {
  const [side, setSide] = useState<'received' | 'sent'>('received')
  const text = side === 'sent' ? sent : received
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-3">
        <Segmented label={t('kit.evidence')} value={side} onChange={setSide} options={[{ value: 'received', label: t('kit.received') }, { value: 'sent', label: t('kit.sent') }]} />
        {note !== undefined && <span className="min-w-0 truncate text-xs text-muted">{note}</span>}
      </div>
      {text === '' ? (
        <p className="rounded-md border border-line bg-sunken px-3 py-2 text-xs text-muted">{side === 'sent' ? t('kit.sent_nothing') : t('kit.received_nothing')}</p>
      ) : (
        <CodeBlock text={text} label={side === 'sent' ? t('kit.sent') : t('kit.received')} {...(mark === undefined || side === 'sent' ? {} : { mark })} />
      )}
    </div>
  )
}
