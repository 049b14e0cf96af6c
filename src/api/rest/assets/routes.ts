import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '#core/errors.ts'
import { parseIp } from '#core/ip.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { coverageOfAsset, purgeAsset, readAsset, requireAsset, servicesOfAsset, timelineOf } from '#platform/asset/detail.ts'
import { assetFacets } from '#platform/asset/facets.ts'
import { keyOfAsset, listAssets, type AssetKey, type AssetOrder } from '#platform/asset/list.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { Nothing } from '../../schema.ts'
import { addressRoutes } from './address-routes.ts'
import { groupRoutes } from './group-routes.ts'
import { softwareRoutes } from './software-routes.ts'
import { toAsset, toAssetDetail, toCoverage, toService, toTimelineEntry } from './present.ts'
import { AssetCoverage, AssetDetail, AssetPage, AssetQuery, AssetServices, FacetQuery, Facets, IdParams, TimelinePage, TimelineQuery, type AssetQuery as Query } from './schemas.ts'

const tags = ['assets']
const cursors = {
  risk: cursor('asset.risk', ['number', 'id']),
  address: cursor('asset.address', ['text', 'id']),
  name: cursor('asset.name', ['text', 'id']),
  lastScanned: cursor('asset.scanned', ['time', 'id']),
} as const
const newest = cursor('asset.timeline', ['time', 'id'])

function orderOf(sort: Query['sort']): AssetOrder {
  const text = sort ?? '-risk'
  return { by: text.replace(/^-/, '') as AssetOrder['by'], descending: text.startsWith('-') }
}

/** Hosts, and below them: registered addresses, networks, exclusions (address-routes.ts), groups (group-routes.ts). */
export const assetRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())
  await app.register(addressRoutes(context))
  await app.register(groupRoutes(context))
  await app.register(softwareRoutes(context))

  app.get('/assets', { config: { action: 'asset.read' }, schema: { tags, summary: 'Hosts', querystring: AssetQuery, response: { 200: AssetPage } } }, async ({ actor, query }) => {
    const [order, limit] = [orderOf(query.sort), query.limit ?? 50]
    const position = cursors[order.by]
    const after = position.read(query.after) as AssetKey | null
    // It comes back from outside, and goes where only an address may stand.
    if (order.by === 'address' && after !== null && parseIp(String(after[0])) === null) fail('page.cursor')
    const rows = await store.read(actor.tenant, async (tx) => listAssets(tx, { q: query.q ?? '', scope: await scopeGroups(tx, scopeOf(actor)), now: at() }, order, after, limit + 1))
    return position.page(rows, limit, (row) => keyOfAsset(row, order.by) as never, toAsset)
  })

  app.get('/assets/facets', { config: { action: 'asset.read' }, schema: { tags, summary: 'What a query holds, by field', querystring: FacetQuery, response: { 200: Facets } } }, async ({ actor, query }) =>
    await store.read(actor.tenant, async (tx) => assetFacets(tx, { q: query.q ?? '', scope: await scopeGroups(tx, scopeOf(actor)), now: at() })) as never)

  app.get('/assets/:id', { config: { action: 'asset.read' }, schema: { tags, summary: 'One host', params: IdParams, response: { 200: AssetDetail } } }, async ({ actor, params }) =>
    toAssetDetail(await store.read(actor.tenant, async (tx) => readAsset(tx, params.id, await scopeGroups(tx, scopeOf(actor)), at()))))

  app.get('/assets/:id/services', { config: { action: 'asset.read' }, schema: { tags, summary: 'What a host offers', params: IdParams, response: { 200: AssetServices } } }, async ({ actor, params }) => ({
    items: (await store.read(actor.tenant, async (tx) => {
      await requireAsset(tx, params.id, await scopeGroups(tx, scopeOf(actor)))
      return servicesOfAsset(tx, params.id)
    })).map(toService),
  }))

  app.get('/assets/:id/timeline', { config: { action: 'finding.read' }, schema: { tags, summary: 'What happened to a host', params: IdParams, querystring: TimelineQuery, response: { 200: TimelinePage } } }, async ({ actor, params, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, async (tx) => {
      await requireAsset(tx, params.id, await scopeGroups(tx, scopeOf(actor)))
      return timelineOf(tx, params.id, newest.read(query.after), limit + 1)
    })
    return newest.page(rows, limit, (row) => [row.at, row.id], toTimelineEntry)
  })

  app.get('/assets/:id/coverage', { config: { action: 'asset.read' }, schema: { tags, summary: 'What the last tests looked at, and what they could not', params: IdParams, response: { 200: AssetCoverage } } }, async ({ actor, params }) => ({
    items: (await store.read(actor.tenant, async (tx) => {
      await requireAsset(tx, params.id, await scopeGroups(tx, scopeOf(actor)))
      return coverageOfAsset(tx, params.id)
    })).map(toCoverage),
  }))

  app.post('/assets/:id/purge', { config: { action: 'asset.edit' }, schema: { tags, summary: 'Delete what is known of a host', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => purgeAsset(tx, request.actor, request.params.id, at()))
    return reply.status(204).send(null)
  })
}
