import { access } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { answerNotFound } from './errors/problem.ts'

/**
 * Serves the built console: hashed files for ever, `index.html` never from a cache and for every path that is not a file, since the
 * console routes in the browser. An unknown path under /api is a problem in JSON, whoever asks.
 */
export async function serveConsole(app: FastifyInstance, folder: string | null): Promise<void> {
  const isBuilt = folder !== null && (await access(join(folder, 'index.html')).then(() => true, () => false))
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: folder,
      index: false,
      cacheControl: false,
      preCompressed: true,
      schemaHide: true,
      setHeaders: (response, path) => {
        const isHashed = /[/\\]assets[/\\]/.test(path)
        response.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
    app.get('/', { schema: { hide: true } }, (_, reply) => page(reply))
  }
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0]!
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !path.startsWith('/api') && !/\.[a-z0-9]{2,5}$/i.test(path)
    if (!isPage) return answerNotFound(request, reply)
    if (!isBuilt) return reply.status(404).type('text/plain').send('The console is not built. Run ./vigil up, which builds it.\n')
    return page(reply)
  })
}

function page(reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').sendFile('index.html')
}
