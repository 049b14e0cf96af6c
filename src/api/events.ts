import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { fail } from '#core/errors.ts'
import { scopeOf, type Actor } from '#platform/access/actor.ts'
import { actions, can, type Action } from '#platform/access/role.ts'
import { liveChannel, type LiveMessage } from '#platform/live.ts'
import type { ApiContext } from './context.ts'

const mostStreams = 20
/** A client that reads slower than this loses its stream, and refetches when it is back. */
const mostWaiting = 262_144
const beat = 20_000

type Stream = Readonly<{ actor: Actor; topics: readonly string[]; reply: FastifyReply }>

/**
 * Server-sent events: one stream a tab, hints of what changed. Nothing is kept: after a gap (`Last-Event-ID`, or a lost database
 * connection) the client gets `refetch` and reads the lists again.
 */
export const eventRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const streams = new Set<Stream>()
  let last = 0
  let closing = false
  const boot = context.now().toString(36)

  const hear = (payload: string): void => {
    const message = parse(payload)
    if (message === null) return
    const id = `${boot}-${++last}`
    for (const stream of streams) if (concerns(stream, message)) send(stream, message.topic, dataFor(stream.actor, message), id)
  }
  const stop = await context.store.listen(liveChannel, hear, () => {
    for (const stream of streams) send(stream, 'refetch', {})
  })
  const timer = setInterval(() => {
    for (const stream of streams) write(stream, ': beat\n\n')
  }, beat)
  timer.unref()
  app.addHook('preClose', async () => {
    closing = true
    clearInterval(timer)
    for (const stream of streams) stream.reply.raw.end()
    await stop().catch(() => {})
  })

  app.get('/events', {
    config: { action: 'any', rateLimit: { max: 240, timeWindow: 60_000 } },
    schema: {
      tags: ['live'], summary: 'Stream of changes',
      description: 'Server-sent events. `topics` (comma-separated, e.g. `scan,finding.changed`) narrows it; without it everything the role may see.',
      querystring: Type.Object({ topics: Type.Optional(Type.String({ maxLength: 400 })) }),
      response: { 200: Type.String({ description: 'text/event-stream', maxLength: 8000 }) },
    },
  }, async (request, reply) => {
    const { actor } = request
    const mine = [...streams].filter((stream) => stream.actor.user.id === actor.user.id)
    if (mine.length >= mostStreams) fail('live.too_many', { most: mostStreams })
    const topics = (request.query.topics ?? '').split(',').map((topic) => topic.trim()).filter((topic) => topic !== '').slice(0, 30)
    const stream: Stream = { actor, topics, reply }
    reply.hijack()
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
    // The client may have gone, or the server begun to close, while the session was looked up: no `close` comes for that any more.
    if (closing || reply.raw.destroyed) return void reply.raw.end()
    streams.add(stream)
    // A session that ended must not go on listening: the console reconnects at once if it still may.
    const check = setInterval(() => {
      void stillHolds(context, request.headers, request.ip, actor).then((holds) => {
        if (!holds) reply.raw.end()
      })
    }, beat * 3)
    check.unref()
    const forget = (): void => {
      streams.delete(stream)
      clearInterval(check)
    }
    reply.raw.once('close', forget).once('error', forget)
    write(stream, 'retry: 2000\n\n')
    send(stream, request.headers['last-event-id'] === undefined ? 'hello' : 'refetch', {}, `${boot}-${last}`)
  })
}

async function stillHolds(context: ApiContext, headers: Readonly<{ authorization?: string | undefined; cookie?: string | undefined }>, ip: string, actor: Actor): Promise<boolean> {
  try {
    const bearer = headers.authorization?.replace(/^Bearer /, '') ?? null
    const now = await context.identity.authenticate({ bearer, cookie: headers.cookie ?? '', ip })
    return now?.actor?.tenant === actor.tenant && now.actor.role === actor.role
  } catch {
    return false
  }
}

function parse(payload: string): LiveMessage | null {
  try {
    const message = JSON.parse(payload) as Partial<LiveMessage>
    return typeof message.tenant === 'string' && typeof message.topic === 'string' ? { tenant: message.tenant, topic: message.topic, data: message.data ?? {} } : null
  } catch {
    return null
  }
}

/** `scan.progress` needs what reading scans needs: the topic's first word names the subject. */
function concerns({ actor, topics }: Stream, { tenant, topic }: LiveMessage): boolean {
  if (actor.tenant !== tenant) return false
  const action = `${topic.split('.')[0]}.read`
  if (action in actions && !can(actor.role, action as Action)) return false
  return topics.length === 0 || topics.some((wanted) => topic === wanted || topic.startsWith(`${wanted}.`))
}

/** Who sees only part of the organisation learns that something changed, not what: the list it refetches applies the scope. */
function dataFor(actor: Actor, message: LiveMessage): LiveMessage['data'] {
  // How many findings new knowledge made is told as findings are.
  const sees = message.topic !== 'kb.applied' || can(actor.role, 'finding.read')
  return sees && scopeOf(actor) === null ? message.data : {}
}

function send(stream: Stream, event: string, data: object, id?: string): void {
  write(stream, `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

function write({ reply }: Stream, text: string): void {
  if (reply.raw.destroyed || reply.raw.writableEnded) return
  if (reply.raw.writableLength > mostWaiting) reply.raw.destroy()
  else reply.raw.write(text)
}
