import { stringify } from 'csv-stringify/sync'
import { findingSarif } from './finding-sarif.ts'
import { findingText } from './finding-text.ts'
import type { FindingLine, FindingWriter } from './finding-line.ts'

export const scanFormats = ['text', 'jsonl', 'json', 'sarif', 'csv'] as const
export type ScanFormat = (typeof scanFormats)[number]

export function findingWriter(format: ScanFormat): FindingWriter {
  return { text: findingText, jsonl: findingJsonl, json: findingJson, sarif: findingSarif, csv: findingCsv }[format]()
}

/** One object a line, and nothing else. */
export function findingJsonl(): FindingWriter {
  return { begin: () => '', finding: (line) => `${JSON.stringify(line)}\n`, host: () => '', end: () => '' }
}

/** One document: the findings, then what was and was not tested. */
export function findingJson(): FindingWriter {
  let first = true
  return {
    begin: () => '{"findings":[',
    finding(line) {
      const text = `${first ? '\n' : ',\n'}${JSON.stringify(line)}`
      first = false
      return text
    },
    host: () => '',
    end: (summary) => `\n],"summary":${JSON.stringify(summary)}}\n`,
  }
}

const columns: readonly (readonly [name: string, value: (line: FindingLine) => string | number])[] = [
  ['ip', (line) => line.ip],
  ['host', (line) => line.host],
  ['port', (line) => line.port ?? ''],
  ['proto', (line) => line.proto ?? ''],
  ['id', (line) => line.id],
  ['title', (line) => line.title],
  ['severity', (line) => line.severity],
  ['type', (line) => line.type],
  ['class', (line) => line.class],
  ['cve', (line) => line.cve.join(' ')],
  ['cvss', (line) => line.cvss ?? ''],
  ['url', (line) => line.url ?? ''],
  ['result', (line) => line.evidence.result],
  ['sent', (line) => line.evidence.sent],
  ['received', (line) => line.evidence.received],
  ['solution', (line) => line.solution],
]

/** RFC 4180; a cell that a spreadsheet would run as a formula is quoted by an apostrophe. */
export function findingCsv(): FindingWriter {
  const row = (cells: readonly (string | number)[]): string => stringify([[...cells]], { record_delimiter: 'windows', escape_formulas: true })
  return {
    begin: () => row(columns.map(([name]) => name)),
    finding: (line) => row(columns.map(([, value]) => value(line))),
    host: () => '',
    end: () => '',
  }
}
