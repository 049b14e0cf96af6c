import { createHmac, timingSafeEqual } from 'node:crypto'

const names = ['__Secure-vigil.session_token', 'vigil.session_token']

/**
 * The session token of a Cookie header whose signature holds, else null. better-auth writes the cookie (`token.HMAC-SHA256(token)` in
 * base64, percent-encoded); every request reads it, which is why it is read here, without its two transactions.
 */
export function sessionToken(cookies: string, secret: string): string | null {
  for (const pair of cookies.split(';')) {
    const at = pair.indexOf('=')
    if (at < 0 || !names.includes(pair.slice(0, at).trim())) continue
    const value = decoded(pair.slice(at + 1).trim())
    const dot = value.lastIndexOf('.')
    if (dot < 1) continue
    const token = value.slice(0, dot)
    if (same(value.slice(dot + 1), createHmac('sha256', secret).update(token).digest('base64'))) return token
  }
  return null
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
