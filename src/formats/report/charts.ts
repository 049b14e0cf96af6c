import { severityColours, severityNames, type ReportHead } from './model.ts'

/** Charts as SVG text, for HTML and PDF alike: no colour alone (labels stand beside), no script, no outside reference. */
export function severityChart(open: ReportHead['open'], width = 480): string {
  const most = Math.max(1, ...open)
  const rows = [5, 4, 3, 2, 1].map((severity, index) => {
    const count = open[severity - 1]!
    const length = Math.round((count / most) * (width - 190))
    const y = index * 26
    return `<text x="0" y="${y + 15}" font-size="11" fill="#334155">${severity} ${severityNames[severity - 1]}</text>` +
      `<rect x="90" y="${y + 3}" width="${Math.max(count > 0 ? 2 : 0, length)}" height="16" rx="3" fill="${severityColours[severity - 1]}"/>` +
      `<text x="${96 + length}" y="${y + 15}" font-size="11" fill="#334155">${count.toLocaleString('en-US')}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="132" viewBox="0 0 ${width} 132" font-family="DejaVuSans, sans-serif">${rows.join('')}</svg>`
}

export function trendChart(trend: ReportHead['trend'], width = 480): string {
  const height = 120
  const most = Math.max(1, ...trend.map((point) => point.open))
  const step = trend.length > 1 ? (width - 50) / (trend.length - 1) : 0
  const points = trend.map((point, index) => [40 + index * step, 10 + (1 - point.open / most) * (height - 40)] as const)
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  const last = points.at(-1)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVuSans, sans-serif">` +
    `<line x1="40" y1="${height - 30}" x2="${width - 10}" y2="${height - 30}" stroke="#cbd5e1"/>` +
    `<text x="0" y="16" font-size="10" fill="#64748b">${most.toLocaleString('en-US')}</text><text x="0" y="${height - 27}" font-size="10" fill="#64748b">0</text>` +
    (points.length > 1 ? `<polyline points="${line}" fill="none" stroke="#4f46e5" stroke-width="2"/>` : '') +
    (last === undefined ? '' : `<circle cx="${last[0].toFixed(1)}" cy="${last[1].toFixed(1)}" r="3" fill="#4f46e5"/>`) +
    `<text x="40" y="${height - 12}" font-size="10" fill="#64748b">${trend[0]?.day ?? ''}</text>` +
    `<text x="${width - 10}" y="${height - 12}" font-size="10" fill="#64748b" text-anchor="end">${trend.at(-1)?.day ?? ''}</text></svg>`
}
