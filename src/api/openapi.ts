import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { ApiConfig } from './context.ts'
import { Problem } from './errors/problem.ts'

/** OpenAPI 3.1 from the very schemas that validate and serialise; registered before the routes, which it collects. */
export async function registerOpenApi(app: FastifyInstance, config: ApiConfig): Promise<void> {
  app.addSchema(Problem)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Vigil', version: config.version, description: 'Everything the console does. Lists are paged by key: pass `next` as `after`. A parameter that is not named here is refused. Errors are RFC 9457 problems.' },
      servers: [{ url: config.origin }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token made under Settings, `vigil_…`.' },
          session: { type: 'apiKey', in: 'cookie', name: 'vigil.session_token' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => (typeof json['$id'] === 'string' ? json['$id'] : `Schema${index}`) },
  })
  app.addHook('onRoute', (route) => {
    if (route.schema === undefined || route.schema.hide === true) return
    const isOpen = route.config?.open === true
    route.schema = {
      ...route.schema,
      ...(isOpen ? { security: [] } : {}),
      response: { ...(route.schema.response as object | undefined), '4xx': { $ref: 'Problem#' } },
    }
  })
}
