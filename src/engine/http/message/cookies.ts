import type { CookieJar } from '../wire.ts'

/** Cookies of one jar; characters of one. */
const cookiesMost = 64
const cookieMost = 4096

type Cookie = Readonly<{ name: string; value: string; host: string; wide: boolean; path: string; secure: boolean }>

/** Cookies as one look at a host needs them: kept by host, path and `Secure` until it ends; a deletion deletes. The oldest goes when there are too many. */
export function cookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()
  return {
    header(host, target, tls) {
      const path = target.split(/[?#]/, 1)[0]!
      const fit = [...cookies.values()].filter((cookie) => (tls || !cookie.secure) && suitsHost(cookie, host.toLowerCase()) && suitsPath(cookie.path, path))
      // The more exact path first, as servers expect where a name occurs twice.
      fit.sort((a, b) => b.path.length - a.path.length)
      return fit.length === 0 ? null : fit.map(({ name, value }) => `${name}=${value}`).join('; ')
    },
    keep(setCookie, host) {
      for (const line of setCookie.slice(0, cookiesMost)) {
        const cookie = line.length > cookieMost ? null : parsed(line, host.toLowerCase())
        if (cookie === null) continue
        const key = `${cookie.host}\n${cookie.path}\n${cookie.name}`
        cookies.delete(key)
        if (isDeletion(line)) continue
        cookies.set(key, cookie)
        if (cookies.size > cookiesMost) cookies.delete(cookies.keys().next().value!)
      }
    },
  }
}

function parsed(line: string, host: string): Cookie | null {
  const [pair = '', ...parts] = line.split(';')
  const equals = pair.indexOf('=')
  const name = pair.slice(0, Math.max(0, equals)).trim()
  const value = pair.slice(equals + 1).trim()
  if (name === '' || /[\r\n\0]/.test(pair)) return null
  const attributes = new Map(parts.map((part) => {
    const at = part.indexOf('=')
    return [(at < 0 ? part : part.slice(0, at)).trim().toLowerCase(), at < 0 ? '' : part.slice(at + 1).trim()] as const
  }))
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? ''
  // A name without a dot is a whole top-level domain; an address has no names below it.
  const wide = domain !== '' && domain.includes('.') && !/^[\d.]+$/.test(host) && !host.includes(':')
  if (domain !== '' && domain !== host && !(wide && host.endsWith(`.${domain}`))) return null
  const path = attributes.get('path') ?? '/'
  return { name, value, host: wide ? domain : host, wide, path: path.startsWith('/') ? path : '/', secure: attributes.has('secure') }
}

function isDeletion(line: string): boolean {
  const age = /;\s*max-age\s*=\s*"?(-?\d{1,12})/i.exec(line)?.[1]
  if (age !== undefined) return Number(age) <= 0
  const expires = /;\s*expires\s*=\s*([^;]{1,60})/i.exec(line)?.[1]
  return expires !== undefined && /\b19[67]\d\b/.test(expires)
}

function suitsHost(cookie: Cookie, host: string): boolean {
  return host === cookie.host || (cookie.wide && host.endsWith(`.${cookie.host}`))
}

function suitsPath(of: string, path: string): boolean {
  return path === of || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'))
}
