import type { CookieJar } from '../../http/wire.ts'

const cookiesMost = 100
const textMost = 8192

/** Cookies of one run of a template with one target: a plain list by name, since there is one host. Paths are kept; times are not, as no run lasts that long, but what is ended is dropped. */
export function cookieJar(): CookieJar {
  const cookies = new Map<string, Readonly<{ host: string; name: string; value: string; path: string; secure: boolean }>>()
  return {
    header(host, target, tls) {
      const path = target.split(/[?#]/, 1)[0]!
      const own = [...cookies.values()].filter((cookie) => cookie.host === host && (tls || !cookie.secure) && isBelow(path, cookie.path))
      return own.length === 0 ? null : own.sort((a, b) => b.path.length - a.path.length).map(({ name, value }) => `${name}=${value}`).join('; ').slice(0, textMost)
    },
    keep(lines, host) {
      for (const line of lines) {
        const [pair = '', ...attributes] = line.slice(0, textMost).split(';')
        const equals = pair.indexOf('=')
        if (equals < 1) continue
        const name = pair.slice(0, equals).trim()
        const value = pair.slice(equals + 1).trim()
        const said = new Map(attributes.map((one) => {
          const [key = '', ...rest] = one.split('=')
          return [key.trim().toLowerCase(), rest.join('=').trim()] as const
        }))
        const path = said.get('path')?.startsWith('/') === true ? said.get('path')! : '/'
        const key = `${host} ${path} ${name}`
        const age = said.get('max-age')
        const isEnded = age === undefined ? Date.parse(said.get('expires') ?? '') < 86_400_000 : Number(age) <= 0
        if (isEnded) cookies.delete(key)
        else if (cookies.size < cookiesMost || cookies.has(key)) cookies.set(key, { host, name, value, path, secure: said.has('secure') })
      }
    },
  }
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(parent.endsWith('/') ? parent : `${parent}/`)
}
