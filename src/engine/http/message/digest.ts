import { createHash, randomBytes } from 'node:crypto'
import type { HttpRequest } from '../wire.ts'
import type { HeaderList } from './head.ts'

const algorithms: Readonly<Record<string, string>> = { 'md5': 'md5', 'sha-256': 'sha256', 'sha-512-256': 'sha512-256' }

/** The `Authorization` that answers a Digest challenge (RFC 7616), the strongest one that is understood; null where there is none. */
export function digestAnswer(headers: HeaderList, request: HttpRequest, { user, password }: Readonly<{ user: string; password: string }>, nonceOfOurs = randomBytes(8).toString('hex')): string | null {
  const challenges = headers.filter(([name]) => name.toLowerCase() === 'www-authenticate').flatMap(([, value]) => {
    const at = value.search(/\bdigest\s/i)
    return at < 0 ? [] : [parameters(value.slice(at + 6))]
  }).filter((found) => found['nonce'] !== undefined && algorithmOf(found) !== null)
  challenges.sort((a, b) => rank(b) - rank(a))
  const challenge = challenges[0]
  if (challenge === undefined) return null
  const { realm = '', nonce = '', opaque, qop } = challenge
  const name = challenge['algorithm'] ?? 'MD5'
  const hash = (text: string): string => createHash(algorithmOf(challenge)!).update(text).digest('hex')
  const count = '00000001'
  const auth = qop?.toLowerCase().split(',').map((one) => one.trim()).includes('auth') === true
  const secret = hash(`${user}:${realm}:${password}`)
  const first = /-sess$/i.test(name) ? hash(`${secret}:${nonce}:${nonceOfOurs}`) : secret
  const second = hash(`${request.method}:${request.target}`)
  const response = hash(auth ? `${first}:${nonce}:${count}:${nonceOfOurs}:auth:${second}` : `${first}:${nonce}:${second}`)
  return [
    `Digest username="${quoted(user)}", realm="${quoted(realm)}", nonce="${quoted(nonce)}", uri="${request.target}", algorithm=${name}, response="${response}"`,
    ...(auth ? [`qop=auth, nc=${count}, cnonce="${nonceOfOurs}"`] : []), ...(opaque === undefined ? [] : [`opaque="${quoted(opaque)}"`]),
  ].join(', ')
}

/** `Authorization` for Basic. */
export function basicAnswer(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function algorithmOf(challenge: Readonly<Record<string, string>>): string | null {
  const name = (challenge['algorithm'] ?? 'md5').toLowerCase().replace(/-sess$/, '')
  return Object.hasOwn(algorithms, name) ? algorithms[name]! : null
}

function rank(challenge: Readonly<Record<string, string>>): number {
  return Object.values(algorithms).indexOf(algorithmOf(challenge) ?? '')
}

function parameters(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [, name, inQuotes, bare] of text.slice(0, 4096).matchAll(/([a-z]{1,20})\s*=\s*(?:"((?:[^"\\]|\\.){0,1024})"|([^\s,"]{1,256}))/gi)) {
    const value = inQuotes?.replace(/\\(.)/g, '$1') ?? bare ?? ''
    if (!/[\r\n]/.test(value)) found[name!.toLowerCase()] ??= value
  }
  return found
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&')
}
