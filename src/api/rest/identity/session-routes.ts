import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { scopeOf } from '#platform/access/actor.ts'
import { actionsOf } from '#platform/access/role.ts'
import { organisationsOf } from '#platform/tenant/tenant.ts'
import { countRecoveryCodes } from '#platform/user/account.ts'
import { endOtherSessions, endSession, listSessions, switchOrganisation } from '#platform/user/session.ts'
import type { ApiContext } from '../../context.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { OpenSession, Session, Switch } from './schemas.ts'

const tags = ['identity']
const mine = { person: true } as const
const inBrowser = { person: true, browserOnly: true } as const

export const sessionRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { identity } = context

  app.get('/session', { config: mine, schema: { tags, summary: 'Who is signed in, where, and with which rights', response: { 200: Session } } }, (request) => describe(request))

  app.put('/session/organisation', { config: inBrowser, schema: { tags, summary: 'Go on in another organisation', body: Switch, response: { 204: Nothing } } }, async (request, reply) => {
    await switchOrganisation(identity, request.person, request.body.organisation)
    return reply.status(204).send(null)
  })

  app.get('/sessions', { config: inBrowser, schema: { tags, summary: 'My open sessions', response: { 200: Type.Object({ items: Type.Array(OpenSession) }) } } }, async (request) => {
    const rows = await listSessions(identity, request.person)
    return {
      items: rows.map((row) => ({
        ...row, current: row.id === request.person.session, startedAt: row.startedAt.toISOString(), seenAt: row.seenAt.toISOString(), endsAt: row.endsAt.toISOString(),
      })),
    }
  })

  app.delete('/sessions/:id', { config: inBrowser, schema: { tags, summary: 'End one of my sessions', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await endSession(identity, request.person, request.params.id)
    return reply.status(204).send(null)
  })

  app.post('/sessions/end-others', { config: inBrowser, schema: { tags, summary: 'End all my sessions but this one', response: { 200: Type.Object({ ended: Type.Integer() }) } } }, async (request) => ({
    ended: await endOtherSessions(identity, request.person),
  }))

  async function describe({ person, member }: FastifyRequest): Promise<Static<typeof Session>> {
    const { organisations, recoveryCodes } = await context.store.platform(async (tx) => ({
      organisations: await organisationsOf(tx, person.id), recoveryCodes: await countRecoveryCodes(tx, person.id),
    }))
    const scope = member === null ? null : scopeOf(member)
    const here = organisations.find(({ id }) => id === member?.tenant)
    return {
      person: { id: person.id, name: person.name, email: person.email, secondFactor: person.secondFactor, recoveryCodes },
      // A token's role may be less than its maker's.
      organisation: here === undefined || member === null ? null : { ...here, role: member.role },
      actions: member === null ? [] : [...actionsOf(member.role)],
      scope: scope === null ? null : { groups: [...scope.groups], units: [...scope.units] },
      organisations: [...organisations],
    }
  }
}
