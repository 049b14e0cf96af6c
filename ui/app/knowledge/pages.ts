import { t } from '#ui/i18n/text.ts'
import type { SubPage } from '#ui/kit/sub-navigation.tsx'
import type { Action } from '#ui/lib/session.ts'

/** The pages of the KnowledgeBase, in the order in which they are looked at. */
export const knowledgePages: readonly (SubPage & Readonly<{ needs?: Action }>)[] = [
  { link: { to: '/kb/vulnerabilities' }, name: t('kb.vulnerabilities') },
  { link: { to: '/kb/checks' }, name: t('kb.checks') },
  { link: { to: '/kb/threats' }, name: t('kb.threats') },
  { link: { to: '/kb/top10' }, name: t('kb.top10'), needs: 'finding.read' },
  { link: { to: '/kb/updates' }, name: t('kb.updates') },
  { link: { to: '/kb/sources' }, name: t('kb.sources') },
  { link: { to: '/kb/lists' }, name: t('kb.lists') },
  { link: { to: '/kb/releases' }, name: t('kb.releases') },
]
/** Only for the team that writes checks. */
export const drafts: SubPage = { link: { to: '/kb/drafts' }, name: t('kb.drafts') }
