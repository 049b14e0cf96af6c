import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import type { CheckDetail } from '#api/rest/kb/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, OutsideLink } from '#ui/kit/link.tsx'
import { Facts, Grid, Page, PageHeader, Row, Section, Stack } from '#ui/kit/page.tsx'
import { Prose } from '#ui/kit/prose.tsx'
import { RiskMark } from '#ui/kit/risk.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { hostText } from '#ui/lib/counts.ts'
import { formatNumber } from '#ui/lib/format.ts'

const route = getRouteApi('/inside/checks/$id')

/** One check: what it means, how to fix it, and where this organisation has it. */
export function CheckPage() {
  const { id } = route.useParams()
  const found = useQuery({ queryKey: ['kb', 'detail', id], queryFn: ({ signal }) => api.get<CheckDetail>(`/kb/${id}`, {}, signal) })
  const crumbs = [{ label: t('nav.kb'), link: { to: '/checks' } }] as const
  if (found.isPending) return <Page><PageHeader crumbs={crumbs} title="…" /><SkeletonRows count={8} /></Page>
  if (found.error !== null) return <Page><PageHeader crumbs={crumbs} title={t('checks.one')} /><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const check = found.data
  return (
    <Page>
      <PageHeader crumbs={crumbs} title={check.title} detail={String(check.id)} actions={check.affected.findings > 0 && <ButtonLink look="primary" to="/findings" search={{ q: check.affected.q }}>{t('checks.see_findings', { n: check.affected.findings })}</ButtonLink>}>
        <Row gap={3} wrap>
          <span className="text-sm"><SeverityMark level={check.severity} showName /></span>
          <Badge>{word('type', check.type)}</Badge>
          <Badge>{check.category}</Badge>
          {check.retired && <Badge tone="warn">{t('checks.retired')}</Badge>}
        </Row>
      </PageHeader>
      <Grid columns="main-side">
        <Stack>
          <Section title={t('findings.threat')}><Prose text={check.threat} /></Section>
          <Section title={t('findings.impact')}><Prose text={check.impact} /></Section>
          <Section title={t('findings.solution')}><Prose text={check.solution} /></Section>
          {check.references.length > 0 && <Section title={t('findings.references')}><ul className="flex flex-col gap-1 text-sm">{check.references.map((reference) => <li key={reference}><OutsideLink href={reference} /></li>)}</ul></Section>}
          <Section title={t('checks.where')} detail={check.affected.hosts > 0 ? t('checks.where_line', { findings: check.affected.findings, hosts: check.affected.hosts, fixed: check.affected.fixed }) : undefined} flush>
            <Table
              label={t('checks.where')}
              rows={check.worst}
              rowKey={(row) => row.assetId}
              empty={<EmptyState small icon={<CircleCheck />} title={t('checks.nowhere')}>{t('checks.nowhere_text', { fixed: check.affected.fixed })}</EmptyState>}
              columns={[
                { id: 'host', header: t('column.host'), wide: true, cell: (row) => <NameLink to="/assets/$id" params={{ id: row.assetId }} className="tabular font-medium">{hostText(row)}</NameLink> },
                { id: 'findings', header: t('nav.findings'), align: 'right', cell: (row) => formatNumber(row.findings) },
                { id: 'risk', header: t('column.risk'), cell: (row) => <RiskMark risk={row.risk} /> },
              ]}
            />
          </Section>
        </Stack>
        <Section title={t('checks.facts')}>
          <Facts
            items={[
              [t('checks.version'), check.version],
              [t('checks.kind'), <span key="kind" className="font-mono text-xs">{check.kind}</span>],
              check.cve.length > 0 && [t('column.cve'), <span key="cve" className="flex flex-wrap gap-1">{check.cve.map((cve) => <Badge key={cve} mono>{cve}</Badge>)}</span>],
              check.cwe.length > 0 && [t('findings.cwe'), check.cwe.join(', ')],
              check.cvssScore !== null && [t('findings.cvss'), <span key="cvss"><span className="tabular font-medium">{check.cvssScore.toFixed(1)}</span><br /><span className="font-mono text-2xs break-all text-muted">{check.cvss}</span></span>],
              check.products.length > 0 && [t('checks.products'), <span key="products" className="font-mono text-xs break-words">{check.products.join(', ')}</span>],
              check.pci !== null && [t('findings.pci'), check.pci],
              [t('checks.published'), <DateTime key="published" at={check.published} day />],
              [t('checks.changed'), <DateTime key="changed" at={check.changed} day />],
            ]}
          />
        </Section>
      </Grid>
    </Page>
  )
}
