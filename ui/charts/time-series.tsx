import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatCompact, formatDate, formatDateTime } from '#ui/lib/format.ts'
import { token, useShownTheme } from '#ui/lib/theme.ts'

export type Series = Readonly<{ label: string; values: readonly (number | null)[]; /** Token: `sev-5`, `accent`. */ ink: string }>

/**
 * Numbers over time. `times` in Unix ms. Stacked areas add up to the whole: what stands above what is given by order, the first
 * on top. The table behind it holds the same numbers for those who can't see it.
 */
export function TimeSeries({ times, series, label, stacked = false, height = 220, daily = false }: {
  times: readonly number[]
  series: readonly Series[]
  label: string
  stacked?: boolean
  height?: number
  daily?: boolean
}) {
  const box = useRef<HTMLDivElement>(null)
  const theme = useShownTheme()
  const [hover, setHover] = useState<number | null>(null)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const ordered = stacked ? series.toReversed() : series
    const running = times.map(() => 0)
    const drawn = ordered.map((one) => one.values.map((value, index) => {
      if (!stacked) return value
      running[index] = running[index]! + (value ?? 0)
      return running[index]!
    }))
    // The highest sum is drawn first, so that lower ones lie over it.
    const order = stacked ? drawn.map((_, index) => drawn.length - 1 - index) : drawn.map((_, index) => index)
    const faint = token('faint')
    const line = token('line')
    const font = '11px "Inter Variable", sans-serif'
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
        legend: { show: false },
        scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.08)] } },
        axes: [
          { stroke: faint, font, grid: { show: false }, ticks: { show: false }, size: 26, space: 70, values: (_plot, splits) => splits.map((at) => (daily ? formatDate(at * 1000).replace(/ \d{4}$/, '') : new Date(at * 1000).toTimeString().slice(0, 5))) },
          { stroke: faint, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 40, space: 36, values: (_plot, splits) => splits.map((value) => formatCompact(value)) },
        ],
        series: [
          {},
          ...order.map((at): uPlot.Series => {
            const ink = token(ordered[at]!.ink)
            return { label: ordered[at]!.label, stroke: stacked ? token('surface') : ink, width: stacked ? 1 : 1.75, fill: stacked ? ink : undefined, points: { show: times.length === 1 }, spanGaps: true }
          }),
        ],
        hooks: { setCursor: [(self) => setHover(self.cursor.idx ?? null)] },
      },
      [times.map((at) => at / 1000), ...order.map((at) => drawn[at]! as (number | null)[])],
      element,
    )
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [times, series, stacked, height, daily, theme])

  const at = hover ?? times.length - 1
  return (
    <figure className="relative flex flex-col gap-2 overflow-clip">
      <figcaption className="flex min-h-4 flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        {series.map((one) => (
          <span key={one.label} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2 rounded-xs" style={{ background: `var(--${one.ink})` }} />
            {one.label}
            <span className="tabular font-medium text-ink">{one.values[at] === null || one.values[at] === undefined ? '–' : formatCompact(one.values[at])}</span>
          </span>
        ))}
        <span className="tabular ml-auto text-faint">{times[at] === undefined ? '' : daily ? formatDate(times[at]) : formatDateTime(times[at])}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={label} style={{ height }} />
      <table className="sr-only">
        <caption>{label}</caption>
        <thead><tr><th scope="col">Time</th>{series.map((one) => <th key={one.label} scope="col">{one.label}</th>)}</tr></thead>
        <tbody>
          {times.slice(-30).map((time, index) => (
            <tr key={time}><th scope="row">{formatDateTime(time)}</th>{series.map((one) => <td key={one.label}>{one.values[Math.max(0, times.length - 30) + index] ?? ''}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
