import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import type { DraftPage } from '#api/rest/kb/draft-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { SubNavigation } from '#ui/kit/sub-navigation.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { api } from '#ui/lib/api.ts'
import { useCan } from '#ui/lib/session.ts'
import { drafts, knowledgePages } from './pages.ts'
import { OnlyOwn, sourcesOptions, usePublicSources } from './public-sources.tsx'

/** What Vigil knows, in its pages; which release of it is in force stands beside its name. */
export function KnowledgeLayout() {
  const sources = useQuery(sourcesOptions())
  // Only the team that writes checks has anything to do there.
  const team = useQuery({ queryKey: ['kb', 'team'], queryFn: ({ signal }) => api.get<DraftPage>('/kb/drafts', { limit: 1 }, signal), staleTime: 300_000, retry: false })
  const hasPublic = usePublicSources()
  const me = team.data?.me
  const can = useCan()
  const mine = knowledgePages.filter((page) => page.needs === undefined || can(page.needs))
  const release = sources.data?.release
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 px-4 pt-4 pb-2 sm:px-6">
        <h1 className="text-xl font-semibold tracking-tight">{t('nav.kb')}</h1>
        {release !== undefined && release.number > 0 && (
          <NameLink to="/kb/releases" className="text-xs text-muted sm:ml-auto">
            {t('kb.release')} <span className="font-mono">{release.name}</span> · <DateTime at={release.at} day />
          </NameLink>
        )}
      </header>
      <div className="max-[900px]:px-4 max-[900px]:pb-2 sm:max-[900px]:px-6">
        <SubNavigation label={t('kb.pages')} pages={me !== undefined && (me.author || me.reviewer || me.publisher) ? [...mine, drafts] : mine} />
      </div>
      {release !== undefined && release.number > 0 && hasPublic === false && <div className="px-4 pt-3 sm:px-6"><OnlyOwn /></div>}
      <div className="min-h-0 flex-1"><Outlet /></div>
    </div>
  )
}
