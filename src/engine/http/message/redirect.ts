import type { HttpExchange, HttpRequest } from '../wire.ts'
import { hostHeader } from './request.ts'

/** Where a request goes: `name` for the handshake, `host` for the header. */
export type Hop = Readonly<{ address: string; port: number; tls: boolean; name: string | undefined; host: string }>

const longest = 4096
const statuses: readonly number[] = [301, 302, 303, 307, 308]

/**
 * Where an answer sends us: null when nowhere, `why` when we do not go. A name is known only when it is one of the host's own (`names`) or the one just used: names
 * that a server tells are never looked up, since who answers the look-up would decide whom we speak to.
 */
export function redirected(answer: HttpExchange, request: HttpRequest, at: Hop, first: Hop, names: readonly string[], follow: 'host' | 'scope'): Readonly<{ request: HttpRequest; to: Hop }> | Readonly<{ why: string }> | null {
  if (!statuses.includes(answer.status)) return null
  const location = answer.header['location']
  if (location === undefined) return null
  const scheme = at.tls ? 'https' : 'http'
  const base = `${scheme}://${at.host}${request.target.startsWith('/') ? request.target : '/'}`
  if (location.length > longest || !URL.canParse(location, base)) return { why: 'its location is no address' }
  const url = new URL(location, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { why: `it leads to ${url.protocol.slice(0, 32)}` }
  const tls = url.protocol === 'https:'
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port)
  const host = url.hostname.toLowerCase()
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  const literal = host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
  const own = [at.name, first.name, hostName(at.host), hostName(first.host), ...names].some((name) => name?.toLowerCase() === host)
  const here = own || bare === at.address
  if (!here && !literal) return { why: `it leads to ${host.slice(0, 255)}, a name that is not known to be in the scope` }
  if (follow === 'host' && (!here || port !== first.port || tls !== first.tls || at.address !== first.address)) return { why: 'it leads to another host or port' }
  const address = own ? at.address : bare
  const name = literal ? undefined : host
  const to: Hop = { address, port, tls, name, host: hostHeader({ address, port }, tls, name) }
  return { to, request: carried(request, answer.status, `${url.pathname}${url.search}`, to.host === at.host) }
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.replace(/:\d+$/, '')
}

/** As browsers do: a 303 asks for a page; so do 301 and 302 after a POST. What was meant for one host is not told another. */
function carried(request: HttpRequest, status: number, target: string, same: boolean): HttpRequest {
  const { exact: _exact, host: _host, body, ...rest } = request
  const reads = (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST')
  const dropped = (name: string): boolean => name === 'host' || (reads && /^(content-|transfer-encoding$)/.test(name)) || (!same && /^(authorization|cookie|proxy-authorization)$/.test(name))
  const headers = request.headers?.filter(([name]) => !dropped(name.toLowerCase()))
  const { digest, ...open } = rest
  return {
    ...open, target, method: reads ? 'GET' : request.method,
    ...(headers === undefined ? {} : { headers }), ...(body === undefined || reads ? {} : { body }), ...(same && digest !== undefined ? { digest } : {}),
  }
}
