import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Scan } from '#api/rest/scans/schemas.ts'
import { HostMatrix, type MatrixHost } from '#ui/charts/host-matrix.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Facts, Grid, Section, Stack } from '#ui/kit/page.tsx'
import { SeverityMark, type SeverityLevel } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { useScanHosts, type ScanHost } from './host-list.ts'
import { isLive } from './scan-state.ts'
import { LatestFindings } from './scan-findings.tsx'

/** The hosts as squares that fill in, what just happened, and what was just found. */
export function LiveView({ scan }: { scan: Scan }) {
  const navigate = useNavigate()
  const found = useScanHosts(scan)
  const hosts = found.data?.items
  const squares = useMemo(
    () => (hosts ?? []).map((host): MatrixHost => ({ id: host.assetId, name: host.names[0] ?? host.address, state: host.outcome, severity: host.worst as SeverityLevel | 0 })),
    [hosts],
  )
  // Hosts end by the dozen: of those of the same few seconds, the ones that matter come first.
  const events = useMemo(
    () => (hosts ?? []).filter((host) => host.endedAt !== null).toSorted((a, b) => Math.floor(Date.parse(b.endedAt!) / 5000) - Math.floor(Date.parse(a.endedAt!) / 5000) || b.worst - a.worst || b.portsOpen - a.portsOpen).slice(0, 12),
    [hosts],
  )
  return (
    <Grid columns="main-side">
      <Stack>
        <Section title={t('column.hosts')} detail={t('scans.matrix_detail')}>
          {found.error !== null && hosts === undefined ? <ErrorState error={found.error} onRetry={() => void found.refetch()} />
            : hosts === undefined ? <SkeletonRows count={3} />
            : squares.length === 0 ? <EmptyState small title={isLive(scan) ? t('scans.preparing') : t('scans.no_hosts')} />
            : <HostMatrix label={t('column.hosts')} hosts={squares} onOpen={(id) => void navigate({ to: '/assets/$id', params: { id } })} />}
        </Section>
        <LatestFindings scan={scan} />
      </Stack>
      <Stack>
        <Section title={t('scans.events')} flush>
          <ul className="flex flex-col" aria-live={isLive(scan) ? 'polite' : undefined}>
            {events.map((host) => <HostEvent key={host.assetId} host={host} />)}
            {events.length === 0 && <EmptyState small title={isLive(scan) ? t('scans.no_events_yet') : t('scans.no_events')} />}
          </ul>
        </Section>
        <Section title={t('scans.facts')}>
          <Facts
            items={[
              [t('scans.profile'), scan.profile.name],
              [t('column.network'), scan.network.name],
              (isLive(scan) || scan.scanner !== null) && [t('scans.scanner'), scan.scanners.length === 0 ? (scan.scanner?.name ?? t('scans.any_scanner')) : scan.scanners.map((one) => one.name).join(', ')],
              isLive(scan) && [t('scans.slices'), t('scans.slices_line', { running: scan.slicesRunning, waiting: scan.slicesWaiting })],
              scan.lastHeardAt !== null && [t('scans.heard'), <RelativeTime key="heard" at={scan.lastHeardAt} />],
              scan.windowEndsAt !== null && [t('scans.window'), <DateTime key="window" at={scan.windowEndsAt} />],
              scan.resumesAt !== null && [t('scans.resumes'), <DateTime key="resumes" at={scan.resumesAt} />],
              scan.expiresAt !== null && [t('scans.expires'), <DateTime key="expires" at={scan.expiresAt} />],
              [t('scans.launched'), scan.launchedBy?.name ?? scan.schedule?.name ?? '–'],
              [t('scans.content'), <span key="content" className="font-mono text-xs">{scan.content}</span>],
            ]}
          />
        </Section>
      </Stack>
    </Grid>
  )
}

function HostEvent({ host }: { host: ScanHost }) {
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-0">
      {host.worst > 0 ? <SeverityMark level={host.worst} /> : <span aria-hidden className="w-4.5 text-center text-faint">·</span>}
      <div className="min-w-0 flex-1">
        <NameLink to="/assets/$id" params={{ id: host.assetId }} className="tabular block truncate font-medium">{host.names[0] ?? host.address}</NameLink>
        <p className="truncate text-xs text-muted">{host.outcome === 'scanned' ? t('scans.host_line', { ports: host.portsOpen, found: host.found }) : `${word('outcome', host.outcome)}${host.why === '' ? '' : `: ${host.why}`}`}</p>
      </div>
      <span className="shrink-0 text-xs text-faint"><RelativeTime at={host.endedAt} /></span>
    </li>
  )
}
