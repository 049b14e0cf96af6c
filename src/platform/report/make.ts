import { reportFormats } from '#formats/report/formats.ts'
import type { ReportFinding } from '#formats/report/model.ts'
import type { FindingType, Severity } from '#core/signature.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import type { Store, Tx } from '#store/store.ts'
import type { Scope } from '../access/actor.ts'
import { scopeGroups, type ScopeGroups } from '../asset/scope.ts'
import { selectionOf } from '../finding/list.ts'
import { withLists } from '../kb/search-list-terms.ts'
import { publish } from '../live.ts'
import { readHead } from './head.ts'
import { readAnyReport, reportBlob, type ReportRow } from './report.ts'

export type MakeContext = Readonly<{ store: Store; blobs: BlobStore; release: string; now: () => number }>

/**
 * Makes a queued report. Safe to be done twice: a worker killed in the middle leaves no body behind, and the next one begins anew.
 * A failure is written to the report, for who waits for it, and thrown, for the queue to try again.
 */
export async function makeReport(context: MakeContext, which: Readonly<{ tenant: string; report: string }>, signal: AbortSignal): Promise<void> {
  const { store, blobs } = context
  const report = await store.write(which.tenant, async (tx) => {
    const row = await readAnyReport(tx, which.report)
    if (row !== null && row.state !== 'finished') await setState(tx, row.id, { state: 'running' })
    return row
  })
  // Deleted while it waited, or made by a worker whose word got lost.
  if (report === null || report.state === 'finished') return
  try {
    const made = await store.read(which.tenant, async (tx) => {
      // Laying out a PDF keeps the snapshot idle for longer than a forgotten transaction may be.
      await tx.sql`set local idle_in_transaction_session_timeout = '15min'`
      const scope = await scopeGroups(tx, report.scope as Scope)
      const now = new Date(context.now())
      const head = await readHead(tx, report, scope, context.release, now)
      let bytes = 0
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const part of reportFormats[report.format].write({ head, findings: () => findingsOf(tx, report, scope, now) })) {
          signal.throwIfAborted()
          bytes += part.length
          yield part
        }
      }
      await blobs.put(reportBlob(which.tenant, report.id), counted())
      return { bytes, findings: head.count }
    })
    await store.write(which.tenant, (tx) => setState(tx, report.id, { state: 'finished', ...made, at: new Date(context.now()) }))
  } catch (error) {
    const text = (error instanceof Error ? error.message : String(error)).slice(0, 400)
    await store.write(which.tenant, (tx) => setState(tx, report.id, { state: 'failed', failure: text }))
    throw error
  }
}

type Change = Readonly<{ state: 'running' }> | Readonly<{ state: 'failed'; failure: string }> | Readonly<{ state: 'finished'; bytes: number; findings: number; at: Date }>

async function setState(tx: Tx, id: string, change: Change): Promise<void> {
  const { sql, tenant } = tx
  const done = change.state === 'finished' ? change : null
  await sql`
    update report set state = ${change.state}, failure = ${change.state === 'failed' ? change.failure : null}, bytes = ${done?.bytes ?? null}, findings = ${done?.findings ?? null},
      finished_at = ${done?.at ?? null} where tenant_id = ${tenant} and id = ${id}`
  await publish(tx, 'report.changed', { id })
}

type Row = Readonly<{
  id: string; host: string; address: string; port: number; proto: string; instance: string; signature: number; title: string; category: string; severity: Severity; type: FindingType
  status: string; cve: string[]; cwe: string[]; cvss: string | null; base_score: number | null; score: number; first_found: Date; last_found: Date; last_fixed: Date | null; ignored: boolean
  result: string | null; note: string | null; sent: string | null; received: string | null; threat: string; impact: string; solution: string; reference: string[]
}>

/** Worst first, read through a cursor: memory stays at one batch. */
async function* findingsOf(tx: Tx, report: ReportRow, scope: ScopeGroups, now: Date): AsyncGenerator<ReportFinding> {
  const { sql, tenant } = tx
  const selection = await withLists(tx, { q: report.query, scope, now })
  const batches = sql<Row[]>`
    select f.id, coalesce(h.name, host(h.address), h.identity) as host, coalesce(host(h.address), h.identity) as address, f.port, f.proto, f.instance, f.signature_id as signature,
      s.title, s.category, f.severity, f.type, f.status, s.cve, s.cwe, s.cvss, s.score as base_score, f.score, f.first_found, f.last_found, f.last_fixed, f.ignored,
      e.result, e.note, e.sent, e.received, s.threat, s.impact, s.solution, s.reference
    from finding f
    join asset_host h on h.tenant_id = f.tenant_id and h.id = f.asset_id
    join signature s on s.id = f.signature_id
    left join finding_evidence e on e.tenant_id = f.tenant_id and e.finding_id = f.id
    where h.tenant_id = ${tenant} and ${selectionOf(tx, selection)}
    order by f.score desc, f.id desc`.cursor(500)
  for await (const rows of batches) {
    for (const row of rows) {
      yield {
        id: row.id, host: row.host, address: row.address, port: row.port === 0 ? null : row.port, proto: row.proto === '' ? null : row.proto, instance: row.instance,
        signature: row.signature, title: row.title, category: row.category, severity: row.severity, type: row.type, status: row.status, cve: row.cve, cwe: row.cwe, cvss: row.cvss,
        baseScore: row.base_score, score: row.score, first: row.first_found.getTime(), last: row.last_found.getTime(), fixed: row.last_fixed?.getTime() ?? null, ignored: row.ignored,
        result: row.result ?? '', note: row.note, sent: row.sent, received: row.received, threat: row.threat, impact: row.impact, solution: row.solution, references: row.reference,
      }
    }
  }
}
