import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import type { AssetDetail } from '#api/rest/assets/schemas.ts'
import { SeverityBar } from '#ui/charts/severity-bar.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { ButtonLink } from '#ui/kit/button.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { TextLink } from '#ui/kit/link.tsx'
import { Facts, Grid, Page, PageHeader, Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Tabs } from '#ui/kit/tabs.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { countsOf, hostText } from '#ui/lib/counts.ts'
import { useCan } from '#ui/lib/session.ts'
import { AssetState } from './asset-columns.tsx'
import { AssetLoginResults } from '../scans/login-results.tsx'
import { AssetSoftware } from './asset-software.tsx'
import { AssetCoverageView, AssetFindings, AssetServicesView, AssetTimeline } from './asset-views.tsx'

const route = getRouteApi('/inside/assets/$id')

/** One host: how it stands, what runs on it, what was found, what happened, and what was really tested. */
export function AssetPage() {
  const { id } = route.useParams()
  const { tab = 'findings' } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const found = useQuery({ queryKey: ['asset', 'detail', id], queryFn: ({ signal }) => api.get<AssetDetail>(`/assets/${id}`, {}, signal) })
  const crumbs = [{ label: t('nav.assets'), link: { to: '/assets' } }] as const
  if (found.isPending) return <Page><PageHeader crumbs={crumbs} title="…" /><SkeletonRows count={10} /></Page>
  if (found.error !== null) return <Page><PageHeader crumbs={crumbs} title={t('assets.one')} /><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const asset = found.data
  const target = asset.address ?? asset.name ?? ''
  return (
    <Page>
      <PageHeader
        crumbs={crumbs}
        title={<span className="tabular">{hostText(asset)}</span>}
        detail={asset.name !== null && asset.address !== null ? asset.address : undefined}
        actions={can('scan.launch') && asset.registered && <ButtonLink look="primary" icon={<Play aria-hidden />} to="/scans/new" search={{ targets: target }}>{t('assets.scan_now')}</ButtonLink>}
      >
        <Row gap={3} wrap>
          <span className="text-sm"><AssetState state={asset.state} /></span>
          {asset.os !== null && <span className="text-sm text-muted">{asset.os}</span>}
          {asset.hardware !== null && <span className="text-sm text-muted">{asset.hardware}</span>}
          {!asset.registered && <Badge tone="warn">{t('assets.not_registered')}</Badge>}
          {asset.excluded !== null && <Badge tone="warn">{asset.excluded.until === null ? t('assets.excluded') : t('assets.excluded_until')}{asset.excluded.until !== null && <> <DateTime at={asset.excluded.until} day /></>}</Badge>}
          {asset.groups.map((group) => <Badge key={group.id}>{group.name}</Badge>)}
        </Row>
      </PageHeader>
      <Grid columns="main-side">
        <Tabs
          label={t('assets.one')}
          value={tab}
          onChange={(next) => void navigate({ search: { tab: next === 'findings' ? undefined : next }, replace: true })}
          tabs={[
            { value: 'findings', label: t('nav.findings'), count: asset.findings.open },
            { value: 'services', label: t('assets.services'), count: asset.services },
            { value: 'software', label: t('software.title') },
            { value: 'timeline', label: t('assets.timeline') },
            { value: 'coverage', label: t('assets.coverage') },
          ]}
        >
          <div className="pt-4">
            {tab === 'findings' && <AssetFindings asset={asset} />}
            {tab === 'services' && <AssetServicesView id={id} address={asset.address} />}
            {tab === 'software' && <Stack><AssetLoginResults asset={asset.id} /><AssetSoftware asset={asset} /></Stack>}
            {tab === 'timeline' && <AssetTimeline id={id} />}
            {tab === 'coverage' && <AssetCoverageView id={id} />}
          </div>
        </Tabs>
        <Stack>
          <Section title={t('column.risk')}>
            <Stack>
              <div className="flex items-baseline gap-2">
                <span className="tabular text-2xl font-semibold">{asset.state === null ? '–' : asset.risk}</span>
                <span className="text-sm text-muted">{asset.state === null ? t('assets.never_tested') : t('assets.of_1000', { band: word('band', asset.band) })}</span>
              </div>
              <SeverityBar counts={countsOf(asset.open)} legend />
              {asset.riskFactors.bands.length > 0 && (
                <details className="text-sm">
                  <summary className="rounded-xs text-muted hover:text-ink">{t('assets.risk_how')}</summary>
                  <table className="mt-2 w-full text-xs">
                    <thead><tr className="text-left text-faint"><th className="font-normal">{t('assets.band')}</th><th className="text-right font-normal">{t('assets.weight')}</th><th className="text-right font-normal">{t('assets.worst')}</th><th className="text-right font-normal">{t('column.count')}</th><th className="text-right font-normal">{t('assets.points')}</th></tr></thead>
                    <tbody>
                      {asset.riskFactors.bands.map((band) => (
                        <tr key={band.band} className="tabular"><td>{word('band', band.band)}</td><td className="text-right">{band.weight}</td><td className="text-right">{Math.round(band.worst)}</td><td className="text-right">{band.count}</td><td className="text-right font-medium">{Math.round(band.points)}</td></tr>
                      ))}
                    </tbody>
                  </table>
                  <p className="mt-2 text-xs text-muted">{t('assets.impact_factor', { impact: word('impact', String(asset.riskFactors.impact)), factor: String(asset.riskFactors.factor) })}</p>
                  <p className="mt-1 font-mono text-2xs break-words text-muted">{asset.riskFactors.formula}</p>
                </details>
              )}
            </Stack>
          </Section>
          <Section title={t('assets.facts')}>
            <Facts
              items={[
                [t('column.network'), asset.network.name],
                [t('column.impact'), word('impact', String(asset.impact))],
                [t('assets.tracked_by'), word('tracking', asset.tracking)],
                [t('column.first'), <RelativeTime key="first" at={asset.firstSeenAt} />],
                [t('column.last'), <RelativeTime key="last" at={asset.lastSeenAt} />],
                [t('column.scanned'), <RelativeTime key="scanned" at={asset.lastScannedAt} />],
                [t('assets.fixed'), <TextLink key="fixed" to="/findings" search={{ q: `asset:${asset.id} status:fixed` }}>{asset.findings.fixed}</TextLink>],
                [t('assets.ignored'), <TextLink key="ignored" to="/findings" search={{ q: `asset:${asset.id} ignored:true` }}>{asset.findings.ignored}</TextLink>],
                [t('assets.information'), <TextLink key="information" to="/findings" search={{ q: `asset:${asset.id} type:information` }}>{asset.findings.information}</TextLink>],
              ]}
            />
          </Section>
        </Stack>
      </Grid>
    </Page>
  )
}
