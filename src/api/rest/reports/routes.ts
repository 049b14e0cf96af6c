import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { fail } from '#core/errors.ts'
import { reportFormats } from '#formats/report/formats.ts'
import { createReport, deleteReport, listReports, readReport, reportBlob, type ReportRow } from '#platform/report/report.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { NewReport, Report, ReportFileQuery, ReportPage, ReportQuery } from './schemas.ts'

const order = cursor('report.newest', ['time', 'id'])

export const reportRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, jobs, blobs } = context
  if (jobs === undefined || blobs === undefined) return

  app.get('/reports', { config: { action: 'report.read' }, schema: { tags: ['reports'], summary: 'List reports, newest first', querystring: ReportQuery, response: { 200: ReportPage } } },
    async (request) => {
      const { limit = 50, after } = request.query
      const rows = await store.read(request.actor.tenant, (tx) => listReports(tx, request.actor, order.read(after), limit + 1))
      return order.page(rows, limit, (row) => [row.createdAt, row.id], toReport)
    })

  app.post('/reports', { config: { action: 'report.create' }, schema: { tags: ['reports'], summary: 'Make a report', body: NewReport, response: { 201: Report } } },
    async (request, reply) => {
      const row = await store.write(request.actor.tenant, (tx) => createReport(tx, request.actor, request.body, jobs, new Date(context.now())))
      return reply.status(201).send(toReport(row))
    })

  app.get('/reports/:id', { config: { action: 'report.read' }, schema: { tags: ['reports'], summary: 'Read what is known of a report', params: IdParams, response: { 200: Report } } },
    async (request) => toReport(await store.read(request.actor.tenant, (tx) => readReport(tx, request.actor, request.params.id))))

  app.delete('/reports/:id', { config: { action: 'report.create' }, schema: { tags: ['reports'], summary: 'Delete a report', params: IdParams, response: { 204: Nothing } } },
    async (request, reply) => {
      await store.write(request.actor.tenant, (tx) => deleteReport(tx, request.actor, request.params.id, (key) => blobs.drop(key), new Date(context.now())))
      return reply.status(204).send(null)
    })

  app.get('/reports/:id/file', {
    config: { action: 'report.read' },
    schema: { tags: ['reports'], summary: 'Download a finished report', params: IdParams, querystring: ReportFileQuery, produces: Object.values(reportFormats).map(({ type }) => type), response: { 200: Type.Unknown({ description: 'The report itself.' }) } },
  }, async (request, reply) => {
    const { actor } = request
    const row = await store.read(actor.tenant, (tx) => readReport(tx, actor, request.params.id))
    if (row.state !== 'finished') fail('report.not_ready', { title: row.title, state: row.state })
    const inline = request.query.inline === true && (row.format === 'html' || row.format === 'pdf')
    return reply
      .type(reportFormats[row.format].type)
      // A report holds text of targets: shown in the browser it may run nothing and reach nothing, whatever slipped through.
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox")
      .header('content-disposition', `${inline ? 'inline' : 'attachment'}; filename="${fileName(row)}"`)
      .send(Readable.from(blobs.get(reportBlob(actor.tenant, row.id))))
  })
}

function fileName(row: ReportRow): string {
  const name = row.title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'report'
  return `${name}.${row.format === 'sarif' ? 'sarif.json' : row.format}`
}

function toReport(row: ReportRow): Report {
  return {
    id: row.id, title: row.title, kind: row.kind, format: row.format, query: row.query, state: row.state, failure: row.failure, findings: row.findings, bytes: row.bytes,
    createdBy: row.createdBy, createdAt: row.createdAt.toISOString(), finishedAt: row.finishedAt?.toISOString() ?? null, expiresAt: row.expiresAt.toISOString(),
  }
}
