import { useState } from 'react'
import { Bars } from '#ui/charts/bars.tsx'
import { Donut } from '#ui/charts/donut.tsx'
import { HostMatrix, type MatrixHost } from '#ui/charts/host-matrix.tsx'
import { SeverityBar, SeverityNumbers } from '#ui/charts/severity-bar.tsx'
import { Sparkline } from '#ui/charts/sparkline.tsx'
import { TimeSeries } from '#ui/charts/time-series.tsx'
import { WeekBars } from '#ui/charts/week-bars.tsx'
import { Grid, Row, Section, Stack } from '#ui/kit/page.tsx'
import { severityName, type SeverityLevel } from '#ui/kit/severity.tsx'

const days = Array.from({ length: 60 }, (_, index) => Date.now() - (59 - index) * 86_400_000)
const wave = (base: number, swing: number, phase: number) => days.map((_, index) => Math.max(0, Math.round(base + swing * Math.sin(index / 7 + phase) - index * base * 0.004)))
const stack = ([5, 4, 3, 2, 1] as const).map((level, index) => ({ label: severityName(level), ink: `sev-${level}`, values: wave([8, 24, 60, 90, 40][index]!, [3, 6, 10, 12, 5][index]!, index) }))
const lines = [{ label: 'Hosts a minute', ink: 'accent-ink', values: wave(42, 8, 0) }]
const counts = { 5: 7, 4: 31, 3: 120, 2: 210, 1: 64 }
const states = ['waiting', 'scanning', 'scanned', 'dead', 'partial', 'scanned', 'scanned'] as const
const hosts: readonly MatrixHost[] = Array.from({ length: 320 }, (_, index) => {
  const state = index > 210 ? 'waiting' : index > 190 ? 'scanning' : states[1 + ((index * 7) % 6)]!
  return { id: `h${index}`, name: `127.0.0.${index}`, state, severity: (state === 'scanned' && index % 4 === 0 ? 1 + ((index / 4) % 5) : 0) as SeverityLevel | 0 }
})
const sevFill = { 5: 'var(--sev-5)', 4: 'var(--sev-4)', 3: 'var(--sev-3)', 2: 'var(--sev-2)', 1: 'var(--sev-1)' }

const weeks = [24, 26, 12, 0, 28, 25].map((value, index) => ({ id: `w${index}`, short: `${2 + index * 7} Nov`, value }))

export function ChartsPart() {
  const [week, setWeek] = useState('w5')
  return (
    <>
      <Section title="Open findings by severity" detail="60 days"><TimeSeries label="Open findings by severity over 60 days" times={days} series={stack} stacked daily /></Section>
      <Grid columns="half">
        <Section title="Line"><TimeSeries label="Hosts a minute" times={days} series={lines} height={160} daily /></Section>
        <Section title="Severity bar">
          <Stack>
            <SeverityBar counts={counts} legend />
            <SeverityBar counts={{ 5: 1, 4: 0, 3: 4, 2: 0, 1: 900 }} />
            <SeverityBar counts={{ 5: 0, 4: 0, 3: 0, 2: 0, 1: 0 }} />
            <SeverityNumbers counts={counts} />
            <Row><Sparkline label="Trend" values={wave(20, 5, 1)} /><Sparkline label="Trend" values={[1, 2, 2, 5, 9, 8, 12]} /></Row>
          </Stack>
        </Section>
        <Section title="Bars">
          <Bars label="Commonest findings" unit="hosts" bars={[{ id: 'a', label: 'TLS certificate has expired', value: 128 }, { id: 'b', label: 'Server tells its version', value: 96 }, { id: 'c', label: 'Directory listing is on', value: 41 }, { id: 'd', label: 'Redis answers without a password', value: 3 }]} />
        </Section>
        <Section title="Donut">
          <Donut label="Findings" middle={<><span className="tabular text-xl font-semibold">432</span><span className="text-2xs text-faint">open</span></>} shares={([5, 4, 3, 2, 1] as const).map((level) => ({ id: String(level), label: severityName(level), value: counts[level], fill: sevFill[level] }))} />
        </Section>
      </Grid>
      <Section title="Week bars"><WeekBars label="Updates a week" unit="updates, week of" bars={weeks} chosen={week} onChoose={setWeek} /></Section>
      <Section title="Host matrix"><HostMatrix label="Hosts of the scan" hosts={hosts} onOpen={() => {}} /></Section>
    </>
  )
}
