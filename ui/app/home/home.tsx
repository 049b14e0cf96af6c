import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Play, Plus } from 'lucide-react'
import type { Dashboard } from '#api/rest/dashboard/schemas.ts'
import type { ScanList } from '#api/rest/scans/schemas.ts'
import { lazy, Suspense, type ReactNode } from 'react'
import { SeverityBar } from '#ui/charts/severity-bar.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
import { Grid, Page, PageHeader, Section, Stack } from '#ui/kit/page.tsx'
import { Progress } from '#ui/kit/progress.tsx'
import { SeverityMark, severityLevels, severityName } from '#ui/kit/severity.tsx'
import { Skeleton, SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatTile } from '#ui/kit/stat-tile.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { countsOf, hostText, sum } from '#ui/lib/counts.ts'
import { formatDuration, formatNumber } from '#ui/lib/format.ts'
import { useCan, useSession } from '#ui/lib/session.ts'
import { rooms } from '../shell/rooms.ts'
import { FixPlanSection } from './fix-plan.tsx'
import { TopThreats } from './top-threats.tsx'

const TimeSeries = lazy(() => import('#ui/charts/time-series.tsx').then((module) => ({ default: module.TimeSeries })))
const live = ['Running', 'Loading', 'Queued', 'Pausing', 'Paused', 'Canceling']

/** The answer first: what got worse, what to fix first, what was not looked at, what is running. */
export function HomePage() {
  return useCan()('finding.read') ? <Posture /> : <Elsewhere />
}

function Posture() {
  const can = useCan()
  const found = useQuery({ queryKey: ['dashboard'], queryFn: ({ signal }) => api.get<Dashboard>('/dashboard', {}, signal), refetchInterval: 60_000 })
  const scans = useQuery({ queryKey: ['scan', 'home'], queryFn: ({ signal }) => api.get<ScanList>('/scans', { limit: 20 }, signal), enabled: can('scan.read'), refetchInterval: 15_000 })
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const data = found.data
  const running = (scans.data?.items ?? []).filter((scan) => live.includes(scan.state))
  const recent = (scans.data?.items ?? []).filter((scan) => !live.includes(scan.state)).slice(0, 4)
  const actions = can('scan.launch') && <ButtonLink to="/scans/new" look="primary" icon={<Play aria-hidden />}>{t('scans.start')}</ButtonLink>

  if (data !== undefined && data.assets.total === 0 && running.length === 0 && recent.length === 0) return <Page><PageHeader title={t('nav.home')} /><FirstSteps /></Page>
  return (
    <Page>
      <PageHeader title={t('nav.home')} actions={actions} />
      <Grid columns={4}>
        <StatTile
          label={t('home.worse')}
          loading={data === undefined}
          value={data === undefined ? null : data.since.new + data.since.reopened}
          detail={data === undefined ? ' ' : t('home.worse_detail', { reopened: data.since.reopened, fixed: data.since.fixed })}
          link={{ to: '/findings', search: { q: 'status:new,reopened', sort: '-firstFound' } }}
        />
        <StatTile label={t('home.open')} loading={data === undefined} value={data === undefined ? null : sum(data.open)} detail={data === undefined ? ' ' : t('home.open_detail', { hosts: data.assets.atRisk, total: data.assets.total })} link={{ to: '/findings' }} />
        <StatTile label={t('home.risk')} loading={data === undefined} value={data === undefined ? null : data.assets.tested === 0 ? null : data.assets.risk} change={riskChange(data)} detail={data === undefined ? ' ' : t('home.risk_detail', { n: data.assets.tested })} link={{ to: '/assets', search: { sort: '-risk' } }} />
        <StatTile label={t('home.running')} loading={scans.isPending && can('scan.read')} value={running.length} detail={running[0] === undefined ? t('home.running_none') : running[0].title} link={running[0] === undefined ? { to: '/scans' } : { to: '/scans/$id', params: { id: running[0].id } }} />
      </Grid>
      <Grid columns="main-side">
        <Stack>
          <FixPlanSection tested={data === undefined ? null : { n: data.assets.tested, total: data.assets.total }} />
          <Section title={t('home.since')} detail={data === undefined ? undefined : <DateTime at={data.since.from} />} flush>{data === undefined ? <SkeletonRows count={4} /> : <Worse data={data} />}</Section>
        </Stack>
        <Stack>
          <TopThreats />
          <Section title={t('home.not_looked_at')} flush>{data === undefined ? <SkeletonRows count={3} /> : <Gaps data={data} />}</Section>
          <Section title={t('home.open_by_severity')}>{data === undefined ? <Skeleton height={60} /> : <SeverityLinks open={data.open} />}</Section>
          <Section title={t('home.scans')} actions={<TextLink to="/scans" className="text-xs">{t('home.all')}</TextLink>} flush>
            {scans.isPending ? <SkeletonRows count={3} /> : (
              <ul className="flex flex-col">
                {[...running, ...recent].slice(0, 6).map((scan) => (
                  <li key={scan.id} className="flex flex-col gap-1.5 border-b border-line px-4 py-2.5 text-sm last:border-0">
                    <div className="flex items-center justify-between gap-3">
                      <NameLink to="/scans/$id" params={{ id: scan.id }} className="min-w-0 truncate font-medium">{scan.title}</NameLink>
                      <StatusChip status={scan.state} />
                    </div>
                    {live.includes(scan.state) && <Progress thin label={scan.title} value={scan.progress} />}
                    <span className="tabular text-xs text-muted">{t('home.scan_line', { done: scan.hostsDone, total: scan.hostsTotal, found: scan.found })} · {scan.endedAt === null ? formatDuration(scan.ranFor) : <RelativeTime at={scan.endedAt} />}</span>
                  </li>
                ))}
                {running.length + recent.length === 0 && <EmptyState small title={t('home.no_scans')} />}
              </ul>
            )}
          </Section>
        </Stack>
      </Grid>
      <Section title={t('home.trend')} detail={t('home.trend_detail')}>
        {data === undefined ? <Skeleton height={220} /> : data.trend.length < 2 ? <EmptyState small title={t('home.no_trend')}>{t('home.no_trend_text')}</EmptyState> : <Trend data={data} />}
      </Section>
    </Page>
  )
}

