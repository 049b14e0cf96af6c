import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeOf } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { addSearchList, changeSearchList, dropSearchList, listSearchLists, meaningOf, previewList, readSearchList, type SearchListRow } from '#platform/kb/search-list.ts'
import type { ApiContext } from '../../context.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { ChangeSearchList, NewSearchList, Preview, PreviewSearchList, SearchList, SearchLists, type SearchList as Shown } from './schemas.ts'

const tags = ['search lists']

/** Lists of checks under a name, for queries, reports and option profiles. */
export const searchListRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  app.get('/search-lists', { config: { action: 'kb.read' }, schema: { tags, summary: 'Search lists, shipped ones first', response: { 200: SearchLists } } }, async ({ actor }) => ({
    items: (await store.read(actor.tenant, (tx) => listSearchLists(tx, at()))).map(toShown),
  }))

  app.get('/search-lists/:id', { config: { action: 'kb.read' }, schema: { tags, summary: 'A search list', params: IdParams, response: { 200: SearchList } } }, async ({ actor, params }) =>
    toShown(await store.read(actor.tenant, (tx) => readSearchList(tx, params.id, at()))))

  app.post('/search-lists', {
    config: { action: 'list.edit' }, schema: { tags, summary: 'Make a search list', body: NewSearchList, response: { 201: SearchList } },
  }, async ({ actor, body }, reply) => {
    const made = await store.write(actor.tenant, async (tx) => readSearchList(tx, await addSearchList(tx, actor, body, at()), at()))
    return reply.status(201).send(toShown(made))
  })

  app.post('/search-lists/preview', {
    config: { action: 'kb.read' },
    schema: { tags, summary: 'What such a search list would hold', description: 'Nothing is kept.', body: PreviewSearchList, response: { 200: Preview } },
  }, async ({ actor, body }) => await store.read(actor.tenant, async (tx) =>
    previewList(tx, await meaningOf(tx, body, at()), can(actor.role, 'finding.read') ? await scopeGroups(tx, scopeOf(actor)) : undefined, at())) as Preview)

  app.patch('/search-lists/:id', {
    config: { action: 'list.edit' }, schema: { tags, summary: 'Change a search list', params: IdParams, body: ChangeSearchList, response: { 200: SearchList } },
  }, async ({ actor, params, body }) =>
    toShown(await store.write(actor.tenant, async (tx) => {
      await changeSearchList(tx, actor, params.id, body, at())
      return readSearchList(tx, params.id, at())
    })))

  app.delete('/search-lists/:id', {
    config: { action: 'list.edit' },
    schema: { tags, summary: 'Remove a search list', description: 'One in use is not removed; the answer says where it is used.', params: IdParams, response: { 204: Nothing } },
  }, async ({ actor, params }, reply) => {
    await store.write(actor.tenant, (tx) => dropSearchList(tx, actor, params.id, at()))
    return reply.status(204).send(null)
  })
}

function toShown(row: SearchListRow): Shown {
  return {
    id: row.id, name: row.name, description: row.description, kind: row.query === null ? 'static' : 'dynamic', shipped: row.shipped,
    query: row.query, checks: row.checks === null ? null : [...row.checks],
    count: row.count, usedBy: { profiles: [...row.profiles] }, term: row.term, createdBy: row.created_by_name, updatedAt: row.updated_at.toISOString(),
  }
}
