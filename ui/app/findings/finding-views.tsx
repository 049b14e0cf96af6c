import { useQuery } from '@tanstack/react-query'
import type { Finding, FindingDetail, FindingHistory } from '#api/rest/findings/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Evidence } from '#ui/kit/evidence.tsx'
import { NameLink, OutsideLink, TextLink } from '#ui/kit/link.tsx'
import { Facts, Stack } from '#ui/kit/page.tsx'
import { Prose } from '#ui/kit/prose.tsx'
import { severityName } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { Timeline, type Happening } from '#ui/kit/timeline.tsx'
import { api } from '#ui/lib/api.ts'
import { hostText, portText } from '#ui/lib/counts.ts'
import { useList } from '#ui/lib/use-list.ts'
import { OwnComment } from '../knowledge/check/check-edit.tsx'
import { ScanLink } from '../scans/scan-link.tsx'
import { findingStatus } from './finding-columns.tsx'
import { RecordedProof } from './recorded-proof.tsx'

function Heading({ children }: { children: string }) {
  return <h2 className="text-xs font-semibold text-muted">{children}</h2>
}

export function WhatView({ finding }: { finding: FindingDetail }) {
  return (
    <Stack gap={6}>
      <Stack gap={1}>
        <Heading>{t('findings.seen')}</Heading>
        <Prose text={finding.result} />
        {finding.note !== null && <p className={finding.type === 'potential' ? 'rounded-md bg-warn-soft px-3 py-2 text-sm' : 'text-sm text-muted'}>{finding.note}</p>}
      </Stack>
      {finding.ignore !== null && (
        <Stack gap={1}>
          <Heading>{t('findings.ignored_heading')}</Heading>
          <p className="text-sm">{t(`ignore.${finding.ignore.reason}`)}: {finding.ignore.comment}</p>
          <p className="text-xs text-muted">{finding.ignore.by}, <RelativeTime at={finding.ignore.at} /> · {finding.ignore.until === null ? t('findings.until_never') : <>{t('findings.until')} <DateTime at={finding.ignore.until} day /></>}</p>
        </Stack>
      )}
      {finding.threat !== '' && <Stack gap={1}><Heading>{t('findings.threat')}</Heading><Prose text={finding.threat} /><Own finding={finding} field="threat" /></Stack>}
      {finding.impact !== '' && <Stack gap={1}><Heading>{t('findings.impact')}</Heading><Prose text={finding.impact} /><Own finding={finding} field="impact" /></Stack>}
      <Own finding={finding} field="severity" />
      <Own finding={finding} field="disabled" />
      <Facts
        items={[
          [t('findings.check'), <TextLink key="check" to="/kb/checks/$id" params={{ id: String(finding.signature) }}>{finding.signature} · {finding.category}</TextLink>],
          finding.cve.length > 0 && [t('column.cve'), <span key="cve" className="flex flex-wrap gap-x-2 gap-y-1">{finding.cve.map((cve) => <TextLink key={cve} to="/kb/vulnerabilities/$name" params={{ name: cve }}>{cve}</TextLink>)}</span>],
          finding.originalSeverity !== null && [t('findings.original_severity'), severityName(finding.originalSeverity)],
          finding.cvssScore !== null && [t('findings.cvss'), <span key="cvss"><span className="tabular font-medium">{finding.cvssScore.toFixed(1)}</span> <span className="font-mono text-xs break-all text-muted">{finding.cvss}</span></span>],
          finding.cwe.length > 0 && [t('findings.cwe'), finding.cwe.join(', ')],
          finding.pci !== null && [t('findings.pci'), finding.pci],
          [t('column.first'), <DateTime key="first" at={finding.firstFoundAt} />],
          [t('column.last'), <DateTime key="last" at={finding.lastFoundAt} />],
          finding.fixedAt !== null && [t('findings.fixed_at'), <DateTime key="fixed" at={finding.fixedAt} />],
          [t('column.times'), t('findings.times', { n: finding.timesFound, back: finding.timesReopened })],
        ]}
      />
      {finding.scoreFactors.length > 0 && (
        <Stack gap={2}>
          <Heading>{t('findings.score_how')}</Heading>
          <table className="w-full max-w-md text-sm">
            <tbody>
              {finding.scoreFactors.map((factor) => (
                <tr key={factor.name} className="border-b border-line align-top last:border-0">
                  <th scope="row" className="py-1 pr-3 text-left font-normal text-muted">{factor.name}</th>
                  <td className="py-1 pr-3">{factor.value}{factor.source !== null && <span className="block text-2xs text-faint">{factor.source}</span>}</td>
                  <td className="tabular py-1 text-right font-medium">{factor.points > 0 ? '+' : ''}{factor.points}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Stack>
      )}
    </Stack>
  )
}

/** What the organisation says of the check, beside what it is about. */
function Own({ finding, field }: { finding: FindingDetail; field: FindingDetail['comments'][number]['field'] }) {
  return finding.comments.filter((one) => one.field === field).map((one) => <OwnComment key={one.at} said={one} />)
}

export function ProofView({ finding }: { finding: FindingDetail }) {
  const { evidence } = finding
  return (
    <Stack gap={6}>
      {evidence === null ? <p className="text-sm text-muted">{t('findings.no_evidence')}</p> : (
        <>
          <Evidence sent={evidence.sent} received={evidence.received} note={evidence.note ?? undefined} />
          <Facts
            items={[
              [t('findings.matched'), finding.result],
              [t('findings.proof_at'), <DateTime key="at" at={evidence.at} />],
              [t('findings.proof_by'), evidence.scanner?.name ?? '–'],
              [t('findings.probe'), <span key="probe" className="font-mono text-xs">{evidence.probe}</span>],
              [t('findings.check'), t('findings.check_version', { id: String(finding.signature), version: evidence.signatureVersion })],
              evidence.scanId !== null && [t('findings.scan'), <ScanLink key="scan" id={evidence.scanId} otherwise={t('findings.others_scan')}>{t('findings.open_scan')}</ScanLink>],
            ]}
          />
        </>
      )}
      <RecordedProof finding={finding} />
      <Stack gap={1}>
        <Heading>{t('findings.last_test')}</Heading>
        {finding.lastTest === null ? <p className="text-sm text-muted">{t('findings.never_tested')}</p> : (
          <p className="text-sm"><DateTime at={finding.lastTest.at} /> <ScanLink id={finding.lastTest.scanId} dot>{t('findings.open_scan')}</ScanLink><br /><span className={finding.lastTest.tested ? 'text-muted' : 'text-warn'}>{finding.lastTest.text}</span></p>
        )}
        {finding.login && <p className="text-xs text-muted">{t('findings.login_only')}</p>}
      </Stack>
    </Stack>
  )
}

export function FixView({ finding }: { finding: FindingDetail }) {
  return (
    <Stack gap={6}>
      <Stack gap={1}><Heading>{t('findings.solution')}</Heading><Prose text={finding.solution} /><Own finding={finding} field="solution" /></Stack>
      {finding.references.length > 0 && (
        <Stack gap={1}>
          <Heading>{t('findings.references')}</Heading>
          <ul className="flex flex-col gap-1 text-sm">{finding.references.map((reference) => <li key={reference}><OutsideLink href={reference} /></li>)}</ul>
        </Stack>
      )}
      <p className="text-sm text-muted">{t('findings.fix_then')}</p>
    </Stack>
  )
}

const tones: Record<string, Happening['tone']> = { new: 'accent', reopened: 'danger', fixed: 'good', verified: 'accent' }

export function HistoryView({ id }: { id: string }) {
  const found = useQuery({ queryKey: ['finding', 'history', id], queryFn: ({ signal }) => api.get<FindingHistory>(`/findings/${id}/history`, {}, signal) })
  if (found.isPending) return <SkeletonRows count={4} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  return (
    <Timeline
      items={found.data.items.map((entry) => ({
        id: entry.id,
        at: entry.at,
        tone: tones[entry.kind] ?? 'plain',
        title: word('happened', entry.kind),
        detail: (
          <>
            {entry.text}
            {entry.by !== null && ` · ${entry.by}`}
            {entry.scanId !== null && <> <ScanLink id={entry.scanId} dot>{t('findings.open_scan')}</ScanLink></>}
          </>
        ),
      }))}
    />
  )
}

export function ElsewhereView({ finding }: { finding: FindingDetail }) {
  const { rows, state, onMore, onRetry } = useList<Finding>('finding', `/findings/${finding.id}/elsewhere`, {}, { limit: 50 })
  if (state.loading) return <SkeletonRows count={4} />
  if (state.error !== null) return <ErrorState error={state.error} onRetry={onRetry} />
  if (rows.length === 0) return <EmptyState small title={t('findings.nowhere_else')}>{t('findings.nowhere_else_text')}</EmptyState>
  return (
    <Stack>
      <ul className="flex flex-col">
        {rows.map((row) => (
          <li key={row.id} className="flex items-center justify-between gap-3 border-b border-line py-2 text-sm last:border-0">
            <NameLink to="/findings" search={(before) => ({ ...before, open: row.id, view: 'what' as const })} className="tabular min-w-0 truncate font-medium">{hostText(row.asset)}</NameLink>
            <span className="tabular text-muted">{portText(row.port, row.proto)}</span>
            <StatusChip status={findingStatus(row)} />
          </li>
        ))}
      </ul>
      {state.more && <Button size="sm" busy={state.loadingMore} onClick={onMore}>{t('kit.more')}</Button>}
    </Stack>
  )
}
