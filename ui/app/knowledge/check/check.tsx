import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CircleCheck, CircleHelp, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import type { CheckDetail } from '#api/rest/kb/schemas.ts'
import type { CheckEdit } from '#api/rest/kb/tenant-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink, TextLink } from '#ui/kit/link.tsx'
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
import { useCan } from '#ui/lib/session.ts'
import { ChangeLog } from '../change-log.tsx'
import { EditDialog, OwnComment, OwnView } from './check-edit.tsx'
import { CheckRule } from './check-rule.tsx'
import { sourceName } from '../known.tsx'
import { ReferenceList } from '../references.tsx'
import { Runnable } from '../runnable.tsx'

const route = getRouteApi('/inside/kb/checks/$id')

/** One check: what it detects and how, what this organisation says of it, and where it is found. */
export function CheckPage() {
  const { id } = route.useParams()
  const can = useCan()
  const [editing, setEditing] = useState(false)
  const found = useQuery({ queryKey: ['kb', 'detail', id], queryFn: ({ signal }) => api.get<CheckDetail>(`/kb/${id}`, {}, signal) })
  const edit = useQuery({ queryKey: ['kb', 'edit', id], queryFn: ({ signal }) => api.get<CheckEdit>(`/kb/${id}/edit`, {}, signal), retry: false, enabled: found.data !== undefined })
  const crumbs = [{ label: t('nav.kb'), link: { to: '/kb/vulnerabilities' } }, { label: t('kb.checks'), link: { to: '/kb/checks' } }] as const
  if (found.isPending) return <Page><PageHeader crumbs={crumbs} title="…" /><SkeletonRows count={8} /></Page>
  if (found.error !== null) return <Page><PageHeader crumbs={crumbs} title={t('checks.one')} /><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const check = found.data
  const own = edit.data
  const severity = own?.severity?.value ?? check.severity
  const mayEdit = own !== undefined && can('kb.edit')
  return (
    <Page>
      <PageHeader
        crumbs={crumbs}
        title={check.title}
        detail={String(check.id)}
        actions={
          <>
            {mayEdit && <Button icon={<SlidersHorizontal aria-hidden />} onClick={() => setEditing(true)}>{t('kb.edit')}</Button>}
            {check.affected.findings > 0 && <ButtonLink look="primary" to="/findings" search={{ q: check.affected.q }}>{t('checks.see_findings', { n: check.affected.findings })}</ButtonLink>}
          </>
        }
      >
        <Row gap={3} wrap>
          <span className="text-sm"><SeverityMark level={severity} showName /></span>
          {own?.severity != null && <Badge tone="accent">{t('kb.own_severity', { severity: word('severity', String(own.severity.original ?? check.severity)) })}</Badge>}
          {own?.disabled != null && <Badge tone="warn">{t('kb.disabled')}</Badge>}
          <Badge>{word('type', check.type)}</Badge>
          <Badge>{check.category}</Badge>
          {check.retired && <Badge tone="warn">{t('checks.retired')}</Badge>}
        </Row>
      </PageHeader>
      <Grid columns="main-side">
        <Stack>
          {own !== undefined && <OwnView edit={own} />}
          {check.threat !== '' && <Section title={t('findings.threat')}><Stack><Prose text={check.threat} /><OwnComment said={own?.threat ?? null} /></Stack></Section>}
          {(check.impact !== '' || own?.impact != null) && <Section title={t('findings.impact')}><Stack>{check.impact !== '' && <Prose text={check.impact} />}<OwnComment said={own?.impact ?? null} /></Stack></Section>}
          {(check.solution !== '' || own?.solution != null) && <Section title={t('findings.solution')}><Stack>{check.solution !== '' && <Prose text={check.solution} />}<OwnComment said={own?.solution ?? null} /></Stack></Section>}
          <CheckRule check={check} />
          <Where check={check} />
        </Stack>
        <Stack>
          <Section title={t('checks.facts')}>
            <Facts
              items={[
                [t('kb.kind'), kindText(check)],
                check.origin !== null && [t('kb.source'), <span key="source">{sourceName(check.origin.source)}<span className="block font-mono text-2xs text-faint [overflow-wrap:anywhere]">{check.origin.key}</span></span>],
                check.origin !== null && [t('kb.runs'), <Runnable key="runs" check={check.origin} />],
                [t('checks.version'), check.version],
                check.cve.length > 0 && [t('column.cve'), <span key="cve" className="flex flex-wrap gap-x-2 gap-y-1">{check.cve.map((cve) => <TextLink key={cve} to="/kb/vulnerabilities/$name" params={{ name: cve }}>{cve}</TextLink>)}</span>],
                check.cwe.length > 0 && [t('findings.cwe'), check.cwe.join(', ')],
                check.cvssScore !== null && [t('findings.cvss'), <span key="cvss"><span className="tabular font-medium">{check.cvssScore.toFixed(1)}</span><br /><span className="font-mono text-2xs break-all text-muted">{check.cvss}</span></span>],
                check.products.length > 0 && [t('checks.products'), <span key="products" className="font-mono text-xs [overflow-wrap:anywhere]">{check.products.slice(0, 20).join(', ')}</span>],
                check.pci !== null && [t('findings.pci'), check.pci],
                [t('checks.published'), <DateTime key="published" at={check.published} day />],
                [t('checks.changed'), <DateTime key="changed" at={check.changed} day />],
              ]}
            />
          </Section>
          {check.references.length > 0 && <Section title={t('findings.references')} detail={String(check.references.length)}><ReferenceList references={check.references.map((url) => ({ url, kind: 'web' }))} /></Section>}
          <Section title={t('kb.change_log')}><ChangeLog changes={check.changes} /></Section>
        </Stack>
      </Grid>
      {mayEdit && editing && <EditDialog onClose={() => setEditing(false)} edit={own} title={check.title} severity={check.severity} />}
    </Page>
  )
}

function kindText(check: CheckDetail): string {
  return ['vulnerability', 'template', 'library', 'lifecycle'].includes(check.kind) ? word('kb_kind', check.kind) : `${word('kb_kind', 'signature')}, ${t('kb.looks_at', { what: check.kind })}`
}

function Where({ check }: { check: CheckDetail }) {
  const cannot = check.origin !== null && !check.origin.runnable
  return (
    <Section title={t('checks.where')} detail={check.affected.hosts > 0 ? t('checks.where_line', { findings: check.affected.findings, hosts: check.affected.hosts, fixed: check.affected.fixed }) : undefined} flush>
      <Table
        label={t('checks.where')}
        rows={check.worst}
        rowKey={(row) => row.assetId}
        empty={cannot
          ? <EmptyState small icon={<CircleHelp />} title={t('kb.cannot_tell')}>{t('kb.does_not_run')}</EmptyState>
          : <EmptyState small icon={<CircleCheck />} title={t('checks.nowhere')}>{check.affected.fixed > 0 && t('checks.nowhere_text', { fixed: check.affected.fixed })}</EmptyState>}
        columns={[
          { id: 'host', header: t('column.host'), wide: true, cell: (row) => <NameLink to="/assets/$id" params={{ id: row.assetId }} className="tabular font-medium">{hostText(row)}</NameLink> },
          { id: 'findings', header: t('nav.findings'), align: 'right', cell: (row) => formatNumber(row.findings) },
          { id: 'risk', header: t('column.risk'), cell: (row) => <RiskMark risk={row.risk} /> },
        ]}
      />
    </Section>
  )
}
