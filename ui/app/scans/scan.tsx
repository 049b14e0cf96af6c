import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CirclePause, CirclePlay, CircleStop, MoreHorizontal, RotateCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Scan } from '#api/rest/scans/schemas.ts'
import { SeverityBar } from '#ui/charts/severity-bar.tsx'
import { t } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, ButtonLink, IconButton } from '#ui/kit/button.tsx'
import { ConfirmDialog } from '#ui/kit/dialog.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Menu, MenuItem } from '#ui/kit/menu.tsx'
import { Grid, Page, PageHeader, Row, Stack } from '#ui/kit/page.tsx'
import { Progress } from '#ui/kit/progress.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatTile } from '#ui/kit/stat-tile.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Tabs } from '#ui/kit/tabs.tsx'
import { Elapsed, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { countsOf } from '#ui/lib/counts.ts'
import { formatDuration, formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { CoverageView } from './coverage-view.tsx'
import { LiveView } from './live-view.tsx'
import { ScanFindings } from './scan-findings.tsx'
import { ScanHosts } from './scan-hosts.tsx'
import { isLive, progressOf, stateFigure, stateText } from './scan-state.ts'
import { TargetsView } from './targets-view.tsx'

const route = getRouteApi('/inside/scans/$id')

/** One scan, live while it runs: how far, how fast, what it finds, what it could not test. */
export function ScanPage() {
  const { id } = route.useParams()
  const { tab = 'live' } = route.useSearch()
  const navigate = route.useNavigate()
  const found = useQuery({
    queryKey: ['scan', 'detail', id],
    queryFn: ({ signal }) => api.get<Scan>(`/scans/${id}`, {}, signal),
    // Hints come over the event stream; this is for the seconds that count down and for lost hints.
    refetchInterval: (query) => (query.state.data !== undefined && isLive(query.state.data) ? 3000 : false),
  })
  const crumbs = [{ label: t('nav.scans'), link: { to: '/scans' } }] as const
  if (found.isPending) return <Page><PageHeader crumbs={crumbs} title="…" /><SkeletonRows count={8} /></Page>
  if (found.error !== null && found.data === undefined) return <Page><PageHeader crumbs={crumbs} title={t('scans.scan')} /><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const scan = found.data!
  const live = isLive(scan)
  return (
    <Page>
      <PageHeader crumbs={crumbs} title={scan.title} detail={scan.reference} actions={<Actions scan={scan} />}>
        <Row gap={3} wrap>
          <span className="text-sm"><StatusChip status={stateFigure(scan)} label={stateText(scan)} /></span>
          {scan.stateText !== '' && <span className="text-sm text-muted">{scan.stateText}</span>}
          <Badge>{scan.profile.name}</Badge>
          {scan.scanner !== null && <Badge>{scan.scanner.name}</Badge>}
          {scan.droppedCount > 0 && <Badge tone="warn">{t('scans.dropped', { n: scan.droppedCount })}</Badge>}
        </Row>
      </PageHeader>
      <Stack>
        {live && <Progress label={t('scans.progress')} value={progressOf(scan)} />}
        <Grid columns={4}>
          <StatTile label={t('scans.hosts_tested')} value={`${formatNumber(scan.hostsDone)} / ${formatNumber(scan.hostsTotal)}`} detail={t('scans.hosts_detail', { up: scan.hostsUp, dead: scan.hostsDead })} />
          <StatTile label={t('scans.not_tested')} value={scan.hostsUntested} detail={scan.hostsUntested > 0 ? t('scans.not_tested_detail') : scan.state === 'Finished' ? t('scans.all_tested') : ' '} link={{ to: '/scans/$id', params: { id }, search: { tab: 'coverage' } }} />
          <StatTile label={t('scans.open_ports')} value={scan.portsOpen} detail={scan.hostsPerMinute === null ? ' ' : t('scans.rate', { n: Math.round(scan.hostsPerMinute) })} />
          <StatTile
            label={live ? t('scans.left') : t('scans.took')}
            value={live ? (scan.secondsLeft === null ? '…' : formatDuration(scan.secondsLeft * 1000)) : scan.startedAt === null ? null : formatDuration(scan.ranFor)}
            detail={scan.startedAt === null ? t('scans.waiting') : live ? <>{t('scans.running_for')} {scan.state === 'Running' ? <Elapsed from={Date.parse(scan.startedAt)} /> : formatDuration(scan.ranFor)}</> : <RelativeTime at={scan.endedAt} />}
          />
        </Grid>
        <div className="rounded-lg border border-line bg-surface px-4 py-3">
          <SeverityBar counts={countsOf(scan.foundBySeverity)} legend />
        </div>
      </Stack>
      <Tabs
        label={t('scans.scan')}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next === 'live' ? undefined : next }, replace: true })}
        tabs={[
          { value: 'live', label: live ? t('scans.tab_live') : t('scans.tab_overview') },
          { value: 'findings', label: t('nav.findings'), count: scan.found },
          { value: 'hosts', label: t('column.hosts'), count: scan.hostsTotal },
          { value: 'coverage', label: t('scans.tab_coverage') },
          { value: 'targets', label: t('scans.targets') },
        ]}
      >
        <div className="pt-4">
          {tab === 'live' && <LiveView scan={scan} />}
          {tab === 'findings' && <ScanFindings scan={scan} />}
          {tab === 'hosts' && <ScanHosts scan={scan} />}
          {tab === 'coverage' && <CoverageView id={id} />}
          {tab === 'targets' && <TargetsView scan={scan} />}
        </div>
      </Tabs>
    </Page>
  )
}

