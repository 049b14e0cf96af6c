import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { fail } from '#core/errors.ts'
import { parseIp } from '#core/ip.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { addNetwork, dropNetwork, listNetworks, renameNetwork } from '#platform/asset/network.ts'
import { countRegistered, planLimit } from '#platform/asset/register.ts'
import {
  excludeAddresses, exclusionsInSight, listAddresses, listAuthorities, listExclusions, previewAddresses, registerAddresses, removeAddresses, stopExcluding,
} from '#platform/asset/registration.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { Id, Nothing } from '../../schema.ts'
import { toAddress, toAuthority, toExclusion, toNetwork } from './present.ts'
import { IdParams } from './schemas.ts'
import { AddressesPreview, AddressPage, AddressQuery, AuthorityPage, AuthorityQuery, CreateExclusion, ExclusionPage, ExclusionQuery, NetworkBody, NetworkList, PreviewAddresses, RegisterAddresses, RegisteredAddresses, RemoveAddresses, RemovedAddresses } from './address-schemas.ts'

const tags = ['addresses']
/** A list of addresses may be long; what else a body holds is small. */
const bodyLimit = 5 * 1024 * 1024
const inOrder = cursor('address', ['number', 'text', 'id'])
const newestAuthority = cursor('authority', ['time', 'id'])
const newestExclusion = cursor('exclusion', ['time', 'id'])
const Made = Type.Object({ id: Id })

/** What may be scanned, what must not be, and in which networks. */
export const addressRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  app.get('/addresses', { config: { action: 'asset.read' }, schema: { tags, summary: 'Registered addresses and names', querystring: AddressQuery, response: { 200: AddressPage } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const after = inOrder.read(query.after)
    if (after !== null && after[0] !== 1 && (after[0] !== 0 || parseIp(after[1]) === null)) fail('page.cursor')
    const [rows, used, most] = await store.read(actor.tenant, async (tx) => [
      await listAddresses(tx, { network: query.networkId ?? null, text: query.text?.trim() ?? '', scope: await scopeGroups(tx, scopeOf(actor)), after, limit: limit + 1 }), await countRegistered(tx), await planLimit(tx),
    ] as const)
    const page = inOrder.page(rows, limit, (row) => [row.name === null ? 0 : 1, row.name ?? row.first!, row.id], toAddress)
    return { ...page, used: `${used}`, most }
  })

  app.post('/addresses', { config: { action: 'asset.edit' }, bodyLimit, schema: { tags, summary: 'Register addresses, with the declaration that they may be scanned', body: RegisterAddresses, response: { 201: RegisteredAddresses } } }, async (request, reply) => {
    const { actor, body } = request
    const done = await store.write(actor.tenant, (tx) => registerAddresses(tx, actor, {
      text: body.text, network: body.networkId ?? actor.tenant, comment: body.comment ?? '', groups: body.groupIds ?? [], statement: body.statement,
    }, at()))
    return reply.status(201).send({ authorityId: done.authorityId, added: `${done.added}`, alreadyRegistered: `${done.already}`, used: `${done.used}`, most: done.most })
  })

  app.post('/addresses/preview', { config: { action: 'asset.edit' }, bodyLimit, schema: { tags, summary: 'What registering would do', body: PreviewAddresses, response: { 200: AddressesPreview } } }, async ({ actor, body }) => {
    const { already, addresses, used, ranges, names, bad, ...rest } = await store.read(actor.tenant, (tx) => previewAddresses(tx, body.text, body.networkId ?? actor.tenant))
    return { ...rest, ranges: [...ranges], names: [...names], bad: [...bad], addresses: `${addresses}`, alreadyRegistered: `${already}`, used: `${used}` }
  })

  app.post('/addresses/remove', { config: { action: 'asset.edit' }, bodyLimit, schema: { tags, summary: 'Take addresses out of the register', body: RemoveAddresses, response: { 200: RemovedAddresses } } }, async ({ actor, body }) => {
    const { removed, used, most } = await store.write(actor.tenant, (tx) => removeAddresses(tx, actor, body.text, body.networkId ?? actor.tenant, at()))
    return { removed: `${removed}`, used: `${used}`, most }
  })

  app.get('/authorities', { config: { action: 'asset.read' }, schema: { tags, summary: 'Who declared what may be scanned', querystring: AuthorityQuery, response: { 200: AuthorityPage } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, (tx) => listAuthorities(tx, scopeOf(actor) === null ? null : actor.user.id, newestAuthority.read(query.after), limit + 1))
    return newestAuthority.page(rows, limit, (row) => [row.at, row.id], toAuthority)
  })

  app.get('/networks', { config: { action: 'asset.read' }, schema: { tags, summary: 'Networks', response: { 200: NetworkList } } }, async ({ actor }) => ({
    items: (await store.read(actor.tenant, async (tx) => listNetworks(tx, await scopeGroups(tx, scopeOf(actor))))).map(toNetwork),
  }))

  app.post('/networks', { config: { action: 'network.edit' }, schema: { tags, summary: 'Add a network', description: 'The same address in two networks is two hosts.', body: NetworkBody, response: { 201: Made } } }, async (request, reply) =>
    reply.status(201).send({ id: await store.write(request.actor.tenant, (tx) => addNetwork(tx, request.actor, request.body.name.trim(), at())) }))

  app.patch('/networks/:id', { config: { action: 'network.edit' }, schema: { tags, summary: 'Rename a network', params: IdParams, body: NetworkBody, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => renameNetwork(tx, request.actor, request.params.id, request.body.name.trim(), at()))
    return reply.status(204).send(null)
  })

  app.delete('/networks/:id', { config: { action: 'network.edit' }, schema: { tags, summary: 'Remove an empty network', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => dropNetwork(tx, request.actor, request.params.id, at()))
    return reply.status(204).send(null)
  })

  app.get('/exclusions', { config: { action: 'asset.read' }, schema: { tags, summary: 'What is never scanned', querystring: ExclusionQuery, response: { 200: ExclusionPage } } }, async ({ actor, query }) => {
    const [limit, now] = [query.limit ?? 50, at()]
    return store.read(actor.tenant, async (tx) => {
      const rows = await listExclusions(tx, { ended: query.ended ?? false, now, after: newestExclusion.read(query.after), limit: limit + 1 })
      const page = newestExclusion.page(rows, limit, (row) => [row.created_at, row.id], (row) => row)
      const seen = await exclusionsInSight(tx, page.items, await scopeGroups(tx, scopeOf(actor)))
      return { items: seen.map((row) => toExclusion(row, now)), next: page.next }
    })
  })

  app.post('/exclusions', { config: { action: 'asset.exclude' }, schema: { tags, summary: 'Exclude addresses from scanning', body: CreateExclusion, response: { 201: Made } } }, async (request, reply) => {
    const { actor, body } = request
    const until = body.expiresAt === undefined || body.expiresAt === null ? null : new Date(body.expiresAt)
    const id = await store.write(actor.tenant, (tx) => excludeAddresses(tx, actor, { text: body.text, network: body.networkId ?? actor.tenant, comment: body.comment, until }, at()))
    return reply.status(201).send({ id })
  })

  app.delete('/exclusions/:id', { config: { action: 'asset.exclude' }, schema: { tags, summary: 'End an exclusion', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => stopExcluding(tx, request.actor, request.params.id, at()))
    return reply.status(204).send(null)
  })
}
