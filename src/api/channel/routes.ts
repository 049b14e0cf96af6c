import { promisify } from 'node:util'
import { gunzip, gzip, zstdDecompress } from 'node:zlib'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { batchLimits, readBatch } from '#channel/event-reader.ts'
import { fail } from '#core/errors.ts'
import { activateScanner, findScanner } from '#platform/scanner/registry.ts'
import type { Claimant } from '#store/slices.ts'
import type { ApiContext } from '../context.ts'
import { guessing } from '../limits.ts'

const id = Type.String({ pattern: '^[0-9a-f-]{36}$', maxLength: 36 })
const Me = Type.Object({
  id,
  software: Type.String({ maxLength: 80 }),
  content: Type.String({ maxLength: 80 }),
  holds: Type.Array(id, { maxItems: 256 }),
  capacity: Type.Integer({ minimum: 1, maximum: 256 }),
  key: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', maxLength: 44 })),
})

/**
 * The platform's end for remote scanners, under /channel/v1. They carry a token of their own (never a person's), and see nothing
 * but the slices leased to them.
 */
export const channelRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { channel, store, now } = context
  if (channel === undefined) return
  app.decorateRequest('scanner', null as never)
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer', bodyLimit: batchLimits.compressed },
    (_, body, done) => done(null, body))

  app.post('/activate', {
    config: { rateLimit: guessing },
    schema: { hide: true, body: Type.Object({ code: Type.String({ minLength: 10, maxLength: 60 }),
      tokenHash: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }) }) },
  }, async (request) => {
    const scanner = await store.platform((tx) => activateScanner(tx, request.body.code,
      Buffer.from(request.body.tokenHash, 'hex'), now()))
    request.log.info({ scanner: scanner.id }, 'scanner activated')
    return scanner
  })

  const inner: FastifyPluginAsyncTypebox = async (inside) => {
    inside.addHook('onRequest', async (request: FastifyRequest) => {
      request.scanner = await authenticate(request, context)
    })

    inside.post('/lease', {
      bodyLimit: 65_536,
      schema: { hide: true, body: Type.Object({ me: Me, most: Type.Integer({ minimum: 0, maximum: 256 }) }) },
    }, async (request, reply) => {
      // A scanner that hung up must not be leased anything: nobody would hear it.
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const { me, most } = request.body
      return { slices: await channel.of(request.scanner, request.ip).lease({ ...me, id: request.scanner.id }, most, gone.signal) }
    })

    inside.post('/report', {
      bodyLimit: batchLimits.compressed,
      schema: { hide: true, querystring: Type.Object({ slice: id, seq: Type.Integer({ minimum: 1 }) }) },
    }, async (request) => {
      const batch = readBatch(await unpack(request))
      return { answer: await channel.of(request.scanner).report(request.query.slice, request.query.seq, batch) }
    })

    inside.post('/finish', {
      bodyLimit: 4096,
      schema: { hide: true, body: Type.Object({ slice: id, outcome: Type.Enum(['done', 'partial', 'paused', 'lost']) }) },
    }, async (request, reply) => {
      await channel.of(request.scanner).finish(request.body.slice, request.body.outcome)
      return reply.status(204).send()
    })

    inside.post('/content', {
      bodyLimit: 4096,
      schema: { hide: true, body: Type.Object({ have: Type.String({ maxLength: 80 }), line: Type.Optional(Type.String({ maxLength: 20 })) }) },
    }, async (request, reply) => {
      const pack = await channel.of(request.scanner).content(request.body.have, request.body.line)
      if (pack === null) return reply.status(204).send()
      const body = await promisify(gzip)(JSON.stringify(pack))
      return reply.header('content-type', 'application/json').header('content-encoding', 'gzip').send(body)
    })

    inside.post('/templates', {
      bodyLimit: 4096,
      schema: { hide: true, body: Type.Object({ digest: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }) }) },
    }, async (request, reply) => {
      const pack = await channel.of(request.scanner).templates(request.body.digest)
      if (pack === null) return reply.status(204).send()
      // Compressed already.
      return reply.header('content-type', 'application/json').send(JSON.stringify({ pack: Buffer.from(pack).toString('base64') }))
    })
  }
  await app.register(inner)
}

async function authenticate(request: FastifyRequest, context: ApiContext): Promise<Claimant> {
  const token = /^Bearer ([A-Za-z0-9_-]{20,200})$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) fail('scanner.bad_token')
  return (await context.store.platform((tx) => findScanner(tx, token))) ?? fail('scanner.bad_token')
}

/** Bounded before and after: a small body may unpack to a large one. */
async function unpack(request: FastifyRequest): Promise<string> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const unpackers = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const
  try {
    if (encoding === 'identity') return body.toString('utf8')
    if (encoding !== 'gzip' && encoding !== 'zstd') return fail('scan.bad_event',
      { why: `its encoding "${encoding.slice(0, 20)}" is unknown` })
    return (await unpackers[encoding](body, { maxOutputLength: batchLimits.bytes })).toString('utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') fail('too_large',
      { what: 'The batch', size: `more than ${batchLimits.bytes} bytes`, most: batchLimits.bytes })
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z')) fail('scan.bad_event',
      { why: 'its compression is damaged' })
    throw error
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    scanner: Claimant
  }
}
