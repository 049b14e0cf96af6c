import { reportCsv } from './csv.ts'
import { reportHtml } from './html.ts'
import { reportJson } from './json.ts'
import type { Report } from './model.ts'
import { reportPdf } from './pdf.ts'
import { reportSarif } from './sarif.ts'
import { reportXlsx } from './xlsx.ts'

export type ReportFormat = 'html' | 'pdf' | 'csv' | 'xlsx' | 'json' | 'sarif'

export const reportFormats: Readonly<Record<ReportFormat, Readonly<{ type: string; write: (report: Report) => AsyncIterable<Uint8Array> }>>> = {
  html: { type: 'text/html; charset=utf-8', write: reportHtml },
  pdf: { type: 'application/pdf', write: reportPdf },
  csv: { type: 'text/csv; charset=utf-8', write: reportCsv },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: reportXlsx },
  json: { type: 'application/json', write: reportJson },
  sarif: { type: 'application/sarif+json', write: reportSarif },
}