/** Against the day before, where there is one. */
function riskChange(data: Dashboard | undefined): number | null {
  const before = data?.trend.at(-2)
  return data === undefined || before === undefined ? null : data.assets.risk - before.risk
}

function Trend({ data }: { data: Dashboard }) {
  const times = data.trend.map((point) => Date.parse(point.day))
  const series = severityLevels.map((level) => ({ label: severityName(level), ink: `sev-${level}`, values: data.trend.map((point) => point.open[level - 1] ?? 0) }))
  return <Suspense fallback={<Skeleton height={244} />}><TimeSeries label={t('home.trend')} times={times} series={series} stacked daily height={220} /></Suspense>
}

function Line({ children }: { children: ReactNode }) {
  return <li className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover">{children}</li>
}

function Worse({ data }: { data: Dashboard }) {
  if (data.since.worst.length === 0) return <EmptyState small icon={<CircleCheck />} title={t('home.nothing_worse')}>{t('home.nothing_worse_text', { fixed: data.since.fixed })}</EmptyState>
  return (
    <ul className="flex flex-col">
      {data.since.worst.map((one) => (
        <Line key={one.id}>
          <SeverityMark level={one.severity} />
          <div className="min-w-0 flex-1">
            <NameLink to="/findings" search={{ open: one.id }} className="block truncate font-medium">{one.title}</NameLink>
            <span className="tabular text-xs text-muted">{hostText(one.asset)}{one.port === null ? '' : `:${one.port}`}</span>
          </div>
          <span className="max-sm:hidden"><StatusChip status={one.kind} /></span>
          <span className="w-24 shrink-0 text-right text-xs text-faint"><RelativeTime at={one.at} /></span>
        </Line>
      ))}
    </ul>
  )
}

function SeverityLinks({ open }: { open: readonly number[] }) {
  return (
    <Stack gap={3}>
      <SeverityBar counts={countsOf(open)} height={10} />
      <ul className="flex flex-col">
        {severityLevels.map((level) => (
          <li key={level}>
            <NameLink to="/findings" search={{ q: `severity:${level}` }} className="-mx-2 flex h-7 items-center justify-between rounded-sm px-2 text-sm hover:bg-hover hover:no-underline!">
              <SeverityMark level={level} showName />
              <span className="tabular font-medium">{formatNumber(open[level - 1] ?? 0)}</span>
            </NameLink>
          </li>
        ))}
      </ul>
    </Stack>
  )
}

function Gaps({ data }: { data: Dashboard }) {
  const gaps = data.gaps.filter((gap) => gap.hosts > 0)
  if (gaps.length === 0) return <EmptyState small icon={<CircleCheck />} title={t('home.no_gaps')} />
  return (
    <ul className="flex flex-col">
      {gaps.map((gap) => (
        <Line key={gap.kind}>
          {gap.q === null ? <NameLink to="/assets" search={{ tab: 'exclusions' }} className="min-w-0 flex-1"><Counted text={gap.text} /></NameLink> : <NameLink to="/assets" search={{ q: gap.q }} className="min-w-0 flex-1"><Counted text={gap.text} /></NameLink>}
        </Line>
      ))}
    </ul>
  )
}

/** The number that a sentence begins with stands out; it is not said again. */
function Counted({ text }: { text: string }) {
  const [, number = '', rest = text] = /^([\d,.]*\d)(.*)$/.exec(text) ?? []
  return <><span className="tabular font-semibold">{number}</span>{rest}</>
}

/** For roles that see no findings: where they can go instead. */
function Elsewhere() {
  const { actions, organisation } = useSession()
  const mine = rooms.filter((room) => room.id !== 'home' && (room.needs === undefined || actions.includes(room.needs)))
  return (
    <Page>
      <PageHeader title={t('nav.home')} />
      <Section flush>
        <EmptyState title={organisation === null ? t('home.no_organisation') : t('home.welcome', { organisation: organisation.name })} actions={mine.map((room) => <ButtonLink key={room.id} {...room.link} icon={<room.icon aria-hidden />}>{t(room.name)}</ButtonLink>)}>
          {organisation === null ? t('home.no_organisation_text') : t('home.welcome_text', { role: word('role', organisation.role) })}
        </EmptyState>
      </Section>
    </Page>
  )
}

function FirstSteps() {
  return (
    <Section flush>
      <EmptyState icon={<Plus />} title={t('home.first_title')} actions={<ButtonLink to="/onboarding" look="primary">{t('home.first_action')}</ButtonLink>}>{t('home.first_text')}</EmptyState>
    </Section>
  )
}
