import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { audit } from '#platform/audit/audit.ts'
import {
  changeProfile, createProfile, ensureProfiles, listProfiles, portsLookedAt, readProfile, removeProfile, shippedCount,
  type OptionProfile as Stored,
} from '#platform/scan/profile.ts'
import type { ApiContext } from '../../context.ts'
import { Nothing } from '../../schema.ts'
import {
  ChangeProfile, CreateProfile, OptionProfile, ProfileList, ProfileParams, type OptionProfile as Shown,
} from './schemas.ts'

const tags = ['option profiles']

/** Option profiles: what a scan does. The shipped ones are put in place when they are first looked at. */
export const profileRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, now } = context

  app.get('/profiles', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'Option profiles, the default one first', response: { 200: ProfileList } },
  }, async ({ actor }) => {
    const known = await store.read(actor.tenant, listProfiles)
    // Only the first look of a new organisation, or after a new version shipped another, writes.
    const items = known.filter((one) => one.shipped !== null).length >= shippedCount ? known : await store.write(actor.tenant, async (tx) => {
      await ensureProfiles(tx, now())
      return listProfiles(tx)
    })
    return { items: items.map(toShown) }
  })

  app.get('/profiles/:id', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'An option profile', params: ProfileParams, response: { 200: OptionProfile } },
  }, async ({ actor, params }) => toShown(await store.read(actor.tenant, (tx) => readProfile(tx, params.id))))

  app.post('/profiles', {
    config: { action: 'profile.edit' },
    schema: { tags, summary: 'Make an option profile, or copy one', body: CreateProfile, response: { 201: OptionProfile } },
  }, async ({ actor, body }, reply) => {
    const made = await store.write(actor.tenant, async (tx) => {
      await ensureProfiles(tx, now())
      const profile = await createProfile(tx, body, actor.user.id, now())
      await audit(tx, { actor, action: 'profile.created', object: { kind: 'profile', id: profile.id, name: profile.name } },
        new Date(now()))
      return profile
    })
    return reply.status(201).send(toShown(made))
  })

  app.patch('/profiles/:id', {
    config: { action: 'profile.edit' },
    schema: { tags, summary: 'Change an option profile', params: ProfileParams, body: ChangeProfile,
      response: { 200: OptionProfile } },
  }, async ({ actor, params, body }) => toShown(await store.write(actor.tenant, async (tx) => {
    const profile = await changeProfile(tx, params.id, body, now())
    await audit(tx, { actor, action: 'profile.changed', object: { kind: 'profile', id: profile.id, name: profile.name },
      details: body }, new Date(now()))
    return profile
  })))

  app.delete('/profiles/:id', {
    config: { action: 'profile.edit' },
    schema: { tags, summary: 'Remove an option profile', params: ProfileParams, response: { 204: Nothing } },
  }, async ({ actor, params }, reply) => {
    await store.write(actor.tenant, async (tx) => {
      const { id, name } = await readProfile(tx, params.id)
      await removeProfile(tx, id)
      await audit(tx, { actor, action: 'profile.removed', object: { kind: 'profile', id, name } }, new Date(now()))
    })
    return reply.status(204).send(null)
  })
}

function toShown(profile: Stored): Shown {
  const ports = portsLookedAt(profile.settings)
  const { lists, ...settings } = profile.settings
  return {
    id: profile.id,
    name: profile.name,
    description: profile.description,
    shipped: profile.shipped !== null,
    isDefault: profile.isDefault,
    tcpPorts: ports.tcp,
    udpPorts: ports.udp,
    settings: { ...settings, signatures: settings.signatures === 'all' ? 'all' : [...settings.signatures],
      exclude: [...settings.exclude],
      ...(lists === undefined ? {} : { lists: { include: [...lists.include], exclude: [...lists.exclude] } }) },
    createdAt: profile.createdAt.toISOString(),
    updatedAt: profile.updatedAt.toISOString(),
  }
}
