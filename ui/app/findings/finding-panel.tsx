import { useQuery } from '@tanstack/react-query'
import { Ban, Eye, History, RefreshCw } from 'lucide-react'
import type { FindingDetail } from '#api/rest/findings/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { CopyButton } from '#ui/kit/copy-field.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Row } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Tabs } from '#ui/kit/tabs.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { hostText, portText } from '#ui/lib/counts.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { ExploitedBadge } from '../knowledge/known.tsx'
import { ScanLink } from '../scans/scan-link.tsx'
import { findingStatus } from './finding-columns.tsx'
import { ElsewhereView, FixView, HistoryView, ProofView, WhatView } from './finding-views.tsx'

export type FindingView = 'what' | 'proof' | 'fix' | 'history' | 'elsewhere'

export function findingOptions(id: string) {
  return { queryKey: ['finding', 'detail', id], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<FindingDetail>(`/findings/${id}`, {}, signal) }
}

/** All that is known of one finding, beside the list it came from. */
export function FindingPanel({ id, view, onView, onIgnore }: { id: string; view: FindingView; onView: (view: FindingView) => void; onIgnore: (finding: FindingDetail) => void }) {
  // A hint tells when a test has changed something; one that changes nothing has an end too.
  const found = useQuery({ ...findingOptions(id), refetchInterval: (query) => (query.state.data?.verification?.state === 'running' ? 2000 : false) })
  const can = useCan()
  const verify = useAction(() => api.post<{ scanId: string }>(`/findings/${id}/verify`), { touches: ['finding', 'scan'], done: t('findings.verify_started') })
  const unignore = useAction(() => api.post('/findings/unignore', { ids: [id] }), { touches: ['finding', 'asset', 'dashboard'], done: t('findings.unignored_done') })
  if (found.isPending) return <SkeletonRows count={6} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const finding = found.data
  const running = finding.verification?.state === 'running'
  return (
    <>
      <div className="flex flex-col gap-3 px-4 pt-3 pb-4">
        <Row gap={3} wrap>
          <SeverityMark level={finding.severity} showName />
          <StatusChip status={findingStatus(finding)} />
          <Badge tone={finding.type === 'confirmed' ? 'plain' : 'warn'}>{word('type', finding.type)}</Badge>
          {finding.scoreFactors.some((factor) => factor.name === 'Known exploited') && <ExploitedBadge />}
          {finding.disabled && <Badge tone="warn">{t('kb.disabled')}</Badge>}
          <span className="tabular text-sm text-muted">{t('findings.score', { score: finding.score })}</span>
        </Row>
        <p className="tabular flex min-w-0 flex-wrap items-center gap-x-1.5 text-sm text-muted">
          <NameLink to="/assets/$id" params={{ id: finding.asset.id }} className="font-medium text-ink">{hostText(finding.asset)}</NameLink>
          {finding.asset.name !== null && finding.asset.address !== null && <span>{finding.asset.address}</span>}
          <span>· {portText(finding.port, finding.proto)}</span>
          {finding.instance !== '' && <span className="break-all">· {finding.instance.replaceAll('|', ' ')}</span>}
        </p>
        <Row wrap>
          {can('finding.verify') && (
            <Button size="sm" look={finding.status === 'fixed' ? 'plain' : 'primary'} icon={<RefreshCw aria-hidden />} busy={verify.isPending || running} onClick={() => verify.mutate()}>
              {running ? t('findings.verifying') : finding.via !== null ? t('findings.test_now') : finding.status === 'fixed' ? t('findings.verify_again') : t('findings.verify')}
            </Button>
          )}
          {can('finding.ignore') && (finding.ignore === null
            ? <Button size="sm" icon={<Ban aria-hidden />} onClick={() => onIgnore(finding)}>{t('findings.ignore')}</Button>
            : <Button size="sm" icon={<Eye aria-hidden />} busy={unignore.isPending} onClick={() => unignore.mutate()}>{t('findings.unignore')}</Button>)}
          <CopyButton text={location.href} label={t('findings.copy_link')} />
        </Row>
        {finding.via !== null && (
          <p className="flex items-start gap-2 rounded-md bg-accent-soft px-3 py-2 text-sm">
            <History className="mt-0.5 size-4 shrink-0 text-accent-ink" aria-hidden />
            <span>{t('findings.via')} <DateTime at={finding.via.observedAt} />. <span className="text-muted">{t('findings.via_text')}</span></span>
          </p>
        )}
        {finding.retractedAt !== null && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm">{t('findings.retracted')} <DateTime at={finding.retractedAt} />.</p>}
        {finding.verification !== null && <Verification finding={finding} />}
      </div>
      <Tabs
        label={t('findings.views')}
        value={view}
        onChange={onView}
        inset
        fill
        tabs={[
          { value: 'what', label: t('findings.what') },
          { value: 'proof', label: t('findings.proof') },
          { value: 'fix', label: t('findings.fix') },
          { value: 'history', label: t('findings.history') },
          { value: 'elsewhere', label: t('findings.elsewhere'), count: finding.elsewhere },
        ]}
      >
        <div className="min-h-0 flex-1 overflow-y-auto p-4">
          {view === 'what' && <WhatView finding={finding} />}
          {view === 'proof' && <ProofView finding={finding} />}
          {view === 'fix' && <FixView finding={finding} />}
          {view === 'history' && <HistoryView id={id} />}
          {view === 'elsewhere' && <ElsewhereView finding={finding} />}
        </div>
      </Tabs>
    </>
  )
}

function Verification({ finding }: { finding: FindingDetail }) {
  const { verification } = finding
  if (verification === null) return null
  const tone = verification.state === 'fixed' ? 'bg-good-soft' : verification.state === 'found' ? 'bg-danger-soft' : verification.state === 'notTested' ? 'bg-warn-soft' : 'bg-accent-soft'
  return (
    <p role="status" className={`rounded-md px-3 py-2 text-sm ${tone}`}>
      <span className="font-medium">{t(`verification.${verification.state}`)}</span>
      {verification.text !== '' && <span className="text-muted"> {verification.text}</span>}{' '}
      <ScanLink id={verification.scanId}>{t('findings.verification_scan')}</ScanLink>
    </p>
  )
}
