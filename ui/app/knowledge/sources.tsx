import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import type { Applied } from '#api/rest/kb/applied-schemas.ts'
import type { SourceHealth } from '#api/rest/kb/vulnerability-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { FactStrip } from '#ui/kit/fact-strip.tsx'
import { OutsideLink } from '#ui/kit/link.tsx'
import { Facts, Page, Section, Stack } from '#ui/kit/page.tsx'
import { Progress } from '#ui/kit/progress.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { sourcesOptions } from './public-sources.tsx'

const figures = { ok: 'done', stale: 'partial', failed: 'failed', never: 'inactive' } as const

/** Where everything comes from, on what terms, how fresh it is, and what of it could not be used. */
export function SourcesPage() {
  const found = useQuery(sourcesOptions())
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  if (found.data === undefined) return <Page><SkeletonRows count={12} /></Page>
  const { release, items } = found.data
  const there = items.filter((one) => one.state !== 'never')
  const missing = items.filter((one) => one.state === 'never')
  const { counts } = release
  return (
    <Page>
      <FactStrip
        label={t('sources.release')}
        facts={[
          { id: 'release', label: t('kb.release'), value: release.number === 0 ? '–' : release.name, detail: release.number === 0 ? t('sources.no_release') : <>{t('sources.built')} <RelativeTime at={release.at} /></> },
          { id: 'vulnerabilities', label: t('kb.vulnerabilities'), value: formatNumber(counts.vulnerabilities), detail: t('sources.statements', { n: counts.statements }) },
          { id: 'ranges', label: t('sources.ranges'), value: formatNumber(counts.ranges) },
          { id: 'checks', label: t('kb.checks'), value: formatNumber(counts.checks) },
          { id: 'fingerprints', label: t('sources.fingerprints'), value: formatNumber(counts.fingerprints) },
          { id: 'sources', label: t('kb.sources'), value: `${there.length} / ${items.length}`, detail: there.some((one) => one.state === 'failed') ? t('sources.some_failed', { n: there.filter((one) => one.state === 'failed').length }) : undefined },
        ]}
      />
      <AppliedLine />
      {there.length > 0 && <SourceTable sources={there} />}
      {missing.length > 0 && (
        <Section title={t('sources.missing')} detail={t('sources.missing_detail')}>
          <Stack>
            <div className="max-w-xs"><CopyField label={t('kb.sync_command')} text="./vigil kb sync" /></div>
            <ul className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-2 lg:grid-cols-3">
              {missing.map((source) => <li key={source.name} className="min-w-0"><OutsideLink href={source.homepage}>{source.title}</OutsideLink><span className="block text-xs text-muted">{source.licence}</span></li>)}
            </ul>
          </Stack>
        </Section>
      )}
    </Page>
  )
}

/** How far the release in force is applied to what is known of the hosts here. */
function AppliedLine() {
  const found = useQuery({ queryKey: ['kb', 'applied'], queryFn: ({ signal }) => api.get<Applied>('/kb/applied', {}, signal), retry: false, refetchInterval: (query) => (query.state.data?.state === 'running' ? 3000 : false) })
  const applied = found.data
  if (applied === undefined || applied.state === 'none') return null
  return (
    <div role="status" className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3 text-sm">
      <p>
        <StatusChip status={applied.state === 'done' ? 'done' : applied.state === 'failed' ? 'failed' : 'running'} label={word('applied', applied.state)} />{' '}
        <span className="text-muted">
          {applied.state === 'failed' ? applied.problem : applied.findings !== null && applied.done !== null && applied.hosts !== null && t('sources.applied_line', { done: formatNumber(applied.done), hosts: formatNumber(applied.hosts), n: applied.hosts, new: applied.findings.new + applied.findings.reopened, retracted: applied.findings.retracted })}
          {applied.finishedAt !== null && <> · <RelativeTime at={applied.finishedAt} /></>}
        </span>
      </p>
      {applied.state === 'running' && applied.done !== null && applied.hosts !== null && applied.hosts > 0 && <Progress thin label={t('sources.applied')} value={(applied.done / applied.hosts) * 100} />}
    </div>
  )
}

function SourceTable({ sources }: { sources: readonly SourceHealth[] }) {
  return (
    <Section title={t('kb.sources')} detail={t('sources.detail')} flush>
      <Table
        label={t('kb.sources')}
        rows={sources}
        rowKey={(row) => row.name}
        below={(row) => <Terms source={row} />}
        columns={[
          { id: 'name', header: t('kb.source'), wide: true, cell: (row) => <span className="font-medium"><OutsideLink href={row.homepage}>{row.title}</OutsideLink></span> },
          { id: 'state', header: t('column.state'), cell: (row) => <StatusChip status={figures[row.state]} label={word('source_state', row.state)} /> },
          { id: 'snapshot', header: t('sources.snapshot'), align: 'right', cell: (row) => <DateTime at={row.snapshot} day /> },
          { id: 'read', header: t('sources.read'), align: 'right', cell: (row) => <RelativeTime at={row.importedAt} /> },
          { id: 'records', header: t('sources.records'), align: 'right', cell: (row) => formatNumber(row.records) },
          { id: 'statements', header: t('sources.statements_short'), align: 'right', cell: (row) => <Amount n={row.statements} /> },
          { id: 'ranges', header: t('sources.ranges'), align: 'right', cell: (row) => <Amount n={row.ranges} /> },
          { id: 'unused', header: t('sources.unused'), align: 'right', cell: (row) => <Amount n={unusedOf(row)} /> },
        ]}
      />
    </Section>
  )
}

const unusedOf = (source: SourceHealth): number => source.unused.reduce((sum, one) => sum + one.count, 0)

function Amount({ n }: { n: number }) {
  return n === 0 ? <span className="text-faint">–</span> : formatNumber(n)
}

/** On what terms, with what problem, and what of it is not used and why. */
function Terms({ source }: { source: SourceHealth }) {
  return (
    <div className="flex flex-col gap-2">
      {source.problem !== null && (
        <p role="status" className="flex items-start gap-2 rounded-md bg-danger-soft px-3 py-2 text-sm">
          <TriangleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
          <span className="min-w-0 break-words">{source.problem} <span className="text-muted">{t('sources.old_serves')}{source.failedAt !== null && <> · <RelativeTime at={source.failedAt} /></>}</span></span>
        </p>
      )}
      <details className="text-xs">
        <summary className="w-fit rounded-xs text-muted hover:text-ink">{source.licence} · {source.unused.length > 0 ? t('sources.terms_and_unused') : t('sources.terms')}</summary>
        <div className="mt-3 flex flex-col gap-3 pb-2">
          <p className="max-w-[90ch] break-words text-muted">{source.attribution}</p>
          {source.unused.length > 0 && (
            <Facts
              items={source.unused.map((one) => [
                <span key="reason" className="tabular">{formatNumber(one.count)} {word('unused', one.reason.replaceAll('-', ' '))}</span>,
                <span key="examples" className="text-faint [overflow-wrap:anywhere]">{one.examples.slice(0, 3).map((example) => `${example.key}${example.text === '' ? '' : `: ${example.text}`}`).join(' · ')}</span>,
              ])}
            />
          )}
          {source.version !== null && <p className="font-mono text-2xs text-faint [overflow-wrap:anywhere]">{source.version}</p>}
          {source.upstream.length > 0 && <p className="font-mono text-2xs text-faint [overflow-wrap:anywhere]">{source.upstream.join(' ')}</p>}
        </div>
      </details>
    </div>
  )
}
