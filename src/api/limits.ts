import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { VigilError } from '#core/errors.ts'
import type { ApiConfig } from './context.ts'

/** Sizes and times of one request; a route that takes files raises its own `bodyLimit`. */
export const limits = {
  bodyLimit: 1_048_576,
  requestTimeout: 60_000,
  keepAliveTimeout: 72_000,
  routerOptions: { maxParamLength: 200 },
  http: { maxHeaderSize: 16_384 },
} as const

/** For routes where guessing pays, added to what locks an account: `config: { rateLimit: guessing }`. */
export const guessing = { max: 30, timeWindow: 60_000 } as const

export async function registerRateLimits(app: FastifyInstance, config: ApiConfig): Promise<void> {
  if (config.rate === 0) return
  await app.register(rateLimit, {
    max: config.rate ?? 6000,
    timeWindow: 60_000,
    // Addresses held at once; more push out the oldest.
    cache: 10_000,
    keyGenerator: (request) => request.ip,
    errorResponseBuilder: (_, { ttl }) => new VigilError('rate_limited', { seconds: Math.max(1, Math.ceil(ttl / 1000)) }),
  })
}

/** Whether the request came from this machine, and not through a proxy that stands on it. */
export function isLoopback(request: FastifyRequest): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined) return false
  const ip = request.ip.replace(/^::ffff:/, '')
  return ip === '::1' || ip.startsWith('127.')
}
