import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeGroups } from '#platform/asset/scope.ts'
import { findingHistory, readFinding, requireFinding } from '#platform/finding/detail.ts'
import { findingFacets } from '#platform/finding/facets.ts'
import { ignoreFindings, unignoreFindings, type Selected } from '#platform/finding/ignore.ts'
import { keyOfRow, listFindings, type FindingKey, type Order } from '#platform/finding/list.ts'
import { proofBundle } from '#platform/finding/proof-bundle.ts'
import { verifyFinding } from '#platform/finding/verify.ts'
import { scopeOf } from '#platform/access/actor.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { toDetail, toFinding, toHistory } from './present.ts'
import {
  Changed, ElsewherePage, ElsewhereQuery, FindingDetail, FindingFacetQuery, FindingFacets, FindingHistory, FindingPage, FindingParams, FindingQuery, IgnoreFindings, ProofBundle, UnignoreFindings, Verification,
  type FindingQuery as Query,
} from './schemas.ts'

const tags = ['findings']

const cursors = {
  score: cursor('finding.score', ['number', 'id']),
  severity: cursor('finding.severity', ['number', 'id']),
  firstFound: cursor('finding.first', ['time', 'id']),
  lastFound: cursor('finding.last', ['time', 'id']),
} as const

function orderOf(sort: Query['sort']): Order {
  const text = sort ?? '-score'
  return { by: text.replace(/^-/, '') as Order['by'], descending: text.startsWith('-') }
}

/** The heart: what was found, with its proof, and what people decide about it. */
export const findingRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  app.get('/findings', { config: { action: 'finding.read' }, schema: { tags, summary: 'Findings', querystring: FindingQuery, response: { 200: FindingPage } } }, async ({ actor, query }) => {
    const [order, limit] = [orderOf(query.sort), query.limit ?? 50]
    const position = cursors[order.by]
    const after = position.read(query.after) as FindingKey | null
    const rows = await store.read(actor.tenant, async (tx) =>
      listFindings(tx, { q: query.q ?? '', scope: await scopeGroups(tx, scopeOf(actor)), now: at() }, order, after, limit + 1))
    return position.page(rows, limit, (row) => keyOfRow(row, order.by) as never, toFinding)
  })

  app.get('/findings/facets', { config: { action: 'finding.read' }, schema: { tags, summary: 'What a query holds, by field', querystring: FindingFacetQuery, response: { 200: FindingFacets } } }, async ({ actor, query }) =>
    await store.read(actor.tenant, async (tx) => findingFacets(tx, { q: query.q ?? '', scope: await scopeGroups(tx, scopeOf(actor)), now: at() })) as never)

  app.get('/findings/:id', { config: { action: 'finding.read' }, schema: { tags, summary: 'One finding with its proof', params: FindingParams, response: { 200: FindingDetail } } }, async ({ actor, params }) =>
    toDetail(await store.read(actor.tenant, async (tx) => readFinding(tx, params.id, await scopeGroups(tx, scopeOf(actor))))))

  app.get('/findings/:id/proof', { config: { action: 'finding.read' }, schema: { tags, summary: 'The bytes that decide a finding, with its check', description: 'What `./vigil verify FILE` decides again with no network.', params: FindingParams, response: { 200: ProofBundle } } }, async ({ actor, params }, reply) => {
    const { judging } = context
    const rules = { signature: (check: number) => judging?.of(actor.tenant).signatures.get(check), templates: judging?.inForce().templates ?? null }
    const bundle = await store.read(actor.tenant, async (tx) => proofBundle(tx, params.id, await scopeGroups(tx, scopeOf(actor)), rules))
    return reply.header('content-disposition', `attachment; filename="vigil-proof-${bundle.check.number}-${params.id}.json"`).send(bundle as never)
  })

  app.get('/findings/:id/history', { config: { action: 'finding.read' }, schema: { tags, summary: 'What happened to a finding', params: FindingParams, response: { 200: FindingHistory } } }, async ({ actor, params }) => ({
    items: (await store.read(actor.tenant, async (tx) => findingHistory(tx, params.id, await scopeGroups(tx, scopeOf(actor))))).map(toHistory),
  }))

  app.get('/findings/:id/elsewhere', { config: { action: 'finding.read' }, schema: { tags, summary: 'The same check on other places', params: FindingParams, querystring: ElsewhereQuery, response: { 200: ElsewherePage } } }, async ({ actor, params, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, async (tx) => {
      const scope = await scopeGroups(tx, scopeOf(actor))
      const { signature } = await requireFinding(tx, params.id, scope)
      return listFindings(tx, { q: `check:${signature} type:confirmed,potential,information`, scope, now: at(), only: ({ sql }) => sql`f.id <> ${params.id}::uuid` }, orderOf('-score'), cursors.score.read(query.after), limit + 1)
    })
    return cursors.score.page(rows, limit, (row) => [row.score, row.id], toFinding)
  })

  app.post('/findings/ignore', { config: { action: 'finding.ignore' }, schema: { tags, summary: 'Ignore findings, with a reason and an end', body: IgnoreFindings, response: { 200: Changed } } }, async ({ actor, body }) => ({
    changed: await store.write(actor.tenant, (tx) =>
      ignoreFindings(tx, actor, selected(body), { reason: body.reason, comment: body.comment, until: body.until === undefined || body.until === null ? null : new Date(body.until) }, at())),
  }))

  app.post('/findings/unignore', { config: { action: 'finding.ignore' }, schema: { tags, summary: 'Stop ignoring findings', body: UnignoreFindings, response: { 200: Changed } } }, async ({ actor, body }) => ({
    changed: await store.write(actor.tenant, (tx) => unignoreFindings(tx, actor, selected(body), body.comment ?? '', at())),
  }))

  app.post('/findings/:id/verify', {
    config: { action: 'finding.verify' },
    schema: { tags, summary: 'Test one finding again now', description: 'The event stream says `finding.changed`; `verification` of the finding tells the result.', params: FindingParams, response: { 202: Verification } },
  }, async (request, reply) => {
    const scanId = await store.write(request.actor.tenant, (tx) => verifyFinding(tx, request.actor, request.params.id, at()))
    return reply.status(202).send({ scanId })
  })
}

function selected(body: Readonly<{ ids?: string[]; q?: string }>): Selected {
  return { ...(body.ids === undefined ? {} : { ids: body.ids }), ...(body.q === undefined ? {} : { q: body.q }) }
}
