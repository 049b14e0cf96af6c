import { writeXlsxStream } from 'hucre/xlsx'
import { columns } from './csv.ts'
import { minute, severityNames, type Report } from './model.ts'

/** A sheet holds at most 1,048,576 rows; the head says when findings were left out. */
const most = 1_048_000
/** A cell holds at most 32,767 characters. */
const mostCell = 32_000

export async function* reportXlsx(report: Report): AsyncGenerator<Uint8Array> {
  const stream = writeXlsxStream(rows(report), { name: 'Findings', columns: columns.map(([name]) => ({ header: name, width: widthOf(name) })), freezePane: { rows: 1 } } as never)
  yield* stream as unknown as AsyncIterable<Uint8Array>
}

async function* rows(report: Report): AsyncGenerator<(string | number)[]> {
  let count = 0
  for await (const finding of report.findings()) {
    if (++count > most) {
      yield [`${report.head.count - most} findings more: a sheet cannot hold them. Take CSV or JSON.`]
      return
    }
    yield columns.map(([name, value]) => {
      if (name === 'severity') return `${finding.severity} ${severityNames[finding.severity - 1]}`
      const cell = value(finding)
      return typeof cell === 'string' && cell.length > mostCell ? `${cell.slice(0, mostCell)}…` : cell
    })
  }
  if (count === 0) yield [`No findings in ${report.head.scope}, ${minute(report.head.generated)}`]
}

function widthOf(name: string): number {
  return { id: 38, title: 60, result: 70, threat: 60, impact: 60, solution: 80, host: 28, address: 20, instance: 30 }[name] ?? 14
}
