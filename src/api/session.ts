import type { FastifyReply, FastifyRequest } from 'fastify'
import { fail } from '#core/errors.ts'
import { allow, type Actor } from '#platform/access/actor.ts'
import type { Action } from '#platform/access/role.ts'
import type { Person } from '#platform/user/identity.ts'
import type { ApiContext } from './context.ts'
import { requireSameOrigin } from './security.ts'

/**
 * What a route says about who may call it, one of: `open` (anyone), `person` (signed in, in whatever organisation or none),
 * `action` (a role that allows it; `'any'`: every member). A route without one of them does not start.
 */
declare module 'fastify' {
  interface FastifyContextConfig {
    open?: true
    person?: true
    action?: Action | 'any'
    /** What only a person at a browser may do: a stolen token must not make a lasting account out of itself. */
    browserOnly?: true
  }
  interface FastifyRequest {
    /** Who acts; there on every route with an `action`. */
    actor: Actor
    /** Who is signed in; there on every route with `person` or `action`. */
    person: Person
    /** Who acts, or null outside any organisation; there on every route with `person` or `action`. */
    member: Actor | null
  }
}

/** Runs before the body is read: a stranger's megabyte is not parsed. */
export function requireActor(context: ApiContext): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const { open, person, action, browserOnly } = request.routeOptions.config
    const bearer = bearerOf(request)
    if (bearer === null) requireSameOrigin(request, context.config)
    if (open === true) return
    const signed = await context.identity.authenticate({ bearer, cookie: request.headers.cookie ?? '', ip: request.ip })
    if (signed === null) fail(bearer === null ? 'sign_in.needed' : 'token.invalid')
    for (const cookie of signed.setCookies) reply.header('set-cookie', cookie)
    if (browserOnly === true && bearer !== null) fail('token.not_here')
    request.person = signed.person
    request.member = signed.actor
    if (person === true) return
    if (signed.actor === null) fail('session.no_organisation')
    request.actor = signed.actor
    if (action !== undefined && action !== 'any') allow(signed.actor, action)
  }
}

function bearerOf(request: FastifyRequest): string | null {
  const given = request.headers.authorization
  if (given === undefined) return null
  return /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(given)?.[1] ?? ''
}
