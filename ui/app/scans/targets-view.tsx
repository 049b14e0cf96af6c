import type { Scan } from '#api/rest/scans/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { CodeBlock } from '#ui/kit/evidence.tsx'
import { Section, Stack } from '#ui/kit/page.tsx'
import { Table } from '#ui/kit/table.tsx'
import { formatNumber } from '#ui/lib/format.ts'

/** What was asked for, and what of it was left out and why. */
export function TargetsView({ scan }: { scan: Scan }) {
  return (
    <Stack>
      <Section title={t('scans.asked')}><CodeBlock label={t('scans.asked')} text={scan.targetsFull} tall /></Section>
      <Section title={t('scans.left_out')} detail={t('scans.left_out_detail')} flush>
        <Table
          label={t('scans.left_out')}
          rows={scan.dropped}
          rowKey={(row) => `${row.target}-${row.reason}`}
          empty={<EmptyState small title={t('scans.none_left_out')} />}
          columns={[
            { id: 'target', header: t('scans.target'), cell: (row) => <span className="tabular font-medium">{row.target}</span> },
            { id: 'reason', header: t('scans.why'), cell: (row) => word('dropped', row.reason) },
            { id: 'text', header: '', wide: true, hideNarrow: true, cell: (row) => <span className="text-muted">{row.text}</span> },
            { id: 'count', header: t('column.addresses'), align: 'right', cell: (row) => formatNumber(row.count) },
          ]}
        />
        {scan.droppedCount > scan.dropped.length && <p className="border-t border-line px-4 py-2 text-xs text-muted">{t('scans.left_out_more', { n: scan.droppedCount - scan.dropped.length })}</p>}
      </Section>
    </Stack>
  )
}
