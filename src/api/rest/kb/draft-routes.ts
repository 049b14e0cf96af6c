import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Actor } from '#platform/access/actor.ts'
import { isCanary, setCanary } from '#platform/kb/draft-source.ts'
import { mayDo, problemsOf, regressDraft, takeStep, type Act } from '#platform/kb/draft-step.ts'
import { teamPlace } from '#platform/kb/draft-team.ts'
import { changeDraft, createDraft, listDrafts, readDraft, readExtras, type DraftRow } from '#platform/kb/draft.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { IdParams } from '../../schema.ts'
import {
  Canary, DraftChange, DraftDetail, DraftPage, DraftPublication, DraftQuery, DraftRejection, DraftStep, NewDraft, type Draft,
} from './draft-schemas.ts'

const tags = ['knowledgebase']
const config = { action: 'kb.read' } as const
const newest = cursor('draft.changed', ['time', 'id'])

/**
 * How our own checks come to be. Who may do what is a place in the installation's team (src/platform/kb/draft-team.ts), not a role in an organisation: for everybody
 * else there is nothing here.
 */
export const draftRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  const detail = (actor: Actor, id: string): Promise<DraftDetail> => store.platform(async (tx) => {
    const row = await readDraft(tx, actor, id)
    const { before, writers, events } = await readExtras(tx, row)
    return {
      ...toDraft(row), text: row.body, before, problems: [...(row.state === 'draft' ? await problemsOf(tx, row) : [])], writers: [...writers],
      regression: row.regression === null ? null : { ...row.regression, rows: [...row.regression.rows] },
      history: events.map(({ at: when, userId, userName, act, revision, comment }) => ({ at: when.toISOString(), who: { id: userId, name: userName }, act, revision, comment })),
      may: mayDo(row, actor.user.id, await teamPlace(tx, actor.user.id)),
    }
  })

  app.get('/kb/drafts', { config, schema: { tags, summary: 'Drafts of checks', description: 'For people of the team that writes checks; for others it is empty.', querystring: DraftQuery, response: { 200: DraftPage } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const filter = { ...(query.state === undefined ? {} : { state: query.state }), ...(query.q === undefined ? {} : { q: query.q }) }
    const { rows, me } = await store.platform((tx) => listDrafts(tx, actor, filter, newest.read(query.after), limit + 1))
    return { ...newest.page(rows, limit, (row) => [row.changed_at, row.id], toDraft), me }
  })

  app.post('/kb/drafts', { config, schema: { tags, summary: 'Begin a draft', body: NewDraft, response: { 201: DraftDetail } } }, async (request, reply) => {
    const { actor, body } = request
    const id = await store.platform((tx) => createDraft(tx, actor, body, at()))
    return reply.status(201).send(await detail(actor, id))
  })

  app.get('/kb/drafts/:id', { config, schema: { tags, summary: 'One draft, with its history', params: IdParams, response: { 200: DraftDetail } } }, ({ actor, params }) => detail(actor, params.id))

  app.patch('/kb/drafts/:id', { config, schema: { tags, summary: 'Change the text of a draft', description: 'Makes a new revision, which must be read and tried anew.', params: IdParams, body: DraftChange, response: { 200: DraftDetail } } },
    async ({ actor, params, body }) => {
      await store.platform((tx) => changeDraft(tx, actor, params.id, body, at()))
      return detail(actor, params.id)
    })

  app.post('/kb/drafts/:id/regress', {
    config: { ...config, rateLimit: { max: 30, timeWindow: 60_000 } },
    schema: { tags, summary: 'Try a draft on the fixtures of all checks', params: IdParams, body: DraftStep, response: { 200: DraftDetail } },
  }, async ({ actor, params, body }) => {
    await regressDraft(store, actor, params.id, body.revision, at)
    return detail(actor, params.id)
  })

  const step = (act: Exclude<Act, 'change' | 'regress'>, summary: string, body: typeof DraftStep | typeof DraftRejection | typeof DraftPublication): void => {
    app.post(`/kb/drafts/:id/${act}`, { config, schema: { tags, summary, params: IdParams, body, response: { 200: DraftDetail } } }, async ({ actor, params, body: choice }) => {
      await takeStep(store, actor, params.id, act, choice, at())
      return detail(actor, params.id)
    })
  }
  step('submit', 'Hand a draft to a second person', DraftStep)
  step('approve', 'Approve a draft that others wrote', DraftStep)
  step('reject', 'Send a draft back to its author', DraftRejection)
  step('stage', 'Try a draft in canary organisations', DraftStep)
  step('publish', 'Publish a draft to every organisation', DraftPublication)
  step('reopen', 'Take a draft back to be changed', DraftStep)
  step('abandon', 'Give a draft up', DraftStep)

  app.get('/kb/canary', { config: { action: 'organisation.read' }, schema: { tags, summary: 'Whether staged checks are tried here', response: { 200: Canary } } }, async ({ actor }) => ({
    canary: await store.read(actor.tenant, (tx) => isCanary(tx, actor.tenant)),
  }))

  app.put('/kb/canary', { config: { action: 'organisation.edit' }, schema: { tags, summary: 'Try staged checks here, or no more', body: Canary, response: { 200: Canary } } }, async ({ actor, body }) => {
    await store.platform((tx) => setCanary(tx, actor, body.canary))
    return { canary: body.canary }
  })
}

function toDraft(row: DraftRow): Draft {
  return {
    id: row.id, check: row.check, intent: row.intent, title: row.title, state: row.state, revision: row.revision, author: { id: row.author_id, name: row.author_name },
    reviewer: row.reviewer_id === null ? null : { id: row.reviewer_id, name: row.reviewer_name ?? '' }, changeLog: row.change_log, passed: row.passed, release: row.release,
    createdAt: row.created_at.toISOString(), changedAt: row.changed_at.toISOString(),
  }
}
