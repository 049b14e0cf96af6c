import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '#core/errors.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { readCheck } from '#platform/kb/check.ts'
import { checkFacets, keyOfCheck, listChecks, type CheckKey, type CheckRow, type CheckSort } from '#platform/kb/list.ts'
import { isOnlyTried } from '#platform/kb/release.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { draftRoutes } from './draft-routes.ts'
import { knownCheck } from './known-check.ts'
import { releaseRoutes } from './release-routes.ts'
import { CheckDetail, CheckPage, CheckParams, CheckQuery, type Check } from './schemas.ts'
import { Facets } from './vulnerability-schemas.ts'
import { updateRoutes } from './update-routes.ts'
import { vulnerabilityRoutes } from './vulnerability-routes.ts'

const tags = ['knowledgebase']
const cursors = {
  id: cursor('check.id', ['number', 'number']),
  severity: cursor('check.severity', ['number', 'number']),
  changed: cursor('check.changed', ['time', 'number']),
  title: cursor('check.title', ['text', 'number']),
} as const

/** The KnowledgeBase: every check, what it looks for, why it matters, how to fix it, and where it was found. */
export const kbRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  app.get('/kb', { config: { action: 'kb.read' }, schema: { tags, summary: 'Checks', querystring: CheckQuery, response: { 200: CheckPage } } }, async ({ actor, query }) => {
    const [by, limit] = [(query.sort ?? '-severity').replace('-', '') as CheckSort, query.limit ?? 50]
    const position = cursors[by]
    const after = position.read(query.after) as CheckKey | null
    const rows = await store.read(actor.tenant, (tx) => listChecks(tx, query.q ?? '', by, after, limit + 1, at(), can(actor.role, 'finding.read')))
    return position.page(rows, limit, (row) => keyOfCheck(row, by) as never, toCheck)
  })

  app.get('/kb/facets', { config: { action: 'kb.read' }, schema: { tags, summary: 'What a query holds, by field', querystring: CheckQuery, response: { 200: Facets } } }, async ({ actor, query }) =>
    await store.read(actor.tenant, (tx) => checkFacets(tx, query.q ?? '', at(), can(actor.role, 'finding.read'))) as never)

  app.get('/kb/:id', { config: { action: 'kb.read' }, schema: { tags, summary: 'One check', params: CheckParams, response: { 200: CheckDetail } } }, async ({ actor, params }) => {
    const row = await store.read(actor.tenant, async (tx) => readCheck(tx, params.id, can(actor.role, 'finding.read') ? await scopeGroups(tx, scopeOf(actor)) : undefined))
    const known = await knownCheck(context.knowledge(), params.id)
    if (row === null || (row.retired && await store.platform((tx) => isOnlyTried(tx, actor.tenant, params.id)))) return known ?? fail('not_found', { what: 'check', id: params.id })
    return {
      ...toCheck(row), kind: row.kind, cwe: row.cwe, cvss: row.cvss, products: row.products, pci: row.pci, threat: row.threat, impact: row.impact, solution: row.solution, references: row.reference,
      affected: { ...row.affected, q: `check:${row.id}` },
      worst: row.worst.map((one) => ({ assetId: one.asset_id, address: one.address, name: one.name, findings: one.findings, risk: one.risk })),
      origin: known?.origin ?? null, rule: known?.rule ?? null, changes: [...(known?.changes ?? [])],
    }
  })

  await app.register(vulnerabilityRoutes(context))
  await app.register(draftRoutes(context))
  await app.register(releaseRoutes(context))
  await app.register(updateRoutes(context))
}

function toCheck(row: CheckRow): Check {
  return {
    id: row.id, version: row.version, title: row.title, category: row.category, severity: row.severity, type: row.type, cve: row.cve,
    cvssScore: row.score === null ? null : Math.round(row.score * 10) / 10, published: row.published.toISOString().slice(0, 10), changed: row.changed.toISOString().slice(0, 10), retired: row.retired,
  }
}
