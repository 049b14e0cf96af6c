import { Worker } from 'node:worker_threads'
import { mostInPdf, pdfDocument } from './pdf-document.ts'
import type { Report, ReportFinding } from './model.ts'

/** Lays out in a worker thread: a long report must not stop the console from answering. Bounded in findings, time and memory. */
export async function* reportPdf(report: Report): AsyncGenerator<Uint8Array> {
  const findings: ReportFinding[] = []
  if (report.head.kind === 'technical') {
    for await (const finding of report.findings()) {
      findings.push(finding)
      if (findings.length >= mostInPdf) break
    }
  }
  yield await layOut(pdfDocument(report.head, findings))
}

function layOut(document: Record<string, unknown>): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./pdf-worker.ts', import.meta.url), { workerData: document, resourceLimits: { maxOldGenerationSizeMb: 1024 } })
    const clock = setTimeout(() => {
      void worker.terminate()
      reject(new Error('The PDF was not laid out within 300 s'))
    }, 300_000)
    worker.once('message', (bytes: Uint8Array) => resolve(bytes))
    worker.once('error', reject)
    worker.once('exit', (code) => {
      clearTimeout(clock)
      if (code !== 0) reject(new Error(`The PDF worker ended with ${code}`))
    })
  })
}
