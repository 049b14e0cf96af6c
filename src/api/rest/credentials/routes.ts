import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '#core/errors.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { requireAsset } from '#platform/asset/detail.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { changeRecord, createRecord, listRecords, readRecord, removeRecord, type Record as Stored } from '#platform/credential/record.ts'
import { countLogins, loginsOfAsset, listLogins } from '#platform/credential/result.ts'
import { readScan } from '#platform/scan/read.ts'
import type { ApiContext } from '../../context.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { AssetLogins, ChangeCredential, Credential, CredentialList, NewCredential, ScanLogins, type Credential as Shown } from './schemas.ts'

const tags = ['authentication records']

/** How scanners may log in. What is secret goes in and never comes out. */
export const credentialRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, now } = context
  const secrets = () => context.secrets ?? fail('conflict', { what: 'This server has no key to seal authentication records with.' })
  const action = 'credential.manage'

  app.get('/credentials', {
    config: { action }, schema: { tags, summary: 'Authentication records', description: 'Of people with a narrower scope: those they made.', response: { 200: CredentialList } },
  }, async ({ actor }) => ({ items: (await store.read(actor.tenant, (tx) => listRecords(tx, actor))).map(toShown) }))

  app.get('/credentials/:id', { config: { action }, schema: { tags, summary: 'An authentication record', params: IdParams, response: { 200: Credential } } }, async ({ actor, params }) =>
    toShown(await store.read(actor.tenant, (tx) => readRecord(tx, actor, params.id))))

  app.post('/credentials', {
    config: { action }, bodyLimit: 131_072,
    schema: { tags, summary: 'Make an authentication record', description: 'Its secrets are sealed, and never answered.', body: NewCredential, response: { 201: Credential } },
  }, async ({ actor, body }, reply) => {
    const { assetGroupIds, networkId, ...rest } = body
    const input = { enabled: true, targets: '', ...rest, ...(networkId === undefined ? {} : { networkId }), groups: assetGroupIds ?? [] }
    return reply.status(201).send(toShown(await createRecord(store, secrets(), actor, input, now())))
  })

  app.patch('/credentials/:id', {
    config: { action }, bodyLimit: 131_072,
    schema: { tags, summary: 'Change an authentication record', description: 'A login is given whole, except that secrets left out stay as they are.', params: IdParams, body: ChangeCredential, response: { 200: Credential } },
  }, async ({ actor, params, body }) => {
    const { assetGroupIds, ...rest } = body
    return toShown(await changeRecord(store, secrets(), actor, params.id, { ...rest, ...(assetGroupIds === undefined ? {} : { groups: assetGroupIds }) } as never, now()))
  })

  app.delete('/credentials/:id', { config: { action }, schema: { tags, summary: 'Remove an authentication record', params: IdParams, response: { 204: Nothing } } }, async ({ actor, params }, reply) => {
    await store.write(actor.tenant, (tx) => removeRecord(tx, actor, params.id, now()))
    return reply.status(204).send(null)
  })

  app.get('/scans/:id/logins', {
    config: { action: 'scan.read' }, schema: { tags, summary: 'How logging in went in a scan', description: 'The worst first, at most 1,000.', params: IdParams, response: { 200: ScanLogins } },
  }, async ({ actor, params }) => store.read(actor.tenant, async (tx) => {
    await readScan(tx, params.id, scopeOf(actor) === null ? null : actor.user.id)
    return { hosts: await countLogins(tx, params.id), items: (await listLogins(tx, params.id, 1000)).map((one) => ({ ...one, names: [...one.names] })) }
  }))

  app.get('/assets/:id/logins', {
    config: { action: 'asset.read' }, schema: { tags, summary: 'How logging in to a host last went', params: IdParams, response: { 200: AssetLogins } },
  }, async ({ actor, params }) => store.read(actor.tenant, async (tx) => {
    await requireAsset(tx, params.id, await scopeGroups(tx, scopeOf(actor)))
    return { items: (await loginsOfAsset(tx, params.id)).map(({ scan, at, ...one }) => ({ ...one, scanId: scan, at: at.toISOString() })) }
  }))
}

function toShown(record: Stored): Shown {
  const { login } = record
  return {
    id: record.id, title: record.title, enabled: record.enabled, networkId: record.networkId, targets: record.targets, assetGroupIds: [...record.groups],
    login: { ...login, hostKeys: [...login.hostKeys], secrets: [...login.secrets] }, createdBy: record.createdBy, createdAt: record.createdAt.toISOString(), changedAt: record.changedAt.toISOString(),
  }
}
