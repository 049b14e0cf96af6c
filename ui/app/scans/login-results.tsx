import { useQuery } from '@tanstack/react-query'
import type { AssetLogins, ScanLogins } from '#api/rest/credentials/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { NameLink } from '#ui/kit/link.tsx'
import { Section } from '#ui/kit/page.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'

const looks = { 'passed': 'done', 'failed': 'failed', 'insufficient': 'partial', 'not attempted': 'ignored' } as const
const chip = (outcome: keyof typeof looks) => <StatusChip status={looks[outcome]} label={word('login_outcome', outcome)} />

/** How logging in went in a scan; nothing where no record was meant for its hosts. */
export function ScanLoginResults({ scan }: { scan: string }) {
  const found = useQuery({ queryKey: ['scan', scan, 'logins'], queryFn: () => api.get<ScanLogins>(`/scans/${scan}/logins`) })
  if (found.data === undefined || found.data.items.length === 0) return null
  const { passed, insufficient, failed, notAttempted } = found.data.hosts
  return (
    <Section title={t('logins.title')} detail={<span className="text-sm text-muted">{t('logins.counts', { passed, insufficient, failed, none: notAttempted })}</span>} flush>
      <Table
        label={t('logins.title')} rows={found.data.items} rowKey={(row) => `${row.assetId}${row.record}`}
        columns={[
          { id: 'host', header: t('column.host'), lead: true, cell: (row) => <NameLink to="/assets/$id" params={{ id: row.assetId }} className="tabular font-medium">{row.address}</NameLink> },
          { id: 'outcome', header: t('logins.outcome'), cell: (row) => chip(row.outcome) },
          { id: 'record', header: t('logins.record'), cell: (row) => <span className="block sm:min-w-40">{row.title ?? '–'}</span> },
          { id: 'why', header: t('scans.why'), wide: true, cell: (row) => <span className="text-muted">{row.why}</span> },
        ]}
      />
    </Section>
  )
}

/** How logging in to a host last went. */
export function AssetLoginResults({ asset }: { asset: string }) {
  const found = useQuery({ queryKey: ['asset', asset, 'logins'], queryFn: () => api.get<AssetLogins>(`/assets/${asset}/logins`) })
  if (found.data === undefined || found.data.items.length === 0) return null
  return (
    <Section title={t('logins.title')} flush>
      <Table
        label={t('logins.title')} rows={found.data.items} rowKey={(row) => row.record}
        columns={[
          { id: 'record', header: t('logins.record'), lead: true, cell: (row) => row.title ?? '–' },
          { id: 'outcome', header: t('logins.outcome'), cell: (row) => chip(row.outcome) },
          { id: 'why', header: t('scans.why'), wide: true, cell: (row) => <span className="text-muted">{row.why}</span> },
          { id: 'at', header: t('logins.at'), cell: (row) => <RelativeTime at={row.at} /> },
        ]}
      />
    </Section>
  )
}
