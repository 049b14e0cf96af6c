import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FileText, ListPlus, Radar } from 'lucide-react'
import type { TopTen } from '#api/rest/kb/tenant-schemas.ts'
import type { ProfileList } from '#api/rest/profiles/schemas.ts'
import type { SearchList } from '#api/rest/search-lists/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
import { Grid, Page, Row, Section } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber, formatPercent } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { ExploitedBadge } from './known.tsx'

const route = getRouteApi('/inside/kb-pages/kb/top10')
type List = TopTen['internal']

/** The commonest dangerous findings, inside and outside, here and over all organisations of this platform. */
export function TopTenPage() {
  const { of = 'organisation' } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const found = useQuery({ queryKey: ['kb', 'top10', of], queryFn: ({ signal }) => api.get<TopTen>('/kb/top10', { of }, signal), placeholderData: (before) => before })
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const data = found.data
  const checks = data === undefined ? [] : [...new Set([...data.internal.items, ...data.external.items].map((one) => one.check))]
  return (
    <Page>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Row gap={3} wrap>
          <Segmented label={t('top.whose')} value={of} onChange={(next) => void navigate({ search: { of: next === 'organisation' ? undefined : next }, replace: true })} options={[{ value: 'organisation', label: t('top.organisation') }, { value: 'platform', label: t('top.platform') }]} />
          {data !== undefined && <span className="text-xs text-muted">{t('top.window', { days: data.days })} · <RelativeTime at={data.at} /></span>}
        </Row>
        {checks.length > 0 && (
          <Row wrap>
            {of === 'organisation' && can('scan.launch') && <ScanForThem />}
            {can('list.edit') && <MakeList checks={checks} of={of} />}
            {can('report.create') && <ButtonLink icon={<FileText aria-hidden />} to="/reports" search={{ create: true, q: `check:${checks.join(',')}` }}>{t('findings.report')}</ButtonLink>}
          </Row>
        )}
      </div>
      {data === undefined ? <SkeletonRows count={10} /> : data.why !== null && checks.length === 0
        ? <Section><EmptyState title={t('top.nothing')}>{data.why}</EmptyState></Section>
        : (
          <Grid columns="half">
            <Ten title={t('top.internal')} detail={t('top.internal_detail')} list={data.internal} />
            <Ten title={t('top.external')} detail={t('top.external_detail')} list={data.external} />
          </Grid>
        )}
    </Page>
  )
}

function Ten({ title, detail, list }: { title: string; detail: string; list: List }) {
  return (
    <Section title={title} detail={list.scanned === 0 ? detail : t('top.scanned', { n: list.scanned })} flush>
      {list.items.length === 0 ? <EmptyState small title={list.scanned === 0 ? t('top.none_scanned') : t('top.clean')}>{list.scanned === 0 ? detail : t('top.clean_text')}</EmptyState> : (
        <ol>
          {list.items.map((one) => (
            <li key={one.check} className="flex items-start gap-3 border-b border-line px-4 py-2.5 text-sm last:border-0 hover:bg-hover">
              <span className="tabular mt-0.5 w-5 shrink-0 text-right font-semibold text-faint">{one.rank}</span>
              <span className="mt-0.5"><SeverityMark level={one.severity} /></span>
              <div className="flex min-w-0 flex-1 flex-col gap-1">
                <NameLink to="/kb/checks/$id" params={{ id: String(one.check) }} className="font-medium break-words">{one.title}</NameLink>
                <span className="flex items-center gap-2">
                  <span aria-hidden className="h-1 min-w-0 flex-1 overflow-hidden rounded-full bg-pressed"><span className="block h-full rounded-full bg-accent" style={{ width: `${Math.max(1, one.prevalence * 100)}%` }} /></span>
                  <span className="tabular w-24 shrink-0 text-right text-xs text-muted">{t('top.share', { share: formatPercent(one.prevalence, 1) })}</span>
                </span>
                {(one.exploited || one.cve.length > 0) && <span className="flex flex-wrap items-center gap-2 text-xs text-faint">{one.exploited && <ExploitedBadge />}<span className="tabular truncate">{one.cve.slice(0, 3).join(', ')}</span></span>}
              </div>
              {one.hosts > 0 ? <TextLink to="/findings" search={{ q: one.q }} className="tabular mt-0.5 w-20 shrink-0 text-right text-xs">{t('threats.hosts', { n: one.hosts })}</TextLink> : <span className="w-20 shrink-0 text-right text-xs text-faint">{formatNumber(one.hosts)}</span>}
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}

/** The option profile that looks for the Top 10 alone, as they are when the scan is launched. */
function ScanForThem() {
  const found = useQuery({ queryKey: ['profile', 'all'], queryFn: ({ signal }) => api.get<ProfileList>('/profiles', {}, signal) })
  const profile = found.data?.items.find((one) => one.shipped && (one.settings.lists?.include.length ?? 0) > 0 && one.name === 'Top 10')
  return profile === undefined ? null : <ButtonLink icon={<Radar aria-hidden />} to="/scans/new" search={{ profile: profile.id }}>{t('top.scan')}</ButtonLink>
}

/** The same checks as a list with a name: for queries, reports and option profiles. */
function MakeList({ checks, of }: { checks: readonly number[]; of: string }) {
  const navigate = route.useNavigate()
  const make = useAction(
    (day: string) => api.post<SearchList>('/search-lists', { name: t(of === 'platform' ? 'top.list_platform' : 'top.list_organisation', { day }), description: t('top.list_description', { day }), checks: checks.join(', ') }),
    { touches: ['list'], done: t('lists.made'), after: (made) => void navigate({ to: '/kb/lists', search: { open: made.id } }) },
  )
  return <Button icon={<ListPlus aria-hidden />} busy={make.isPending} onClick={() => make.mutate(new Date().toISOString().slice(0, 10))}>{t('top.make_list')}</Button>
}
