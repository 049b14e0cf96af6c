import { useState } from 'react'
import type { CheckDetail } from '#api/rest/kb/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { CodeBlock } from '#ui/kit/evidence.tsx'
import { TextLink } from '#ui/kit/link.tsx'
import { Section, Stack } from '#ui/kit/page.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'

/** How it detects: in words, and as it is written. */
export function CheckRule({ check }: { check: CheckDetail }) {
  const [as, setAs] = useState<'words' | 'raw'>('words')
  const { rule } = check
  if (check.kind === 'vulnerability') {
    return (
      <Section title={t('kb.how')}>
        <p className="text-sm">{t('kb.how_ranges')} {check.origin?.vulnerability != null && <TextLink to="/kb/vulnerabilities/$name" params={{ name: check.origin.vulnerability }}>{t('kb.see_ranges')}</TextLink>}</p>
      </Section>
    )
  }
  if (rule === null) return null
  return (
    <Section title={t('kb.how')} actions={rule.words !== '' && <Segmented label={t('kb.how')} value={as} onChange={setAs} options={[{ value: 'words', label: t('kb.in_words') }, { value: 'raw', label: t('kb.as_written') }]} />}>
      <Stack>
        {as === 'words' && rule.words !== '' ? <div className="text-sm leading-[1.6] break-words whitespace-pre-wrap">{rule.words}</div> : <CodeBlock tall text={rule.text} label={t('kb.as_written')} />}
      </Stack>
    </Section>
  )
}
