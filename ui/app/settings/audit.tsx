import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Link2, ShieldCheck, TriangleAlert } from 'lucide-react'
import type { AuditChain, AuditEntry } from '#api/rest/audit/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Section } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { useList } from '#ui/lib/use-list.ts'

const route = getRouteApi('/inside/settings/audit')

/** Who did what, when and from where; each entry is chained to the one before it. */
export function AuditPage() {
  const { action = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const list = useList<AuditEntry>('audit', '/audit', { action }, { limit: 100 })
  const chain = useQuery({ queryKey: ['audit-chain'], queryFn: ({ signal }) => api.get<AuditChain>('/audit/chain', {}, signal), enabled: false })
  return (
    <>
      <Section title={t('audit.chain')} detail={t('audit.chain_detail')} actions={<Button size="sm" icon={<Link2 aria-hidden />} busy={chain.isFetching} onClick={() => void chain.refetch()}>{t('audit.check')}</Button>}>
        {chain.error !== null ? <ErrorState error={chain.error} /> : chain.data === undefined ? <p className="text-sm text-muted">{t('audit.not_checked')}</p> : (
          <p role="status" className="flex items-start gap-2 text-sm">
            {chain.data.whole ? <ShieldCheck className="mt-0.5 size-4 shrink-0 text-good" aria-hidden /> : <TriangleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />}
            <span className="min-w-0">{chain.data.whole ? t('audit.whole', { n: chain.data.entries }) : t('audit.broken', { at: chain.data.brokenAt ?? 0 })}<span className="block font-mono text-2xs break-all text-faint">{chain.data.head}</span></span>
          </p>
        )}
      </Section>
      <Section title={t('settings.audit')} flush actions={<div className="w-56"><Input aria-label={t('audit.filter')} placeholder={t('audit.filter')} value={action} onChange={(event) => void navigate({ search: { action: event.target.value }, replace: true })} /></div>}>
        {list.state.loading ? <SkeletonRows count={8} /> : list.state.error !== null ? <ErrorState error={list.state.error} onRetry={list.onRetry} /> : (
          <Table
            label={t('settings.audit')}
            rows={list.rows}
            rowKey={(row) => row.id}
            below={(row) => Object.keys(row.details).length > 0 && <Details details={row.details as Readonly<Record<string, unknown>>} />}
            empty={<EmptyState small title={t('audit.none')} />}
            columns={[
              { id: 'at', header: t('audit.at'), cell: (row) => <DateTime at={row.at} /> },
              { id: 'who', header: t('audit.who'), cell: (row) => <span className="whitespace-nowrap">{row.actor.name}{row.actor.kind !== 'person' && <span className="text-faint"> ({t(`audit.${row.actor.kind}`)})</span>}</span> },
              { id: 'action', header: t('audit.action'), cell: (row) => <span className="font-mono text-xs whitespace-nowrap">{row.action}</span> },
              { id: 'object', header: t('audit.object'), wide: true, cell: (row) => (row.object === null ? '' : <span className="break-words">{row.object.name ?? row.object.kind}</span>) },
              { id: 'ip', header: t('audit.from'), hideNarrow: true, cell: (row) => <span className="tabular text-muted">{row.actor.ip}</span> },
            ]}
          />
        )}
        {list.state.more && <div className="border-t border-line p-3"><Button size="sm" onClick={list.onMore} busy={list.state.loadingMore}>{t('kit.more')}</Button></div>}
      </Section>
    </>
  )
}

/** Whole: what an audit log cuts off is what somebody will look for. */
function Details({ details }: { details: Readonly<Record<string, unknown>> }) {
  return (
    <dl aria-label={t('audit.details')} className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
      {Object.entries(details).map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="shrink-0 text-faint">{name}</dt>
          <dd className="min-w-0 break-words text-muted [overflow-wrap:anywhere]">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
