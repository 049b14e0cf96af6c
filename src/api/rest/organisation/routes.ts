import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { createTenant, readOrganisation, renameOrganisation } from '#platform/tenant/tenant.ts'
import { createUnit, dropUnit, listUnits, renameUnit } from '#platform/tenant/unit.ts'
import type { ApiContext } from '../../context.ts'
import { Id, IdParams, Nothing } from '../../schema.ts'
import { peopleRoutes } from './people-routes.ts'
import { Organisation, OrganisationName, Unit, UnitName } from './schemas.ts'

/** The organisation the caller is in, and its business units. Its people: people-routes.ts. */
export const organisationRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, identity } = context
  const at = (): Date => new Date(context.now())
  await app.register(peopleRoutes(context))

  app.get('/organisation', { config: { action: 'organisation.read' }, schema: { tags: ['organisation'], summary: 'This organisation', response: { 200: Organisation } } }, async ({ actor }) => {
    const organisation = await store.read(actor.tenant, readOrganisation)
    return { ...organisation, createdAt: organisation.createdAt.toISOString() }
  })

  app.patch('/organisation', { config: { action: 'organisation.edit' }, schema: { tags: ['organisation'], summary: 'Rename this organisation', body: OrganisationName, response: { 204: Nothing } } }, async (request, reply) => {
    await store.platform((tx) => renameOrganisation(tx, request.actor, request.body.name))
    return reply.status(204).send(null)
  })

  app.post('/organisations', {
    config: { action: 'organisation.edit', browserOnly: true },
    schema: { tags: ['organisation'], summary: 'Make another organisation', description: 'Its first manager is the caller; `PUT /identity/session/organisation` goes there.', body: OrganisationName, response: { 201: Type.Object({ id: Id }) } },
  }, async (request, reply) => {
    const { actor, body } = request
    const id = await store.platform((tx) => createTenant(tx, { name: body.name, manager: actor.user, ip: actor.ip }, at(), identity.tenantHooks))
    return reply.status(201).send({ id })
  })

  app.get('/units', { config: { action: 'people.read' }, schema: { tags: ['organisation'], summary: 'Business units', response: { 200: Type.Object({ items: Type.Array(Unit) }) } } }, async ({ actor }) => ({
    items: (await store.read(actor.tenant, listUnits)).map((unit) => ({ ...unit, createdAt: unit.createdAt.toISOString() })),
  }))

  app.post('/units', { config: { action: 'unit.manage' }, schema: { tags: ['organisation'], summary: 'Make a business unit', body: UnitName, response: { 201: Unit } } }, async (request, reply) => {
    const unit = await store.write(request.actor.tenant, (tx) => createUnit(tx, request.actor, request.body.name.trim(), at()))
    return reply.status(201).send({ ...unit, createdAt: unit.createdAt.toISOString() })
  })

  app.patch('/units/:id', { config: { action: 'unit.manage' }, schema: { tags: ['organisation'], summary: 'Rename a business unit', params: IdParams, body: UnitName, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => renameUnit(tx, request.actor, request.params.id, request.body.name.trim()))
    return reply.status(204).send(null)
  })

  app.delete('/units/:id', { config: { action: 'unit.manage' }, schema: { tags: ['organisation'], summary: 'Remove a business unit', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    await store.write(request.actor.tenant, (tx) => dropUnit(tx, request.actor, request.params.id))
    return reply.status(204).send(null)
  })
}
