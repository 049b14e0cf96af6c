import type { HttpExchange } from '../../http/wire.ts'
import type { Names, Value } from './names.ts'
import type { WebRoot } from './web-root.ts'

/**
 * What one answer is called in the language: `body`, `status_code`, `all_headers`, each header as `content_type`, each cookie by its name. Worked out when asked for, since most templates look
 * at one or two of them, and once for all templates that look at the same answer.
 */
export function answerNames(answer: HttpExchange, url: string, root: WebRoot): Names {
  const own = ownNames(answer)
  return {
    get(name) {
      switch (name) {
        case 'host': return `${root.scheme}://${root.authority}`
        case 'matched': return url
        case 'ip': return root.address
      }
      return own.get(name)
    },
  }
}

const named = new WeakMap<HttpExchange, Names>()

/** What depends on nothing but the answer. */
function ownNames(answer: HttpExchange): Names {
  const before = named.get(answer)
  if (before !== undefined) return before
  const known = new Map<string, Value>()
  const fields = new Map<string, string>()
  for (const [name, value] of Object.entries(answer.header)) fields.set(name.trim().toLowerCase().replaceAll('-', '_'), name === 'set-cookie' ? value.replaceAll('\n', ' ') : value)
  let cookies: ReadonlyMap<string, string> | null = null

  function work(name: string): Value | undefined {
    switch (name) {
      case 'body': return answer.text()
      case 'status_code': return answer.status
      case 'all_headers':
      case 'header': return headOf(answer)
      case 'response':
      case 'raw': return `${headOf(answer)}${answer.text()}`
      case 'request': return Buffer.from(answer.exchange().sent, 'base64').toString('latin1')
      case 'content_length': return contentLength(answer)
      case 'duration': return answer.took / 1000
      case 'type': return 'http'
    }
    const field = fields.get(name)
    if (field !== undefined) return field
    cookies ??= cookiesOf(answer)
    return cookies.get(name)
  }

  const names: Names = {
    get(name) {
      const value = known.get(name)
      if (value !== undefined) return value
      const worked = work(name)
      if (worked !== undefined) known.set(name, worked)
      return worked
    },
  }
  named.set(answer, names)
  return names
}

/** As templates were written against: names in their usual spelling and in the order of the alphabet, whatever the server did, with the blank line. */
export function headOf(answer: HttpExchange): string {
  const lines = answer.headers.map(([name, value]) => [spelling(name), value] as const)
  const first = lines.filter(([name]) => name === 'Connection' || name === 'Content-Length' || name === 'Transfer-Encoding')
  const others = lines.filter((line) => !first.includes(line)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const status = `HTTP/${answer.version === '2' ? '2.0' : answer.version} ${String(answer.status).padStart(3, '0')} ${answer.reason}`
  return `${status}\r\n${[...first, ...others].map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

function spelling(name: string): string {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(name) ? name.toLowerCase().replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => `${before}${letter.toUpperCase()}`) : name
}

function contentLength(answer: HttpExchange): number {
  const told = Number(answer.header['content-length'] ?? '')
  return answer.header['content-length'] !== undefined && Number.isSafeInteger(told) && told >= 0 ? told : answer.body.length
}

function cookiesOf(answer: HttpExchange): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const line of (answer.header['set-cookie'] ?? '').split('\n').slice(0, 50)) {
    const pair = /^\s*([^=;\s]{1,200})=("?)([^;"]{0,4096})\2/.exec(line)
    if (pair !== null) cookies.set(pair[1]!.toLowerCase(), pair[3]!.trim())
  }
  return cookies
}
