import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { BadgeCheck, SearchX } from 'lucide-react'
import type { TlsEndpoint, TlsSummary } from '#api/rest/certificates/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { DataTable } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { BadQuery, QueryBar } from '#ui/kit/query-bar.tsx'
import { SidePanel } from '#ui/kit/side-panel.tsx'
import { StatTile } from '#ui/kit/stat-tile.tsx'
import { api } from '#ui/lib/api.ts'
import { describeError, hasStatus } from '#ui/lib/problem.ts'
import { useList } from '#ui/lib/use-list.ts'
import { commonName, EndpointCompact, endpointColumns, endpointFields, Grades } from './certificate-columns.tsx'
import { EndpointPanel } from './certificate-panel.tsx'

const route = getRouteApi('/inside/assets')

/** What speaks TLS on all hosts: what ends first comes first. */
export function CertificatesTab() {
  const search = route.useSearch()
  const { q = '', sort = 'expires', open: openId } = search
  const navigate = route.useNavigate()
  const change = (next: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const ask = (next: string) => change({ q: next === '' ? undefined : next })
  const list = useList<TlsEndpoint>('asset', '/tls-endpoints', { q, sort })
  const sums = useQuery({ queryKey: ['asset', 'tls', 'summary'], queryFn: ({ signal }) => api.get<TlsSummary>('/tls-endpoints/summary', {}, signal) })
  const open = list.rows.find((row) => row.id === openId) ?? null
  const setOpen = (row: TlsEndpoint | null): void => change({ open: row?.id })
  const wrong = hasStatus(list.error, 400) ? describeError(list.error).detail : undefined
  const tile = (label: string, value: number, query: string, detail?: string) => (
    <StatTile label={label} value={value} detail={detail} link={{ to: '/assets', search: { tab: 'certificates', q: query === '' || q === query ? undefined : query } }} />
  )
  return (
    <>
      {sums.data !== undefined && sums.data.endpoints > 0 && (
        <div className="grid shrink-0 grid-cols-2 gap-3 border-b border-line px-4 py-3 sm:px-6 lg:grid-cols-5">
          {tile(t('certificates.endpoints'), sums.data.endpoints, '', t('certificates.count', { n: sums.data.certificates }))}
          {tile(t('certificates.expired'), sums.data.expired, 'expired:true')}
          {tile(t('certificates.soon'), sums.data.soon, 'days:0..30')}
          {tile(t('certificates.untrusted'), sums.data.untrusted, 'trusted:false')}
          <Grades grades={sums.data.grades} query={q} onChange={ask} />
        </div>
      )}
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-3 sm:px-6">
        <QueryBar label={t('certificates.filter')} value={q} onChange={ask} fields={endpointFields} placeholder={t('certificates.placeholder')} error={wrong} />
      </div>
      <div className="flex min-h-0 flex-1">
        <DataTable
          label={t('assets.tab_certificates')}
          columns={endpointColumns}
          rows={wrong === undefined ? list.rows : []}
          rowId={(row) => row.id}
          compact={(row) => <EndpointCompact row={row} />}
          state={wrong === undefined ? list.state : { ...list.state, error: null }}
          onMore={list.onMore}
          onRetry={list.onRetry}
          sort={sort}
          onSort={(next) => change({ sort: next })}
          openId={open?.id}
          onOpen={setOpen}
          empty={
            wrong !== undefined ? <BadQuery onClear={() => ask('')} /> : q === ''
              ? <EmptyState icon={<BadgeCheck />} title={t('certificates.none')}>{t('certificates.none_text')}</EmptyState>
              : <EmptyState icon={<SearchX />} title={t('certificates.none_match')} actions={<Button onClick={() => ask('')}>{t('findings.clear_filter')}</Button>} />
          }
        />
        <SidePanel open={open !== null} onClose={() => setOpen(null)} label={t('certificates.one')} title={<span className="text-sm font-semibold break-words">{open === null ? '' : commonName(open)}</span>}>
          {open !== null && <EndpointPanel endpoint={open} onSame={(sha256) => change({ open: undefined, q: sha256 })} />}
        </SidePanel>
      </div>
    </>
  )
}
