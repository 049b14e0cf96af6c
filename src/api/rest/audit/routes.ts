import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { listAudit, verifyAudit, type AuditFilter } from '#platform/audit/log.ts'
import type { ApiContext } from '../../context.ts'
import { cursor, pageOf, pageQuery } from '../../paging.ts'
import { AuditChain, AuditEntry, AuditQuery } from './schemas.ts'

const tags = ['audit']
const newest = cursor('audit.newest', ['number'])

export const auditRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context

  app.get('/audit', { config: { action: 'audit.read' }, schema: { tags, summary: 'Who did what', querystring: Type.Object({ ...pageQuery, ...AuditQuery }), response: { 200: pageOf(AuditEntry) } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const filter: AuditFilter = {
      ...(query.action === undefined ? {} : { action: query.action }), ...(query.actor === undefined ? {} : { actor: query.actor }), ...(query.object === undefined ? {} : { object: query.object }),
      ...(query.from === undefined ? {} : { from: new Date(query.from) }), ...(query.to === undefined ? {} : { to: new Date(query.to) }),
    }
    const rows = await store.read(actor.tenant, (tx) => listAudit(tx, filter, newest.read(query.after)?.[0] ?? null, limit + 1))
    return newest.page(rows, limit, (row) => [row.seq], (row) => ({
      seq: row.seq, id: row.id, at: row.at.toISOString(), actor: { kind: row.actorKind, id: row.actorId, name: row.actorName, ip: row.ip }, action: row.action,
      object: row.objectKind === null ? null : { kind: row.objectKind, id: row.objectId, name: row.objectName }, details: { ...row.details },
    }))
  })

  app.get('/audit/chain', {
    config: { action: 'audit.read', rateLimit: { max: 20, timeWindow: 60_000 } },
    schema: { tags, summary: 'Check the log for changes and gaps', response: { 200: AuditChain } },
  }, ({ actor }) => store.read(actor.tenant, verifyAudit))
}
