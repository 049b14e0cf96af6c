import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ArrowLeftRight } from 'lucide-react'
import type { Comparison } from '#api/rest/scans/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
import { Grid, Page, PageHeader, Section, Stack } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatTile } from '#ui/kit/stat-tile.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { portText } from '#ui/lib/counts.ts'

const route = getRouteApi('/inside/scans/$id/compare/$other')
const figure = { new: 'new', gone: 'fixed', notTested: 'partial', same: 'active' } as const

/** What changed from an earlier scan to a later one; what the later could not test is never called gone. */
export function ComparePage() {
  const { id, other } = route.useParams()
  const { change } = route.useSearch()
  const navigate = route.useNavigate()
  const found = useQuery({ queryKey: ['scan', 'compare', id, other], queryFn: ({ signal }) => api.get<Comparison>(`/scans/${id}/compare/${other}`, {}, signal) })
  const crumbs = [{ label: t('nav.scans'), link: { to: '/scans' } }] as const
  if (found.isPending) return <Page><PageHeader crumbs={crumbs} title={t('scans.compare')} /><SkeletonRows count={8} /></Page>
  if (found.error !== null) return <Page><PageHeader crumbs={crumbs} title={t('scans.compare')} /><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const { newer, older, counts, hosts, findings } = found.data
  const shown = change === undefined ? findings : findings.filter((one) => one.change === change)
  const tile = (which: 'new' | 'gone' | 'notTested') => ({ to: '/scans/$id/compare/$other', params: { id, other }, search: { change: change === which ? undefined : which } }) as const
  return (
    <Page>
      <PageHeader crumbs={crumbs} title={t('scans.compare')} actions={<ButtonLink icon={<ArrowLeftRight aria-hidden />} to="/scans/$id/compare/$other" params={{ id: other, other: id }}>{t('scans.swap')}</ButtonLink>}>
        <p className="text-sm text-muted">
          <TextLink to="/scans/$id" params={{ id: older.id }}>{older.title}</TextLink> (<DateTime at={older.at} />) → <TextLink to="/scans/$id" params={{ id: newer.id }}>{newer.title}</TextLink> (<DateTime at={newer.at} />)
        </p>
      </PageHeader>
      <Grid columns={4}>
        <StatTile label={t('change.new')} value={counts.new} link={tile('new')} />
        <StatTile label={t('change.gone')} value={counts.gone} link={tile('gone')} />
        <StatTile label={t('change.notTested')} value={counts.notTested} link={tile('notTested')} />
        <StatTile label={t('change.same')} value={counts.same} />
      </Grid>
      <Stack>
        <Segmented label={t('scans.change')} value={change ?? 'all'} onChange={(next) => void navigate({ search: { change: next === 'all' ? undefined : next }, replace: true })} options={[{ value: 'all', label: t('home.all') }, { value: 'new', label: t('change.new') }, { value: 'gone', label: t('change.gone') }, { value: 'notTested', label: t('change.notTested') }]} />
        <Section flush>
          <Table
            label={t('scans.compare')}
            rows={shown}
            rowKey={(row) => `${row.change}-${row.signature}-${row.assetId}-${row.port ?? ''}-${row.instance}`}
            empty={<EmptyState small title={t('scans.no_change')} />}
            columns={[
              { id: 'change', header: t('scans.change'), cell: (row) => <StatusChip status={figure[row.change]} label={word('change', row.change)} /> },
              { id: 'severity', header: t('column.severity'), cell: (row) => <SeverityMark level={row.severity} showName /> },
              { id: 'title', header: t('column.finding'), wide: true, cell: (row) => <NameLink to="/kb/checks/$id" params={{ id: String(row.signature) }} className="font-medium">{row.title}</NameLink> },
              { id: 'host', header: t('column.host'), cell: (row) => <NameLink to="/assets/$id" params={{ id: row.assetId }} className="tabular whitespace-nowrap">{row.address}</NameLink> },
              { id: 'port', header: t('column.port'), hideNarrow: true, cell: (row) => <span className="tabular whitespace-nowrap text-muted">{portText(row.port, row.proto)}</span> },
            ]}
          />
        </Section>
      </Stack>
      {(hosts.appeared.length > 0 || hosts.disappeared.length > 0) && (
        <Grid columns="half">
          <HostNames title={t('scans.appeared')} names={hosts.appeared} />
          <HostNames title={t('scans.disappeared')} names={hosts.disappeared} />
        </Grid>
      )}
    </Page>
  )
}

function HostNames({ title, names }: { title: string; names: readonly string[] }) {
  return (
    <Section title={title} detail={String(names.length)}>
      {names.length === 0 ? <p className="text-sm text-muted">{t('kit.none')}</p> : <div className="flex flex-wrap gap-1">{names.slice(0, 100).map((name) => <Badge key={name} mono>{name}</Badge>)}</div>}
    </Section>
  )
}
