import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { listReleases, readRelease, type ReleaseRow } from '#platform/kb/release-log.ts'
import type { ApiContext } from '../../context.ts'
import { ReleaseDetail, ReleaseParams, ReleaseQuery, Releases, type Release } from './release-schemas.ts'

const tags = ['knowledgebase']
const config = { action: 'kb.read' } as const

/** Numbered releases of the KnowledgeBase, and what each brought. */
export const releaseRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const folder = context.knowledgeFolder ?? null

  app.get('/kb/releases', { config, schema: { tags, summary: 'Releases of the KnowledgeBase', querystring: ReleaseQuery, response: { 200: Releases } } }, async ({ query }) => {
    const { items, waiting } = await listReleases(context.store, folder, context.knowledge(), query.limit ?? 50)
    return { items: items.map(toRelease), rollback: './vigil kb rollback', waiting }
  })

  app.get('/kb/releases/:number', { config, schema: { tags, summary: 'One release, with what it changed', params: ReleaseParams, response: { 200: ReleaseDetail } } }, async ({ params }) => {
    const row = await readRelease(context.store, folder, context.knowledge(), params.number)
    return { ...toRelease(row), changes: row.changes.map(({ at, subject, kind, text, source }) => ({ at, subject, kind, text, source })) }
  })
}

function toRelease({ number, name, root, at, counts, inForce, kept, changed, notes }: ReleaseRow): Release {
  return { number, name, root, at, counts: { ...counts }, inForce, kept, changed: [...changed], notes: [...notes] }
}
