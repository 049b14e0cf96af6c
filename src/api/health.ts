import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Histogram } from 'prom-client'
import type { ApiContext } from './context.ts'
import { isLoopback } from './limits.ts'

/** /healthz: the process runs. /readyz: it can serve. /metrics: Prometheus text, for this machine or with the metrics token. */
export function healthRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok', version: context.config.version }))

  app.get('/readyz', { schema: { hide: true } }, async (_, reply) => {
    const checks: Record<string, () => Promise<boolean>> = {
      database: () => context.store.platform(async ({ sql }) => (await sql`select 1`).length === 1),
      ...context.ready,
    }
    const states = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await check().catch(() => false)] as const))
    const isReady = states.every(([, state]) => state)
    return reply.status(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks: Object.fromEntries(states) })
  })

  collectDefaultMetrics({ register: context.metrics })
  const seconds = new Histogram({
    name: 'vigil_http_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [context.metrics],
  })
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the path: a label per id would grow without end.
    const route = request.routeOptions.url ?? 'none'
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
  })
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const { metricsToken } = context.config
    const given = request.headers.authorization?.replace(/^Bearer /, '')
    const holdsToken = metricsToken !== undefined && given !== undefined && equal(given, metricsToken)
    if (!holdsToken && !isLoopback(request)) return reply.callNotFound()
    return reply.type(context.metrics.contentType).send(await context.metrics.metrics())
  })
}

function equal(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
