import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { fail } from '#core/errors.ts'
import { digestSubscription, subscribeToDigest } from '#platform/kb/digest-mail.ts'
import { digestFeed, digestRss } from '#platform/kb/digest-text.ts'
import { listWeeks, readWeek, type WeekDigest as Digest } from '#platform/kb/digest.ts'
import type { ApiContext } from '../../context.ts'
import { DigestMail, DigestMailChange, Updates, UpdatesQuery, WeekDigest, WeekParams } from './update-schemas.ts'

const tags = ['knowledgebase']
const config = { action: 'kb.read' } as const
/** Weeks in a feed: readers come at least once a month. */
const inFeed = 8

/** What the KnowledgeBase learnt week by week, to be read, subscribed to and counted. */
export const updateRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const now = (): Date => new Date(context.now())

  app.get('/kb/updates', { config, schema: { tags, summary: 'Updates of the KnowledgeBase by week', querystring: UpdatesQuery, response: { 200: Updates } } }, async ({ query }) => {
    const { weeks, updatesAWeek } = await listWeeks(store, context.knowledge(), query.weeks ?? 12, now())
    return { weeks: [...weeks], updatesAWeek }
  })

  app.get('/kb/updates/:week', { config, schema: { tags, summary: 'What one week brought', params: WeekParams, response: { 200: WeekDigest } } }, async ({ params }) => {
    const week = (await readWeek(store, context.knowledge(), params.week)) ?? fail('not_found', { what: 'week', id: params.week })
    return { ...week, added: [...week.added], changed: [...week.changed], withdrawn: [...week.withdrawn], exploited: [...week.exploited], notable: [...week.notable] }
  })

  app.get('/kb/updates/mail', { config, schema: { tags, summary: 'Whether the weekly digest is mailed to you', response: { 200: DigestMail } } }, async ({ actor }) =>
    ({ possible: context.config.mail === true, to: actor.user.email, ...await digestSubscription(store, actor.user.id) }))

  app.put('/kb/updates/mail', { config, schema: { tags, summary: 'Have the weekly digest mailed to you, or not', body: DigestMailChange, response: { 200: DigestMail } } }, async ({ actor, body }) => {
    if (body.subscribed && context.config.mail !== true) fail('mail.none')
    await subscribeToDigest(store, actor.user.id, body.subscribed, now())
    return { possible: context.config.mail === true, to: actor.user.email, ...await digestSubscription(store, actor.user.id) }
  })

  /** Weeks that brought something. */
  const digests = async (): Promise<readonly Digest[]> => {
    const { weeks } = await listWeeks(store, context.knowledge(), inFeed, now())
    const found = await Promise.all(weeks.filter((week) => week.counts.updates > 0).map((week) => readWeek(store, context.knowledge(), week.week)))
    return found.filter((week): week is Digest => week !== null)
  }
  const feed = (path: string, type: string, summary: string, write: (weeks: readonly Digest[], origin: string) => string): void => {
    app.get(path, {
      config: { ...config, rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: { tags, summary, description: 'For feed readers that send an API token as `Authorization: Bearer`.', response: { 200: Type.String({ description: type }) } },
    }, async (_, reply) => reply.type(`${type}; charset=utf-8`).send(write(await digests(), context.config.origin)))
  }
  feed('/kb/updates.rss', 'application/rss+xml', 'Updates as RSS 2.0', digestRss)
  feed('/kb/updates.json', 'application/feed+json', 'Updates as JSON Feed 1.1', digestFeed)
}
