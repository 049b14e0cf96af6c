import type { Place } from '#core/place.ts'
import type { HttpRequest } from '../wire.ts'

export const userAgent = 'Mozilla/5.0 (compatible; Vigil scanner)'
const usual = `User-Agent: ${userAgent}\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n`
const breaks = /[\r\n\0]/

/** What every client says; whether it is said changes no answer. */
const said = new Set(['accept: */*', 'accept-language: en', 'connection: close', 'connection: keep-alive'])

export function isUsual([name, value]: readonly [name: string, value: string]): boolean {
  return said.has(`${name}: ${value}`.toLowerCase())
}

export function hostHeader(at: Readonly<{ address: string; port: number }>, tls: boolean, name: string | undefined): string {
  const host = name ?? (at.address.includes(':') ? `[${at.address}]` : at.address)
  return at.port === (tls ? 443 : 80) ? host : `${host}:${at.port}`
}

/** A request as it goes over the wire; null: it has a line break where none may be. `more`: headers of ours, after those asked for. */
export function requestBytes(request: HttpRequest, host: string, more: readonly (readonly [string, string])[] = []): string | Uint8Array | null {
  const { method, target, headers, body } = request
  if (breaks.test(target) || breaks.test(method) || breaks.test(host)) return null
  // Most have nothing of their own: one piece of text, which the kernel takes as it is.
  if (headers === undefined && body === undefined && more.length === 0 && method !== 'POST') return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${usual}`
  const has = new Set<string>()
  let text = ''
  for (const [name, value] of [...(headers ?? []), ...more]) {
    if (breaks.test(name) || breaks.test(value)) return null
    text += `${name}: ${value}\r\n`
    has.add(name.toLowerCase())
  }
  const first = has.has('host') ? '' : `Host: ${host}\r\n`
  if (!has.has('user-agent')) text += `User-Agent: ${userAgent}\r\n`
  if (!has.has('accept')) text += 'Accept: */*\r\n'
  if (!has.has('connection')) text += 'Connection: keep-alive\r\n'
  const chunked = has.has('transfer-encoding') && /chunked/i.test(valueOf(headers ?? [], 'transfer-encoding'))
  if ((body !== undefined || method === 'POST') && !has.has('content-length') && !chunked) text += `Content-Length: ${body?.length ?? 0}\r\n`
  const head = `${method} ${target} HTTP/1.1\r\n${first}${text}\r\n`
  if (body === undefined) return chunked ? `${head}0\r\n\r\n` : head
  if (!chunked) return Buffer.concat([Buffer.from(head), body])
  return Buffer.concat([Buffer.from(`${head}${body.length === 0 ? '' : `${body.length.toString(16)}\r\n`}`), body, Buffer.from(body.length === 0 ? '0\r\n\r\n' : '\r\n0\r\n\r\n')])
}

export function valueOf(headers: readonly (readonly [string, string])[], name: string): string {
  return headers.find(([spelt]) => spelt.toLowerCase() === name)?.[1] ?? ''
}

export function endpointOf(at: Place): { address: string; port: number } {
  if (at.port === undefined) throw new Error('a place without a port has no web server')
  return { address: at.address, port: at.port }
}
