import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { allow } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { createToken, lastUses, listTokens, revokeToken } from '#platform/user/token.ts'
import type { ApiContext } from '../../context.ts'
import { cursor, pageOf, pageQuery } from '../../paging.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { NewToken, Token, TokenMade } from './schemas.ts'

const tags = ['tokens']
const newest = cursor('token.newest', ['id'])

/** API tokens: each acts as its maker, with a role of its own that does no more. */
export const tokenRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context

  app.get('/tokens', {
    config: { action: 'token.own' },
    schema: {
      tags, summary: 'API tokens', description: 'One\'s own; with `all`, those of everybody, for who may manage them.',
      querystring: Type.Object({ ...pageQuery, all: Type.Optional(Type.Boolean({ default: false })) }), response: { 200: pageOf(Token) },
    },
  }, async ({ actor, query }) => {
    if (query.all === true) allow(actor, 'token.manage')
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, (tx) => listTokens(tx, query.all === true ? null : actor.user.id, newest.read(query.after)?.[0] ?? null, limit + 1))
    const uses = await lastUses(store, actor.tenant, rows.map((row) => row.id))
    return newest.page(rows, limit, (row) => [row.id], ({ id, name, role, hint, expiresAt, createdAt, userId, userName }) => ({
      id, name, role, hint, owner: { id: userId, name: userName }, expiresAt: expiresAt?.toISOString() ?? null, createdAt: createdAt.toISOString(),
      lastUsedAt: uses.get(id)?.at.toISOString() ?? null, lastUsedFrom: uses.get(id)?.ip ?? null,
    }))
  })

  app.post('/tokens', {
    config: { action: 'token.own', browserOnly: true },
    schema: { tags, summary: 'Make an API token', description: 'The token is in the answer and never shown again.', body: NewToken, response: { 201: TokenMade } },
  }, async (request, reply) => {
    const { actor, body } = request
    const expiresAt = body.expiresAt === undefined || body.expiresAt === null ? null : new Date(body.expiresAt)
    const made = await store.write(actor.tenant, (tx) => createToken(tx, actor, { name: body.name, role: body.role, expiresAt }, new Date(context.now())))
    return reply.status(201).send(made)
  })

  app.delete('/tokens/:id', { config: { action: 'token.own' }, schema: { tags, summary: 'Revoke an API token', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    const { actor } = request
    await store.write(actor.tenant, (tx) => revokeToken(tx, actor, request.params.id, can(actor.role, 'token.manage')))
    return reply.status(204).send(null)
  })
}
