import { useQuery } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
import { Section } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { useCan } from '#ui/lib/session.ts'
import { KnownMarks } from '../knowledge/known.tsx'
import { usePublicSources } from '../knowledge/public-sources.tsx'
import { threatsOptions } from '../knowledge/threats.tsx'

/** What attackers use now that is open here. */
export function TopThreats() {
  const can = useCan()
  const found = useQuery({ ...threatsOptions({ affects: 'me', limit: 5 }), enabled: can('kb.read') })
  const hasPublic = usePublicSources(can('kb.read'))
  if (!can('kb.read')) return null
  return (
    <Section title={t('home.threats')} actions={<TextLink to="/kb/threats" className="text-xs">{t('home.all')}</TextLink>} flush>
      {found.error !== null && found.data === undefined ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : found.data === undefined ? <SkeletonRows count={3} /> : found.data.items.length === 0
        ? found.data.release === null || hasPublic === false
          ? <EmptyState small title={t('kb.empty')} actions={<TextLink to="/kb/sources" className="text-sm">{t('kb.see_sources')}</TextLink>} />
          : <EmptyState small icon={<ShieldCheck />} title={t('threats.nothing_here')} />
        : (
          <ul className="flex flex-col">
            {found.data.items.map((one) => (
              <li key={one.name} className="flex flex-col gap-1 border-b border-line px-4 py-2.5 text-sm last:border-0 hover:bg-hover">
                <span className="flex items-center justify-between gap-3">
                  <NameLink to="/kb/vulnerabilities/$name" params={{ name: one.name }} className="font-medium">{one.name}</NameLink>
                  <TextLink to="/findings" search={{ q: one.q }} className="tabular shrink-0 text-xs">{t('threats.hosts', { n: one.hosts })}</TextLink>
                </span>
                <span className="line-clamp-1 text-xs text-muted">{one.title}</span>
                <KnownMarks known={one} quiet />
              </li>
            ))}
          </ul>
        )}
    </Section>
  )
}
