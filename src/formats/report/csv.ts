import { stringify } from 'csv-stringify'
import { Readable } from 'node:stream'
import type { Report, ReportFinding } from './model.ts'

export const columns: readonly (readonly [name: string, value: (finding: ReportFinding) => string | number])[] = [
  ['id', (row) => row.id],
  ['host', (row) => row.host],
  ['address', (row) => row.address],
  ['port', (row) => row.port ?? ''],
  ['protocol', (row) => row.proto ?? ''],
  ['instance', (row) => row.instance],
  ['check', (row) => row.signature],
  ['title', (row) => row.title],
  ['category', (row) => row.category],
  ['severity', (row) => row.severity],
  ['type', (row) => row.type],
  ['status', (row) => row.status],
  ['ignored', (row) => (row.ignored ? 'yes' : 'no')],
  ['cve', (row) => row.cve.join(' ')],
  ['cwe', (row) => row.cwe.join(' ')],
  ['cvss', (row) => row.cvss ?? ''],
  ['base score', (row) => row.baseScore ?? ''],
  ['score', (row) => row.score],
  ['first found', (row) => new Date(row.first).toISOString()],
  ['last found', (row) => new Date(row.last).toISOString()],
  ['fixed', (row) => (row.fixed === null ? '' : new Date(row.fixed).toISOString())],
  ['result', (row) => row.result],
  ['threat', (row) => row.threat],
  ['impact', (row) => row.impact],
  ['solution', (row) => row.solution],
]

/** RFC 4180 with a byte-order mark, so that spreadsheets read UTF-8; cells that a spreadsheet would run as a formula are quoted by an apostrophe. */
export async function* reportCsv(report: Report): AsyncGenerator<Uint8Array> {
  const writer = stringify({ bom: true, record_delimiter: 'windows', escape_formulas: true, header: true, columns: columns.map(([name]) => name) })
  const rows = Readable.from(rowsOf(report))
  rows.on('error', (error) => writer.destroy(error))
  yield* rows.pipe(writer) as AsyncIterable<Uint8Array>
}

async function* rowsOf(report: Report): AsyncGenerator<(string | number)[]> {
  for await (const finding of report.findings()) yield columns.map(([, value]) => value(finding))
}
