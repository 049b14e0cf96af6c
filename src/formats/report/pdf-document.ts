import { severityChart, trendChart } from './charts.ts'
import { day, minute, placeOf, severityColours, severityName, severityNames, type ReportFinding, type ReportHead } from './model.ts'

type Node = Readonly<Record<string, unknown>> | string

/** A PDF is read by people: it shows this many findings in full, and says how many more there are. */
export const mostInPdf = 3000

/** The pdfmake document of a report: plain data, so that it can be handed to the worker that lays it out. */
export function pdfDocument(head: ReportHead, findings: readonly ReportFinding[]): Record<string, unknown> {
  const open = head.open.reduce((sum, count) => sum + count, 0)
  const content: Node[] = [
    { text: plain(head.title), style: 'title' },
    { text: plain(`${head.organisation} · ${head.scope}`), style: 'soft' },
    { text: `${minute(head.generated)} · by ${plain(head.generatedBy)} · KnowledgeBase ${head.release.slice(0, 12)}`, style: 'soft', margin: [0, 0, 0, 16] },
    {
      text: [
        { text: `${open.toLocaleString('en-US')} open findings`, bold: true },
        ` on ${head.coverage.tested} tested hosts of ${head.coverage.hosts}: ${head.status.new} new, ${head.status.reopened} re-opened, ${head.status.active} active. ${head.status.fixed} are fixed, ${head.ignored} ignored.`,
      ],
      margin: [0, 0, 0, 12],
    },
    {
      columns: [
        { stack: [heading('Open by severity'), { svg: severityChart(head.open, 300), width: 246 }], width: 246 },
        head.trend.length > 1
          ? { stack: [heading('Severity 3 and above, by day'), { svg: trendChart(head.trend, 300), width: 246 }], width: '*' }
          : { text: '', width: '*' },
      ],
      columnGap: 14,
    },
    heading('What was tested'),
    `${head.coverage.tested} of ${head.coverage.hosts} hosts${head.coverage.lastTested === null ? '' : `, last on ${minute(head.coverage.lastTested)}`}. What was not tested is not called clean.`,
    ...(head.coverage.notTested.length === 0 ? [] : [grid(['*', 'auto'], ['Not tested because', 'Hosts'], head.coverage.notTested.map((row) => [plain(row.reason), number(row.hosts)]))]),
    heading('Fix these first'),
    head.fixes.length === 0
      ? { text: 'Nothing is open.', style: 'soft' }
      : grid(['*', 'auto', 'auto', 'auto'], ['Check', 'Severity', 'Hosts', 'Share of risk'], head.fixes.map((fix) => [plain(`${fix.title} (${fix.signature})`), mark(fix.severity), number(fix.hosts), number(`${Math.round(fix.share * 100)} %`)])),
    heading('Hosts by risk'),
    head.hosts.length === 0
      ? { text: 'No host was tested yet.', style: 'soft' }
      : grid(['*', 'auto', ...severityNames.map(() => 'auto')], ['Host', 'Risk', ...severityNames.toReversed()], head.hosts.map((host) => [plain(host.name), number(host.risk), ...host.open.toReversed().map(number)])),
  ]
  if (head.kind === 'technical') {
    content.push({ text: 'Findings', style: 'heading', pageBreak: 'before' })
    if (findings.length === 0) content.push({ text: `No findings in ${plain(head.scope)}. What was tested stands on the first page.`, style: 'soft' })
    for (const finding of findings) content.push(...findingNodes(finding))
    if (head.count > findings.length) {
      content.push({ text: `${(head.count - findings.length).toLocaleString('en-US')} findings more are not shown: a PDF holds ${mostInPdf}. Take HTML, CSV, XLSX or JSON for all.`, bold: true, margin: [0, 12, 0, 0] })
    }
  }
  return {
    pageSize: 'A4',
    pageMargins: [44, 44, 44, 52],
    info: { title: plain(head.title), author: plain(head.organisation), creator: 'Vigil' },
    content,
    defaultStyle: { font: 'Sans', fontSize: 9, lineHeight: 1.25, color: '#0f172a' },
    styles: {
      title: { fontSize: 20, bold: true },
      heading: { fontSize: 12, bold: true, margin: [0, 18, 0, 6] },
      soft: { color: '#64748b' },
      label: { color: '#64748b', fontSize: 8 },
      code: { font: 'Mono', fontSize: 7 },
      head: { color: '#64748b', fontSize: 8, bold: true },
    },
  }
}

function findingNodes(finding: ReportFinding): Node[] {
  const line = (name: string, value: string): Node[] =>
    value === '' ? [] : [{ columns: [{ text: name, style: 'label', width: 60 }, { text: runs(plain(value)), width: '*' }], columnGap: 8, margin: [0, 1, 0, 1] }]
  const proof = (text: string | null): Node[] =>
    text === null || text === '' ? [] : [{ table: { widths: ['*'], body: [[{ text: plain(cut(text, 1200)), style: 'code', preserveLeadingSpaces: true }]] }, layout: 'proof', margin: [0, 1, 0, 2]}]
  const labelled = (name: string, text: string | null): Node[] => proof(text).flatMap((node) => [{ columns: [{ text: name, style: 'label', width: 60 }, { ...(node as object), width: '*' }], columnGap: 8, margin: [0, 1, 0, 1] }])
  return [
    { text: plain(finding.title), bold: true, fontSize: 11, margin: [0, 14, 0, 2], headlineLevel: 1 },
    { text: [{ text: `${finding.severity} ${severityName(finding.severity)}`, bold: true, color: severityColours[finding.severity - 1] }, { text: plain(`   ${placeOf(finding)} · ${finding.type} · ${finding.status}${finding.ignored ? ' · ignored' : ''} · check ${finding.signature}`), color: '#64748b' }], margin: [0, 0, 0, 4] },
    ...line('Result', finding.result),
    ...line('Note', finding.note ?? ''),
    ...line('CVE', finding.cve.join(', ')),
    ...line('CVSS', finding.cvss === null ? '' : `${finding.baseScore?.toFixed(1) ?? ''} ${finding.cvss}`),
    ...line('Found', `${day(finding.first)} – ${day(finding.last)}`),
    ...line('Threat', finding.threat),
    ...line('Impact', finding.impact),
    ...line('Solution', finding.solution),
    ...labelled('Sent', finding.sent),
    ...labelled('Received', finding.received),
  ]
}

/** `code` in texts of the KnowledgeBase is set as code. */
function runs(text: string): Node[] {
  return text.split(/(`[^`\n]{1,200}`)/).filter((part) => part !== '').map((part) => (part.length > 2 && part.startsWith('`') && part.endsWith('`') ? { text: part.slice(1, -1), font: 'Mono', fontSize: 8 } : { text: part }))
}

function heading(text: string): Node {
  return { text, style: 'heading' }
}

function number(value: string | number): Node {
  return { text: typeof value === 'number' ? value.toLocaleString('en-US') : value, alignment: 'right' }
}

function mark(severity: 1 | 2 | 3 | 4 | 5): Node {
  return { text: `${severity} ${severityName(severity)}`, color: severityColours[severity - 1], bold: true }
}

function grid(widths: readonly string[], head: readonly string[], rows: readonly (readonly Node[])[]): Node {
  return { table: { headerRows: 1, widths, body: [head.map((text, index) => ({ text, style: 'head', ...(index > 0 ? { alignment: 'right' } : {}) })), ...rows] }, layout: 'grid', margin: [0, 2, 0, 0] }
}

/** pdfkit chokes on control characters, and bidirectional marks could disguise a host's name. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
