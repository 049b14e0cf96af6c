import type { Report } from './model.ts'

const encoder = new TextEncoder()

/** `{ "report": head, "findings": [ … ] }`, streamed. Times in Unix ms, as in the head. */
export async function* reportJson(report: Report): AsyncGenerator<Uint8Array> {
  yield encoder.encode(`{"report":${JSON.stringify(report.head)},\n"findings":[`)
  let first = true
  for await (const finding of report.findings()) {
    yield encoder.encode(`${first ? '\n' : ',\n'}${JSON.stringify(finding)}`)
    first = false
  }
  yield encoder.encode('\n]}\n')
}
