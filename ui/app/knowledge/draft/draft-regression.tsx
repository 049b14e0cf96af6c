import type { Regression } from '#api/rest/kb/draft-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { Section } from '#ui/kit/page.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Table } from '#ui/kit/table.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { formatDuration, formatNumber } from '#ui/lib/format.ts'

/** What the draft does to every fixture: its own, and those of all other checks. */
export function DraftRegression({ regression, stale }: { regression: Regression | null; stale: boolean }) {
  return (
    <Section
      title={t('drafts.regression')}
      detail={regression === null ? undefined : <>{t('drafts.regression_line', { fixtures: formatNumber(regression.fixtures), n: regression.fixtures, failures: regression.failures })} · {formatDuration(regression.ms)} · <RelativeTime at={regression.at} /></>}
      flush
    >
      {stale && <p className="border-b border-line bg-warn-soft px-4 py-2 text-sm">{t('drafts.regression_stale')}</p>}
      {regression === null ? <EmptyState small title={t('drafts.no_regression')}>{t('drafts.no_regression_text')}</EmptyState> : (
        <Table
          label={t('drafts.regression')}
          rows={regression.rows}
          rowKey={(row) => `${row.check}-${row.fixture}`}
          columns={[
            { id: 'passed', header: t('assets.result'), cell: (row) => <StatusChip status={row.passed ? 'done' : 'failed'} label={row.passed ? t('drafts.passed') : t('drafts.failed')} /> },
            { id: 'fixture', header: t('drafts.fixture'), cell: (row) => <span className="font-mono text-xs whitespace-nowrap">{row.fixture}</span> },
            { id: 'text', header: t('drafts.what_happened'), wide: true, cell: (row) => <span className="[overflow-wrap:anywhere]">{row.text}{row.file !== null && <span className="block font-mono text-2xs text-faint">{row.file}</span>}</span> },
            { id: 'expected', header: t('drafts.expected'), cell: (row) => <span className="whitespace-nowrap text-muted">{word('fixture', row.expected)}</span> },
            { id: 'got', header: t('drafts.got'), cell: (row) => <span className={row.passed ? 'whitespace-nowrap text-muted' : 'font-medium whitespace-nowrap'}>{word('fixture', row.got)}</span> },
          ]}
        />
      )}
    </Section>
  )
}
