import { severityChart, trendChart } from './charts.ts'
import { day, minute, placeOf, severityName, severityNames, type Report, type ReportFinding, type ReportHead } from './model.ts'

const encoder = new TextEncoder()

/** One self-contained page: no script, no outside reference, prints clean. Everything that came from a target is escaped. */
export async function* reportHtml(report: Report): AsyncGenerator<Uint8Array> {
  const { head } = report
  yield encoder.encode(start(head) + summary(head))
  if (head.kind === 'technical') {
    yield encoder.encode('<h2>Findings</h2>\n')
    let count = 0
    for await (const finding of report.findings()) {
      count++
      yield encoder.encode(article(finding))
    }
    if (count === 0) yield encoder.encode(`<p>No findings in ${escapeHtml(head.scope)}. What was tested stands above.</p>`)
  }
  yield encoder.encode(`<footer>Vigil · KnowledgeBase ${escapeHtml(head.release.slice(0, 12))} · not an ASV scan report</footer></main></body></html>\n`)
}

export function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/g, '\ufffd').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function start(head: ReportHead): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(head.title)}</title><style>
:root{color-scheme:light;--line:#e2e8f0;--soft:#64748b;--text:#0f172a}
*{box-sizing:border-box}body{margin:0;font:14px/1.5 Inter,system-ui,"DejaVu Sans",sans-serif;color:var(--text);background:#fff}
main{max-width:960px;margin:0 auto;padding:40px 24px}h1{font-size:26px;margin:0 0 4px;letter-spacing:-.01em}h2{font-size:18px;margin:36px 0 12px;border-bottom:1px solid var(--line);padding-bottom:6px}
h3{font-size:15px;margin:0}p{margin:6px 0}.soft{color:var(--soft)}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600;color:var(--soft);font-size:12px}
td.n,th.n{text-align:right}.two{display:grid;grid-template-columns:1fr 1fr;gap:24px}.two svg{max-width:100%;height:auto}article{border:1px solid var(--line);border-radius:8px;padding:16px;margin:12px 0;break-inside:avoid-page}
.tag{display:inline-block;border:1px solid currentColor;border-radius:999px;padding:0 8px;font-size:12px;font-weight:600;white-space:nowrap}
.s1{color:#475569}.s2{color:#1d4ed8}.s3{color:#b45309}.s4{color:#c2410c}.s5{color:#b91c1c}
dl{display:grid;grid-template-columns:110px 1fr;gap:4px 12px;margin:10px 0 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
pre{margin:4px 0;padding:8px 10px;background:#f8fafc;border:1px solid var(--line);border-radius:6px;font:12px/1.45 "DejaVu Sans Mono",ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:12px "DejaVu Sans Mono",ui-monospace,monospace;background:#f1f5f9;border-radius:4px;padding:0 3px}footer{margin-top:48px;color:var(--soft);font-size:12px}@media(max-width:640px){.two{grid-template-columns:1fr}dl{grid-template-columns:1fr}}@media print{main{padding:0;max-width:none}}
</style></head><body><main>
`
}

function summary(head: ReportHead): string {
  const open = head.open.reduce((sum, count) => sum + count, 0)
  const { coverage } = head
  const rows = (list: readonly string[]): string => list.join('\n')
  return `<h1>${escapeHtml(head.title)}</h1>
<p class="soft">${escapeHtml(head.organisation)} · ${escapeHtml(head.scope)} · ${minute(head.generated)} · by ${escapeHtml(head.generatedBy)}</p>
<p><strong>${open.toLocaleString('en-US')} open findings</strong> on ${coverage.tested.toLocaleString('en-US')} tested hosts of ${coverage.hosts.toLocaleString('en-US')}: ${head.status.new} new, ${head.status.reopened} re-opened, ${head.status.active} active. ${head.status.fixed} are fixed, ${head.ignored} ignored.</p>
<div class="two"><div><h2>Open by severity</h2>${severityChart(head.open)}</div><div><h2>Severity 3 and above, by day</h2>${head.trend.length > 1 ? trendChart(head.trend) : '<p class="soft">The trend begins with the second day.</p>'}</div></div>
<h2>What was tested</h2><p>${coverage.tested} of ${coverage.hosts} hosts${coverage.lastTested === null ? '' : `, last on ${minute(coverage.lastTested)}`}. What was not tested is not called clean.</p>
${coverage.notTested.length === 0 ? '' : `<table><thead><tr><th>Not tested because</th><th class="n">Hosts</th></tr></thead><tbody>${rows(coverage.notTested.map((row) => `<tr><td>${escapeHtml(row.reason)}</td><td class="n">${row.hosts}</td></tr>`))}</tbody></table>`}
<h2>Fix these first</h2>${head.fixes.length === 0 ? '<p class="soft">Nothing is open.</p>' : `<table><thead><tr><th>Check</th><th>Severity</th><th class="n">Hosts</th><th class="n">Share of risk</th></tr></thead><tbody>${rows(head.fixes.map((fix) => `<tr><td>${escapeHtml(fix.title)} <span class="soft">${fix.signature}</span></td><td><span class="tag s${fix.severity}">${fix.severity} ${severityName(fix.severity)}</span></td><td class="n">${fix.hosts}</td><td class="n">${Math.round(fix.share * 100)} %</td></tr>`))}</tbody></table>`}
<h2>Hosts by risk</h2>${head.hosts.length === 0 ? '<p class="soft">No host was tested yet.</p>' : `<table><thead><tr><th>Host</th><th class="n">Risk</th>${severityNames.toReversed().map((name) => `<th class="n">${name}</th>`).join('')}</tr></thead><tbody>${rows(head.hosts.map((host) => `<tr><td>${escapeHtml(host.name)}</td><td class="n">${host.risk}</td>${host.open.toReversed().map((count) => `<td class="n">${count}</td>`).join('')}</tr>`))}</tbody></table>`}
`
}

function article(finding: ReportFinding): string {
  const line = (name: string, value: string): string => (value === '' ? '' : `<dt>${name}</dt><dd>${value}</dd>`)
  const text = (value: string): string => escapeHtml(value).replace(/`([^`\n]{1,200})`/g, '<code>$1</code>').replace(/\n/g, '<br>')
  return `<article><h3>${escapeHtml(finding.title)}</h3>
<p><span class="tag s${finding.severity}">${finding.severity} ${severityName(finding.severity)}</span> <span class="soft">${escapeHtml(placeOf(finding))} · ${finding.type} · ${finding.status}${finding.ignored ? ' · ignored' : ''} · check ${finding.signature}</span></p>
<dl>${line('Result', text(finding.result))}${line('Note', text(finding.note ?? ''))}${line('CVE', escapeHtml(finding.cve.join(', ')))}${line('CVSS', escapeHtml(finding.cvss === null ? '' : `${finding.baseScore?.toFixed(1) ?? ''} ${finding.cvss}`))}${line('Found', `${day(finding.first)} – ${day(finding.last)}`)}${line('Threat', text(finding.threat))}${line('Impact', text(finding.impact))}${line('Solution', text(finding.solution))}</dl>
${finding.sent === null && finding.received === null ? '' : `<details open><summary class="soft">Proof</summary><pre>${escapeHtml(cut(finding.sent))}</pre><pre>${escapeHtml(cut(finding.received))}</pre></details>`}
</article>
`
}

function cut(text: string | null): string {
  const value = text ?? ''
  return value.length > 2000 ? `${value.slice(0, 2000)}…` : value
}
