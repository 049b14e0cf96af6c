import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { invite, listInvitations, withdrawInvitation, type Invitation as InvitationRow } from '#platform/tenant/invitation.ts'
import { changeMember, issueMemberReset, listMembers, readMember, removeMember, type Member as MemberRow } from '#platform/tenant/member.ts'
import { linkLife, linkTo } from '#platform/user/link.ts'
import type { ApiContext } from '../../context.ts'
import { cursor, pageOf, pageQuery } from '../../paging.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { Invitation, InvitationMade, Member, MemberChange, NewInvitation, OneTimeLink } from './schemas.ts'

const tags = ['people']
const byName = cursor('people.name', ['text', 'id'])

/** Members of the organisation and those invited. */
export const peopleRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, config } = context

  app.get('/people', { config: { action: 'people.read' }, schema: { tags, summary: 'People of this organisation', querystring: Type.Object(pageQuery), response: { 200: pageOf(Member) } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, (tx) => listMembers(tx, actor, byName.read(query.after), limit + 1))
    return byName.page(rows, limit, (row) => [row.name, row.id], toMember)
  })

  app.get('/people/:id', { config: { action: 'people.read' }, schema: { tags, summary: 'One person', params: IdParams, response: { 200: Member } } }, async ({ actor, params }) =>
    toMember(await store.read(actor.tenant, (tx) => readMember(tx, actor, params.id))))

  app.patch('/people/:id', { config: { action: 'people.manage' }, schema: { tags, summary: 'Change role, unit, scope or state', params: IdParams, body: MemberChange, response: { 200: Member } } }, async ({ actor, params, body }) =>
    toMember(await store.write(actor.tenant, (tx) => changeMember(tx, actor, params.id, body))))

  app.delete('/people/:id', { config: { action: 'people.manage' }, schema: { tags, summary: 'Take a person out of this organisation', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => removeMember(tx, request.actor, request.params.id))
    return reply.status(204).send(null)
  })

  app.post('/people/:id/reset-link', {
    config: { action: 'people.manage', browserOnly: true },
    schema: { tags, summary: 'A link to set a new password', description: 'Only for a person who belongs to this organisation alone.', params: IdParams, response: { 201: OneTimeLink } },
  }, async (request, reply) => {
    const now = context.now()
    const token = await issueMemberReset(store, request.actor, request.params.id, now)
    return reply.status(201).send({ link: linkTo(config.origin, token), expiresAt: new Date(now + linkLife.reset).toISOString() })
  })

  app.get('/invitations', { config: { action: 'people.manage' }, schema: { tags, summary: 'Open invitations', response: { 200: Type.Object({ items: Type.Array(Invitation) }) } } }, async ({ actor }) => ({
    items: (await store.read(actor.tenant, (tx) => listInvitations(tx, actor, new Date(context.now())))).map(toInvitation),
  }))

  app.post('/invitations', {
    config: { action: 'people.manage', browserOnly: true },
    schema: { tags, summary: 'Invite a person', description: 'Answers with a link that works once and for seven days; no mail is sent.', body: NewInvitation, response: { 201: InvitationMade } },
  }, async (request, reply) => {
    const { actor, body } = request
    const place = { email: body.email, role: body.role, unit: body.unit ?? null, groups: body.groups ?? [] }
    const { invitation, token } = await store.write(actor.tenant, (tx) => invite(tx, actor, place, new Date(context.now())))
    return reply.status(201).send({ invitation: toInvitation(invitation), link: linkTo(config.origin, token) })
  })

  app.delete('/invitations/:id', { config: { action: 'people.manage' }, schema: { tags, summary: 'Withdraw an invitation', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => withdrawInvitation(tx, request.actor, request.params.id))
    return reply.status(204).send(null)
  })
}

function toMember(row: MemberRow): Static<typeof Member> {
  return { ...row, groups: [...row.groups], createdAt: row.createdAt.toISOString() }
}

function toInvitation(row: InvitationRow): Static<typeof Invitation> {
  return { ...row, groups: [...row.groups], expiresAt: row.expiresAt.toISOString(), createdAt: row.createdAt.toISOString() }
}
