import { useState } from 'react'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { OutsideLink } from '#ui/kit/link.tsx'

type Reference = Readonly<{ url: string; kind: string }>
const order = ['fix', 'advisory', 'exploit', 'report', 'article', 'package', 'web']
const first = 12

/** What leads to a fix first; an exploit is named as one. */
export function ReferenceList({ references }: { references: readonly Reference[] }) {
  const [all, setAll] = useState(false)
  const sorted = references.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  return (
    <div className="flex flex-col gap-3">
      <ul className="flex flex-col gap-1.5 text-xs">
        {(all ? sorted : sorted.slice(0, first)).map((reference) => (
          <li key={reference.url} className="min-w-0">
            {reference.kind !== 'web' && <><Badge tone={reference.kind === 'exploit' ? 'warn' : reference.kind === 'fix' ? 'good' : 'plain'}>{word('reference', reference.kind)}</Badge> </>}
            <OutsideLink href={reference.url}>{reference.url.replace(/^https?:\/\/(?:www\.)?/, '')}</OutsideLink>
          </li>
        ))}
      </ul>
      {!all && sorted.length > first && <span><Button size="sm" onClick={() => setAll(true)}>{t('kb.all_references', { n: sorted.length })}</Button></span>}
    </div>
  )
}
