import { useQuery } from '@tanstack/react-query'
import type { Coverage } from '#api/rest/scans/schemas.ts'
import { Donut } from '#ui/charts/donut.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Facts, Grid, Section, Stack } from '#ui/kit/page.tsx'
import { Prose } from '#ui/kit/prose.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber, formatPercent } from '#ui/lib/format.ts'

/** What was tested and, above all, what was not: nothing is concluded from silence. */
export function CoverageView({ id }: { id: string }) {
  const found = useQuery({ queryKey: ['scan', 'coverage', id], queryFn: ({ signal }) => api.get<Coverage>(`/scans/${id}/coverage`, {}, signal) })
  if (found.isPending) return <SkeletonRows count={8} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const { hosts, dropped, tcpPorts, udpPorts, untested, failures, checks, text } = found.data
  return (
    <Stack>
      <Grid columns="half">
        <Section title={t('scans.hosts_tested')}>
          <Donut
            label={t('scans.hosts_tested')}
            middle={<><span className="tabular text-xl font-semibold">{formatPercent(hosts.scanned + hosts.dead, hosts.total)}</span><span className="text-2xs text-faint">{t('scans.tested')}</span></>}
            shares={[
              { id: 'scanned', label: word('outcome', 'scanned'), value: hosts.scanned, fill: 'var(--good)' },
              { id: 'dead', label: word('outcome', 'dead'), value: hosts.dead, fill: 'var(--line-strong)' },
              { id: 'partial', label: word('outcome', 'partial'), value: hosts.partial, fill: 'var(--warn)' },
              { id: 'untested', label: word('outcome', 'untested'), value: hosts.untested, fill: 'var(--danger)' },
              { id: 'waiting', label: word('outcome', 'waiting'), value: hosts.waiting, fill: 'var(--accent)' },
            ]}
          />
        </Section>
        <Section title={t('scans.in_words')}>
          <Stack>
            <Prose text={text} />
            <Facts items={[[t('scans.tcp_ports'), formatNumber(tcpPorts)], [t('scans.udp_ports'), formatNumber(udpPorts)], [t('scans.dropped_targets'), t('scans.dropped_line', { targets: dropped.targets, addresses: dropped.addresses })]]} />
          </Stack>
        </Section>
      </Grid>
      {checks !== null && <ChecksPart checks={checks} />}
      <Section title={t('scans.untested_why')} flush>
        <Table
          label={t('scans.untested_why')}
          rows={untested}
          rowKey={(row) => row.why}
          empty={<EmptyState small title={t('scans.none_untested')} />}
          columns={[
            { id: 'why', header: t('scans.why'), wide: true, cell: (row) => row.why },
            { id: 'hosts', header: t('column.hosts'), align: 'right', cell: (row) => formatNumber(row.hosts) },
            { id: 'examples', header: t('scans.examples'), cell: (row) => <span className="tabular text-muted">{row.examples.join(', ')}</span> },
          ]}
        />
      </Section>
      <Section title={t('scans.failures')} detail={t('scans.failures_detail')} flush>
        <Table
          label={t('scans.failures')}
          rows={failures}
          rowKey={(row) => `${row.probe}-${row.code}`}
          empty={<EmptyState small title={t('scans.no_failures')} />}
          columns={[
            { id: 'probe', header: t('findings.probe'), cell: (row) => <span className="font-mono text-xs">{row.probe}</span> },
            { id: 'code', header: t('scans.why'), cell: (row) => <span className="font-mono text-xs">{row.code}</span> },
            { id: 'hosts', header: t('column.hosts'), align: 'right', cell: (row) => formatNumber(row.hosts) },
            { id: 'times', header: t('column.times'), align: 'right', cell: (row) => formatNumber(row.times) },
            { id: 'example', header: t('scans.examples'), wide: true, hideNarrow: true, cell: (row) => <span className="text-muted">{row.example}</span> },
          ]}
        />
      </Section>
    </Stack>
  )
}

/** Every check on every host has one end: none is passed over in silence. */
function ChecksPart({ checks }: { checks: NonNullable<Coverage['checks']> }) {
  const untested = Object.values(checks.untested).reduce((sum, count) => sum + count, 0)
  const parts = [
    { id: 'found', label: t('scans.checks_found'), value: checks.found, fill: 'var(--danger)' },
    { id: 'tested', label: t('scans.checks_tested'), value: checks.tested, fill: 'var(--good)' },
    { id: 'absent', label: t('scans.checks_absent'), value: checks.absent, fill: 'var(--line-strong)' },
    { id: 'untested', label: t('scans.checks_untested'), value: untested, fill: 'var(--warn)' },
  ]
  return (
    <Section title={t('scans.checks')} detail={t('scans.checks_detail', { total: formatNumber(checks.total) })}>
      <Stack>
        <div className="flex h-3 overflow-hidden rounded-full bg-pressed" role="img" aria-label={parts.map((part) => `${part.label}: ${formatNumber(part.value)}`).join(', ')}>
          {parts.map((part) => part.value > 0 && <span key={part.id} style={{ flexGrow: part.value, background: part.fill }} className="min-w-0.5" />)}
        </div>
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {parts.map((part) => (
            <div key={part.id} className="flex flex-col gap-0.5">
              <dt className="flex items-center gap-1.5 text-xs text-muted"><span className="size-2 shrink-0 rounded-full" style={{ background: part.fill }} />{part.label}</dt>
              <dd className="tabular text-base font-semibold">{formatNumber(part.value)}</dd>
            </div>
          ))}
        </dl>
        {untested > 0 && <p className="text-sm text-muted">{t('scans.checks_why')} {Object.entries(checks.untested).sort(([, a], [, b]) => b - a).slice(0, 8).map(([reason, count]) => `${word('untested_why', reason)} ${formatNumber(count)}`).join(' · ')}</p>}
      </Stack>
    </Section>
  )
}
