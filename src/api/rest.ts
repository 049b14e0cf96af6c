import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteOptions } from 'fastify'
import type { ApiContext } from './context.ts'
import { eventRoutes } from './events.ts'
import { assetRoutes } from './rest/assets/routes.ts'
import { auditRoutes } from './rest/audit/routes.ts'
import { certificateRoutes } from './rest/certificates/routes.ts'
import { credentialRoutes } from './rest/credentials/routes.ts'
import { fixPlanRoutes } from './rest/dashboard/fix-plan-routes.ts'
import { dashboardRoutes } from './rest/dashboard/routes.ts'
import { findingRoutes } from './rest/findings/routes.ts'
import { identityRoutes } from './rest/identity/routes.ts'
import { appliedRoutes } from './rest/kb/applied-routes.ts'
import { kbRoutes } from './rest/kb/routes.ts'
import { checkEditRoutes } from './rest/kb/tenant-routes.ts'
import { threatRoutes } from './rest/kb/threat-routes.ts'
import { organisationRoutes } from './rest/organisation/routes.ts'
import { reportRoutes } from './rest/reports/routes.ts'
import { profileRoutes } from './rest/profiles/routes.ts'
import { scannerRoutes } from './rest/scanners/routes.ts'
import { scanRoutes } from './rest/scans/routes.ts'
import { scheduleRoutes } from './rest/schedules/routes.ts'
import { searchListRoutes } from './rest/search-lists/routes.ts'
import { tokenRoutes } from './rest/tokens/routes.ts'
import { requireActor } from './session.ts'

/** All of /api/v1: a subject is one line. */
export const rest = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  app.decorateRequest('actor', null as never)
  app.decorateRequest('person', null as never)
  app.decorateRequest('member', null)
  app.addHook('onRequest', requireActor(context))
  app.addHook('onRoute', mustSayWhoMay)
  app.addHook('onRoute', knowsItsQuery)
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, async () => app.swagger())

  await app.register(identityRoutes(context), { prefix: '/identity' })
  await app.register(organisationRoutes(context))
  await app.register(tokenRoutes(context))
  await app.register(auditRoutes(context))
  await app.register(assetRoutes(context))
  await app.register(certificateRoutes(context))
  await app.register(findingRoutes(context))
  await app.register(dashboardRoutes(context))
  await app.register(fixPlanRoutes(context))
  await app.register(kbRoutes(context))
  await app.register(appliedRoutes(context))
  await app.register(checkEditRoutes(context))
  await app.register(threatRoutes(context))
  await app.register(searchListRoutes(context))
  await app.register(reportRoutes(context))
  await app.register(scanRoutes(context))
  await app.register(scheduleRoutes(context))
  await app.register(profileRoutes(context))
  await app.register(scannerRoutes(context))
  await app.register(credentialRoutes(context))
  await app.register(eventRoutes(context))
}

/** Forgetting to say who may call a route must not open it. */
function mustSayWhoMay(route: RouteOptions): void {
  const { open, person, action } = route.config ?? {}
  const said = [open, person, action].filter((value) => value !== undefined).length
  if (said !== 1) throw new Error(`${String(route.method)} ${route.url} must have exactly one of config.open, config.person and config.action`)
}

/** A parameter that a route does not know is told, not passed over: `cursor` for `after` made a client read the first page for ever. */
function knowsItsQuery(route: RouteOptions): void {
  const query = (route.schema?.querystring ?? { type: 'object', properties: {} }) as Readonly<{ type?: string; properties?: object }>
  if (query.type !== 'object' || query.properties === undefined) throw new Error(`${String(route.method)} ${route.url} must name the parameters of its query in one object`)
  route.schema = { ...route.schema, querystring: { ...query, additionalProperties: false } }
}
