import { Play } from 'lucide-react'
import { TimeSeries } from '#ui/charts/time-series.tsx'
import { Button } from '#ui/kit/button.tsx'
import { Grid, Page, PageHeader, Section } from '#ui/kit/page.tsx'
import { StatTile } from '#ui/kit/stat-tile.tsx'
import type { Session } from '#ui/lib/session.ts'
import { Shell } from '../shell/shell.tsx'

const session: Session = {
  person: { id: 'u', name: 'Ada Lovelace', email: 'ada@example.org', secondFactor: true, recoveryCodes: 8 },
  scope: null,
  organisation: { id: 'o1', name: 'Example Bank', role: 'manager' },
  organisations: [{ id: 'o1', name: 'Example Bank', role: 'manager' }, { id: 'o2', name: 'Example Insurance', role: 'reader' }],
  actions: ['finding.read', 'asset.read', 'scan.read', 'scan.launch', 'kb.read', 'report.read', 'report.create', 'asset.edit', 'schedule.edit'],
}
const days = Array.from({ length: 30 }, (_, index) => Date.now() - (29 - index) * 86_400_000)
const series = [{ label: 'Open', ink: 'accent-ink', values: days.map((_, index) => 40 + Math.round(10 * Math.sin(index / 4))) }]

export function ShellPart() {
  return (
    <Shell session={session} onSwitch={() => {}} onSignOut={() => {}} search={() => Promise.resolve([])}>
      <Page>
        <PageHeader title="Home" actions={<Button look="primary" icon={<Play aria-hidden />}>Start a scan</Button>} />
        <Grid columns={4}>
          <StatTile label="Worse since yesterday" value={12} change={12} />
          <StatTile label="Open findings" value={432} />
          <StatTile label="Not looked at" value={38} />
          <StatTile label="Running now" value={1} />
        </Grid>
        <Section title="Trend"><TimeSeries label="Open findings" times={days} series={series} daily /></Section>
      </Page>
    </Shell>
  )
}
