import { getRouteApi } from '@tanstack/react-router'
import { Package, Upload } from 'lucide-react'
import { useState } from 'react'
import type { AssetDetail } from '#api/rest/assets/schemas.ts'
import type { Software, SoftwarePage } from '#api/rest/assets/software-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Checkbox } from '#ui/kit/checkbox.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Input } from '#ui/kit/input.tsx'
import { TextLink } from '#ui/kit/link.tsx'
import { Section } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { formatNumber } from '#ui/lib/format.ts'
import { quoteValue } from '#ui/lib/query-text.ts'
import { useCan } from '#ui/lib/session.ts'
import { useList } from '#ui/lib/use-list.ts'
import { PackagesDialog } from './packages-dialog.tsx'

const route = getRouteApi('/inside/assets/$id')

/** What is installed on a host or answers on it, with what is wrong with it; an inventory can be brought without a login. */
export function AssetSoftware({ asset }: { asset: AssetDetail }) {
  const { q = '', vulnerable = false } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const [text, setText] = useState(q)
  const [uploading, setUploading] = useState(false)
  const { rows, first, state, stale, onMore, onRetry } = useList<Software>('asset', `/assets/${asset.id}/software`, { q, vulnerable: vulnerable || undefined }, { limit: 100 })
  const total = (first as SoftwarePage | undefined)?.total
  const ask = (next: { q?: string | undefined; vulnerable?: true | undefined }) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  if (state.error !== null && rows.length === 0) return <ErrorState error={state.error} onRetry={onRetry} />
  const nothing = rows.length === 0 && q === '' && !vulnerable && !state.loading
  return (
    <>
      <Section
        title={t('software.title')}
        detail={total === undefined ? undefined : formatNumber(total)}
        actions={
          <>
            <Checkbox checked={vulnerable} onChange={(on) => ask({ vulnerable: on || undefined })} label={t('software.vulnerable_only')} />
            <div className="w-40"><Input aria-label={t('software.find')} placeholder={t('software.find')} value={text} onChange={(event) => { setText(event.target.value); ask({ q: event.target.value.trim() === '' ? undefined : event.target.value.trim() }) }} /></div>
            {can('asset.edit') && <Button size="sm" icon={<Upload aria-hidden />} onClick={() => setUploading(true)}>{t('software.upload')}</Button>}
          </>
        }
        flush
      >
        {state.loading ? <SkeletonRows count={8} /> : (
          <div aria-busy={stale}>
            <Table
              label={t('software.title')}
              rows={rows}
              rowKey={(row) => row.id}
              empty={nothing
                ? <EmptyState icon={<Package />} title={t('software.none')} actions={can('asset.edit') && <Button look="primary" icon={<Upload aria-hidden />} onClick={() => setUploading(true)}>{t('software.upload')}</Button>}>{t('software.none_text')}</EmptyState>
                : <EmptyState small title={t('kit.nothing_matches')} />}
              columns={[
                { id: 'name', header: t('column.name'), wide: true, cell: (row) => <span className="[overflow-wrap:anywhere]"><span className="font-medium">{row.name.replace(':', row.ecosystem === 'cpe' ? ' ' : ':')}</span> <span className="tabular">{row.version}</span>{row.source !== null && row.source !== row.name && <span className="block text-xs text-faint">{t('software.from_source', { source: row.source })}</span>}</span> },
                { id: 'found', header: t('kb.vulnerabilities'), cell: (row) => (row.vulnerabilities === 0 ? <span className="text-faint">–</span> : <span className="inline-flex items-center gap-2 whitespace-nowrap"><SeverityMark level={row.worst} /><TextLink to="/findings" search={{ q: `asset:${asset.id} package:${quoteValue(row.name.split(':').at(-1)!)}` }} className="tabular">{formatNumber(row.vulnerabilities)}</TextLink></span>) },
                { id: 'ecosystem', header: t('software.ecosystem'), cell: (row) => <span className="whitespace-nowrap text-muted">{row.ecosystem === 'cpe' ? t('software.service') : row.ecosystem}</span> },
                { id: 'origin', header: t('software.origin'), hideNarrow: true, cell: (row) => <span className="whitespace-nowrap text-muted">{row.origins.map((one) => one.origin).join(', ')}</span> },
                { id: 'last', header: t('column.last'), align: 'right', hideNarrow: true, cell: (row) => <RelativeTime at={row.origins.map((one) => one.lastSeenAt).toSorted().at(-1)} /> },
              ]}
            />
          </div>
        )}
        {state.more && <div className="border-t border-line p-3"><Button size="sm" onClick={onMore} busy={state.loadingMore}>{t('kit.more')}</Button></div>}
      </Section>
      {uploading && <PackagesDialog asset={asset} onClose={() => setUploading(false)} />}
    </>
  )
}