function Actions({ scan }: { scan: Scan }) {
  const can = useCan()
  const navigate = route.useNavigate()
  const [asking, setAsking] = useState<'cancel' | 'remove' | null>(null)
  const touches = ['scan', 'dashboard']
  const pause = useAction(() => api.post(`/scans/${scan.id}/pause`), { touches })
  const resume = useAction(() => api.post(`/scans/${scan.id}/resume`), { touches })
  const cancel = useAction(() => api.post(`/scans/${scan.id}/cancel`), { touches, quiet: true })
  const remove = useAction(() => api.delete(`/scans/${scan.id}`), { quiet: true, done: t('scans.removed'), after: () => void navigate({ to: '/scans' }) })
  const control = can('scan.control')
  return (
    <>
      {control && scan.actions.pause && <Button icon={<CirclePause aria-hidden />} busy={pause.isPending} onClick={() => pause.mutate()}>{t('scans.pause')}</Button>}
      {control && scan.actions.resume && <Button look="primary" icon={<CirclePlay aria-hidden />} busy={resume.isPending} onClick={() => resume.mutate()}>{t('scans.resume')}</Button>}
      {control && scan.actions.cancel && <Button look="danger" icon={<CircleStop aria-hidden />} onClick={() => setAsking('cancel')}>{t('scans.cancel')}</Button>}
      {!isLive(scan) && can('scan.launch') && <ButtonLink icon={<RotateCw aria-hidden />} to="/scans/new" search={{ targets: scan.targetsFull.length < 1500 ? scan.targetsFull : undefined, profile: scan.profile.id ?? undefined }}>{t('scans.again')}</ButtonLink>}
      {!isLive(scan) && control && (
        <Menu align="end" trigger={<IconButton label={t('kit.more_actions')}><MoreHorizontal aria-hidden /></IconButton>}>
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setAsking('remove')}>{t('scans.remove')}</MenuItem>
        </Menu>
      )}
      <ConfirmDialog open={asking === 'cancel'} onClose={() => setAsking(null)} title={t('scans.cancel_title')} action={t('scans.cancel')} onConfirm={() => cancel.mutateAsync()}>{t('scans.cancel_text')}</ConfirmDialog>
      <ConfirmDialog open={asking === 'remove'} onClose={() => setAsking(null)} title={t('scans.remove_title')} action={t('scans.remove')} onConfirm={() => remove.mutateAsync()}>{t('scans.remove_text')}</ConfirmDialog>
    </>
  )
}
