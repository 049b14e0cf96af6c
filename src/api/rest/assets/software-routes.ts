import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '#core/errors.ts'
import { readInventory, readPackages } from '#formats/inventory/read.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { listSoftware, shownOrigin, type SoftwareListRow } from '#platform/observation/software-list.ts'
import { uploadPackages } from '#platform/observation/upload.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { IdParams } from './schemas.ts'
import { SoftwarePage, SoftwareQuery, UploadedPackages, UploadPackages, type Software } from './software-schemas.ts'

const tags = ['assets']
const position = cursor('asset.software', ['number', 'text', 'text'])
/** 16 MB of text, and what JSON adds to it. */
const bodyLimit = 20 * 1024 * 1024
const judgesNothing = knowledgeOf('', [])

/** What software a host has, and inventories that people upload. */
export const softwareRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context

  app.get('/assets/:id/software', { config: { action: 'asset.read' }, schema: { tags, summary: 'Software of a host', params: IdParams, querystring: SoftwareQuery, response: { 200: SoftwarePage } } }, async ({ actor, params, query }) => {
    const limit = query.limit ?? 50
    const after = position.read(query.after)
    // It comes back from outside, and goes where only a number may stand.
    if (after !== null && (!/^-?\d{1,19}$/.test(after[2]) || !Number.isInteger(after[0]) || Math.abs(after[0]) > 1e9)) fail('page.cursor')
    const filter = { q: query.q ?? '', origin: query.origin ?? null, vulnerable: query.vulnerable ?? false }
    const { rows, total } = await store.read(actor.tenant, async (tx) => listSoftware(tx, params.id, await scopeGroups(tx, scopeOf(actor)), filter, after, limit + 1))
    return { ...position.page(rows, limit, (row) => [row.vulnerabilities, row.name, row.id], toSoftware), total }
  })

  app.post('/assets/:id/packages', {
    config: { action: 'asset.edit' }, bodyLimit,
    schema: {
      tags, summary: 'Upload the packages of a host', description: 'The whole inventory of one origin: a list, lines of dpkg-query or rpm, or a CycloneDX or SPDX bill of materials as JSON text.',
      params: IdParams, body: UploadPackages, response: { 200: UploadedPackages },
    },
  }, async ({ actor, params, body }) => {
    if ((body.packages === undefined) === (body.text === undefined)) fail('inventory.which')
    const about = body.distribution === undefined ? {} : { distribution: body.distribution }
    const read = body.text === undefined ? readPackages(body.packages!, body.distribution) : readInventory({ format: body.format ?? 'auto', text: body.text, ...about })
    const origin = (body.origin ?? read.format).trim()
    const done = await store.write(actor.tenant, (tx) => uploadPackages(tx, () => context.judging?.of(actor.tenant) ?? judgesNothing, actor, params.id, origin, read, context.now()))
    return { origin, format: read.format, ...done, unused: [...read.unused].map(([reason, { count, examples }]) => ({ reason, count, examples: [...examples] })) }
  })
}

function toSoftware(row: SoftwareListRow): Software {
  return {
    id: row.id, ecosystem: row.ecosystem, name: row.name, version: row.version, source: row.source, sourceVersion: row.source_version, architecture: row.architecture,
    origins: row.origins.map((one) => ({ origin: shownOrigin(one.origin), firstSeenAt: new Date(one.first).toISOString(), lastSeenAt: new Date(one.last).toISOString() })),
    vulnerabilities: row.vulnerabilities, worst: row.worst,
  }
}
