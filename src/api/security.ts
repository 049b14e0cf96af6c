import { isIP } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fail } from '#core/errors.ts'
import type { ApiConfig } from './context.ts'

/** The console loads only its own files. Styles may stand in attributes, since positioned widgets write them; scripts may not. */
const contentPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "font-src 'self'",
  "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'",
].join('; ')

export function securityHeaders(config: ApiConfig): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const isSecure = config.origin.startsWith('https:')
  return async (request, reply) => {
    void reply.headers({
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'x-request-id': request.id,
    })
    if (isSecure) void reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store')
  }
}

/**
 * Refuses names this server does not answer for. A page that makes its own name point to 127.0.0.1 (DNS rebinding) would
 * otherwise be of one origin with the console.
 */
export function hostGuard(config: ApiConfig): (request: FastifyRequest) => Promise<void> {
  const known = new Set([new URL(config.origin).host, ...(config.hosts ?? [])].map((host) => host.toLowerCase()))
  return async (request) => {
    const host = (request.headers.host ?? '').toLowerCase()
    const name = host.replace(/:[0-9]+$/, '')
    if (known.has(host) || known.has(name) || name === 'localhost' || isIP(name) === 4 || /^\[[0-9a-f:.]+\]$/.test(name)) return
    fail('host.refused', { host })
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Cookies are sent by the browser whoever asks: what changes something must come from a page of this very origin. The cookie is
 * SameSite as well; this holds where that does not (another port of the same host is the same site).
 */
export function requireSameOrigin(request: FastifyRequest, config: ApiConfig): void {
  if (safeMethods.has(request.method)) return
  const origin = request.headers.origin
  if (origin !== undefined) {
    if (origin === config.origin || (URL.canParse(origin) && new URL(origin).host === request.headers.host?.toLowerCase())) return
    fail('origin.refused')
  }
  if (request.headers['sec-fetch-site'] !== 'same-origin') fail('origin.refused')
}
