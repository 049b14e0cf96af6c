import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { fail } from '#core/errors.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { addGroup, addMembers, changeGroup, dropGroup, listGroups, membersOfGroup, removeMembers, requireGroup, type GroupFields, type MemberChange } from '#platform/asset/group.ts'
import { requireNetwork } from '#platform/asset/network.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { requireTargets } from '#platform/asset/target-text.ts'
import type { Tx } from '#store/store.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { Id, Nothing } from '../../schema.ts'
import { toGroup } from './present.ts'
import { IdParams } from './schemas.ts'
import { ChangeGroup, CreateGroup, GroupDetail, GroupList, GroupMembers, GroupQuery, type ChangeGroup as Change } from './group-schemas.ts'

const tags = ['asset groups']
const byName = cursor('group.name', ['text', 'id'])

/** Asset groups: what belongs together, how much it matters, and who may see it. */
export const groupRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  app.get('/groups', { config: { action: 'asset.read' }, schema: { tags, summary: 'Asset groups', querystring: GroupQuery, response: { 200: GroupList } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, async (tx) => listGroups(tx, await scopeGroups(tx, scopeOf(actor)), query.text?.trim() ?? '', byName.read(query.after), limit + 1))
    return byName.page(rows, limit, (row) => [row.name, row.id], toGroup)
  })

  app.get('/groups/:id', { config: { action: 'asset.read' }, schema: { tags, summary: 'One asset group with its members', params: IdParams, response: { 200: GroupDetail } } }, async ({ actor, params }) =>
    store.read(actor.tenant, async (tx) => {
      const scope = await scopeGroups(tx, scopeOf(actor))
      await requireGroup(tx, params.id, scope)
      const [row] = await listGroups(tx, scope, '', null, 1, params.id)
      if (row === undefined) fail('not_found', { what: 'asset group', id: params.id })
      return { ...toGroup(row), members: (await membersOfGroup(tx, params.id)).map((member) => ({ ...member, network: { id: member.network.id, name: member.network.name } })) }
    }))

  app.post('/groups', { config: { action: 'group.edit' }, schema: { tags, summary: 'Add an asset group', body: CreateGroup, response: { 201: Type.Object({ id: Id }) } } }, async (request, reply) => {
    const { actor, body } = request
    const id = await store.write(actor.tenant, async (tx) => {
      const made = await addGroup(tx, actor, { name: body.name.trim(), impact: body.impact ?? 2, unitId: body.unitId ?? null, comment: body.comment ?? '' }, at())
      if ((body.text ?? '').trim() !== '') await addMembers(tx, actor, made, await membersIn(tx, body), at())
      return made
    })
    return reply.status(201).send({ id })
  })

  app.patch('/groups/:id', { config: { action: 'group.edit' }, schema: { tags, summary: 'Change an asset group', params: IdParams, body: ChangeGroup, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => changeGroup(tx, request.actor, request.params.id, changeOf(request.body), at()))
    return reply.status(204).send(null)
  })

  app.delete('/groups/:id', { config: { action: 'group.edit' }, schema: { tags, summary: 'Remove an asset group', description: 'Its hosts stay.', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => dropGroup(tx, request.actor, request.params.id, at()))
    return reply.status(204).send(null)
  })

  app.post('/groups/:id/members', { config: { action: 'group.edit' }, schema: { tags, summary: 'Add members', params: IdParams, body: GroupMembers, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, async (tx) => addMembers(tx, request.actor, request.params.id, await membersIn(tx, request.body), at()))
    return reply.status(204).send(null)
  })

  app.post('/groups/:id/members/remove', { config: { action: 'group.edit' }, schema: { tags, summary: 'Take members out', params: IdParams, body: GroupMembers, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, async (tx) => removeMembers(tx, request.actor, request.params.id, await membersIn(tx, request.body), at()))
    return reply.status(204).send(null)
  })
}

async function membersIn(tx: Tx, body: Readonly<{ text?: string; networkId?: string; assetIds?: string[] }>): Promise<MemberChange> {
  const network = body.networkId ?? tx.tenant
  await requireNetwork(tx, network)
  const text = body.text?.trim() ?? ''
  return { network, what: text === '' ? { set: [], names: [] } : requireTargets(text), assets: body.assetIds ?? [] }
}

function changeOf(body: Change): Partial<GroupFields> {
  return {
    ...(body.name === undefined ? {} : { name: body.name.trim() }), ...(body.impact === undefined ? {} : { impact: body.impact }), ...(body.unitId === undefined ? {} : { unitId: body.unitId }),
    ...(body.comment === undefined ? {} : { comment: body.comment }),
  }
}
