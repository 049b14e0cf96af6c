import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Call } from '#platform/user/better-auth-call.ts'

export function callOf(request: FastifyRequest): Call {
  return { cookie: request.headers.cookie ?? '', ip: request.ip, userAgent: request.headers['user-agent'] ?? '' }
}

export function setCookies(reply: FastifyReply, cookies: readonly string[]): void {
  for (const cookie of cookies) void reply.header('set-cookie', cookie)
}
