import cookie from '@fastify/cookie'
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance, type RouteOptions } from 'fastify'
import { newId } from '#store/id.ts'
import { channelRoutes } from './channel/routes.ts'
import { serveConsole } from './console.ts'
import type { ApiContext } from './context.ts'
import { answerError } from './errors/problem.ts'
import { healthRoutes } from './health.ts'
import { limits, registerRateLimits } from './limits.ts'
import { registerOpenApi } from './openapi.ts'
import { rest } from './rest.ts'
import { hostGuard, securityHeaders } from './security.ts'
import { compilersFactory, validatorCompiler } from './validation.ts'

/**
 * The HTTP face: /api/v1 (rest.ts), the console, health and metrics. Ready to `listen` or `inject`; `close()` ends streams too.
 * `onRoute` sees each route as it is made.
 */
export async function buildServer(context: ApiContext, onRoute?: (route: RouteOptions) => void): Promise<FastifyInstance> {
  const app = fastify({
    ...limits,
    loggerInstance: context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: context.config.trustProxy ?? false,
    genReqId: () => newId(context.now()),
    forceCloseConnections: true,
    schemaController: { compilersFactory: compilersFactory as never },
    // Typed as a plain server either way: nothing above it asks.
    ...((context.config.tls === undefined ? {} : { https: { ...context.config.tls, minVersion: 'TLSv1.2' } }) as object),
  })
  app.setValidatorCompiler(validatorCompiler())
  app.setErrorHandler(answerError)
  if (onRoute !== undefined) app.addHook('onRoute', onRoute)

  app.addHook('onRequest', securityHeaders(context.config))
  app.addHook('onRequest', hostGuard(context.config))
  app.addHook('onResponse', async (request, reply) => {
    const who = request.actor === undefined || request.actor === null ? {} : { user: request.actor.user.id, tenant: request.actor.tenant }
    request.log.info({ req: request, status: reply.statusCode, ms: Math.round(reply.elapsedTime), ...who }, 'request')
  })
  await registerRateLimits(app, context.config)
  await app.register(cookie)
  await registerOpenApi(app, context.config)
  healthRoutes(app, context)
  await app.register(rest(context), { prefix: '/api/v1' })
  await app.register(channelRoutes(context), { prefix: '/channel/v1' })
  await serveConsole(app, context.config.console)
  return app
}
