import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ShieldCheck } from 'lucide-react'
import type { ThreatItem, Threats } from '#api/rest/kb/tenant-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
import { Page, Section, Stack } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { KnownMarks, probability } from './known.tsx'
import { NothingKnown } from './knowledge-list.tsx'
import { usePublicSources } from './public-sources.tsx'

const route = getRouteApi('/inside/kb-pages/kb/threats')
export type ThreatKind = 'exploited' | 'weaponised' | 'likely'

export function threatsOptions(query: Readonly<{ kind?: ThreatKind; affects?: 'me'; limit: number }>) {
  return { queryKey: ['kb', 'threats', query], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Threats>('/kb/threats', query, signal) }
}

/** What is used by attackers now, and first of all what of it is open here. */
export function ThreatsPage() {
  const { kind } = route.useSearch()
  const navigate = route.useNavigate()
  const only = kind === undefined ? {} : { kind }
  const mine = useQuery(threatsOptions({ ...only, affects: 'me', limit: 100 }))
  const all = useQuery(threatsOptions({ ...only, limit: 100 }))
  const hasPublic = usePublicSources()
  if (all.error !== null && all.data === undefined) return <Page><ErrorState error={all.error} onRetry={() => void all.refetch()} /></Page>
  if (all.data?.release === null && all.data.items.length === 0) return <Page><NothingKnown /></Page>
  const isBlind = hasPublic === false
  const here = new Set((mine.data?.items ?? []).map((one) => one.name))
  const rest = (all.data?.items ?? []).filter((one) => !here.has(one.name))
  const count = all.data?.mine
  return (
    <Page>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-base">
          {count === undefined || isBlind ? ' ' : count.threats === 0
            ? <span className="text-muted">{t('threats.none_mine')}</span>
            : <span className="font-medium">{t('threats.mine', { n: count.threats, hosts: formatNumber(count.hosts), hostCount: count.hosts })}</span>}
        </p>
        <Segmented
          label={t('threats.kind')}
          value={kind ?? 'all'}
          onChange={(next) => void navigate({ search: { kind: next === 'all' ? undefined : next }, replace: true })}
          options={[{ value: 'all', label: t('home.all') }, { value: 'exploited', label: t('kb.exploited') }, { value: 'weaponised', label: t('kb.weaponised') }, { value: 'likely', label: t('kb.likely') }]}
        />
      </div>
      <Stack gap={6}>
        <Section title={t('threats.affects_you')} detail={t('threats.affects_you_detail')} flush>
          {mine.data === undefined ? <SkeletonRows count={3} height={56} /> : mine.data.items.length === 0
            ? isBlind ? <EmptyState small title={t('kb.cannot_tell')}>{t('threats.blind')}</EmptyState> : <EmptyState small icon={<ShieldCheck />} title={t('threats.nothing_here')}>{t('threats.nothing_here_text')}</EmptyState>
            : <ul>{mine.data.items.map((one) => <Threat key={one.name} one={one} />)}</ul>}
        </Section>
        {!isBlind && <Section title={t('threats.elsewhere')} detail={t('threats.elsewhere_detail')} flush>
          {all.data === undefined ? <SkeletonRows count={8} height={56} /> : rest.length === 0 ? <EmptyState small title={t('threats.nothing_else')} /> : <ul>{rest.map((one) => <Threat key={one.name} one={one} />)}</ul>}
        </Section>}
      </Stack>
    </Page>
  )
}

function Threat({ one }: { one: ThreatItem }) {
  return (
    <li className="flex items-start gap-3 border-b border-line px-4 py-3 text-sm last:border-0 hover:bg-hover">
      <span className="mt-1"><SeverityMark level={one.severity} /></span>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="min-w-0 break-words">
          <NameLink to="/kb/vulnerabilities/$name" params={{ name: one.name }} className="font-medium">{one.name}</NameLink> <span>{one.title}</span>
        </p>
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xs text-muted">
          <KnownMarks known={one} quiet />
          {one.cvssScore !== null && <span className="tabular">{t('findings.cvss')} {one.cvssScore.toFixed(1)}</span>}
          {one.epss !== null && <span className="tabular">{t('kb.epss')} {probability(one.epss)}</span>}
          {one.products.length > 0 && <span className="truncate">{one.products.slice(0, 3).map((product) => product.replace(':', ' ')).join(', ')}</span>}
        </p>
      </div>
      <div className="flex w-20 shrink-0 flex-col sm:w-28 items-end gap-0.5 text-right text-xs">
        {one.hosts > 0 ? <TextLink to="/findings" search={{ q: one.q }} className="font-medium">{t('threats.hosts', { n: one.hosts })}</TextLink>
          : one.detection.length === 0 ? <span className="text-faint" title={t('kb.cannot_tell_text')}>{t('kb.cannot_tell')}</span> : <span className="text-faint">{t('threats.not_here')}</span>}
        <span className="text-faint"><DateTime at={one.at} day /></span>
      </div>
    </li>
  )
}
