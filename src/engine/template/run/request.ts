import type { Text } from '#core/template/dsl.ts'
import type { HttpBlock, HttpRequestPlan } from '#core/template/plan.ts'
import type { CookieJar, HttpRequest, Redirects } from '../../http/wire.ts'
import { fillText } from './fill.ts'
import type { Scope } from './names.ts'
import { latin1, onTheLine, parseRaw, relative } from './raw.ts'
import type { WebRoot } from './web-root.ts'

/** `unknown`: names it needs that nobody knows yet; `elsewhere`: it means another host or port than the target; `malformed`: it is no request. */
export type Unsendable = Readonly<{ unsendable: 'unknown' | 'elsewhere' | 'malformed'; text: string }>
export type Built = Readonly<{ request: HttpRequest; url: string }>

type Making = Readonly<{ block: HttpBlock; scope: Scope; root: WebRoot; jar: CookieJar | undefined; timeout: number }>

/** One request of a template with everything in it worked out. */
export function buildRequest(plan: HttpRequestPlan, making: Making): Built | Unsendable {
  const unknown: string[] = []
  const fill = (text: Text): string => fillText(text, making.scope, unknown)
  const built = plan.kind === 'path' ? pathRequest(plan, making, fill) : rawRequest(plan, making, fill)
  if (unknown.length > 0 && !making.block.sendUnresolved) return { unsendable: 'unknown', text: unknown.slice(0, 5).join(', ') }
  if ('unsendable' in built) return built
  const { block } = making
  const follow: Redirects | undefined = block.redirects.follow === 'never' ? undefined : { follow: block.redirects.follow, most: block.redirects.most }
  const digest = block.digest === undefined ? undefined : { user: fill(block.digest.user), password: fill(block.digest.password) }
  return {
    url: built.url,
    request: {
      ...built.request,
      bodyMost: block.bodyMost,
      ...(follow === undefined ? {} : { follow }),
      ...(making.jar === undefined || built.request.exact !== undefined ? {} : { jar: making.jar }),
      ...(digest === undefined ? {} : { digest }),
    },
  }
}

function pathRequest(plan: HttpRequestPlan & { kind: 'path' }, { root }: Making, fill: (text: Text) => string): Built | Unsendable {
  const url = fill(plan.path).trim()
  const authority = /^(https?):\/\/([^/?#]*)/i.exec(url)
  if (authority === null) return { unsendable: 'malformed', text: url.slice(0, 200) }
  if (!isHere(authority[1]!.toLowerCase(), authority[2]!, root)) return { unsendable: 'elsewhere', text: url.slice(0, 200) }
  const target = onTheLine(relative(url))
  const headers = plan.headers.map(([name, value]) => [name, oneLine(fill(value))] as const)
  const usual = [['Accept', '*/*'], ['Accept-Language', 'en']] as const
  const missing = usual.filter(([name]) => !headers.some(([other]) => other.toLowerCase() === name.toLowerCase()))
  const body = plan.body === null ? undefined : latin1(fill(wireLines(plan.body)))
  return { url: `${root.scheme}://${root.authority}${target}`, request: { method: plan.method, target, headers: [...headers, ...missing], ...(body === undefined ? {} : { body }) } }
}

function rawRequest(plan: HttpRequestPlan & { kind: 'raw' }, { block, root, timeout }: Making, fill: (text: Text) => string): Built | Unsendable {
  const text = fill(wireLines(plan.text))
  const parsed = parseRaw(text)
  if (parsed === null) return { unsendable: 'malformed', text: text.slice(0, 200) }
  const host = plan.host === undefined ? null : fill(plan.host).trim()
  const elsewhere = host !== null && !isHere(/^https:/i.test(host) ? 'https' : /^http:/i.test(host) ? 'http' : root.scheme, host.replace(/^https?:\/\//i, '').replace(/\/.*$/s, ''), root)
  if (elsewhere) return { unsendable: 'elsewhere', text: host.slice(0, 200) }
  const hostHeader = parsed.headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  const said = plan.serverName === undefined ? undefined : fill(plan.serverName).trim()
  const serverName = said === 'request.host' ? hostHeader?.replace(/:\d+$/, '') : said
  const target = onTheLine(parsed.target)
  const shared = {
    method: parsed.method, target,
    ...(serverName === undefined || serverName === '' ? {} : { serverName, host: root.authority }),
    ...(plan.timeout === undefined ? {} : { timeout: Math.min(plan.timeout * 1000, timeout) }),
  }
  const url = `${root.scheme}://${root.authority}${target.startsWith('/') ? '' : '/'}${target}`
  if (plan.unsafe) return { url, request: { ...shared, exact: latin1(wholeUrlGone(text, parsed.target)) } }
  const headers = parsed.headers.filter(([name, value]) => name !== '' && name.toLowerCase() !== 'content-length' && !(name.toLowerCase() === 'host' && value === root.authority)).map(([name, value]) => [name, oneLine(value)] as const)
  const own = block.requests.length > 0 && parsed.body !== '' ? { body: latin1(parsed.body) } : {}
  return { url, request: { ...shared, headers, ...own } }
}

/** The request line of an exact request names the target by its whole URL: only the path of it goes out. */
function wholeUrlGone(text: string, target: string): string {
  return text.replace(/^((?:@[^\n]*\n)*)([^\s]+[ \t]+)https?:\/\/[^\s]+/i, (_, _notes: string, method: string) => `${method}${target}`).replace(/^(?:@[^\n]*\n)+/, '')
}

/** Lines of a template end as its file does; on the wire they end with CR LF, unless it writes that out somewhere itself. What expressions give stays as it is. */
export function wireLines(text: Text): Text {
  if (typeof text === 'string') return text.includes('\r\n') ? text : text.replaceAll('\n', '\r\n')
  return text.some((piece) => typeof piece === 'string' && piece.includes('\r\n')) ? text : text.map((piece) => (typeof piece === 'string' ? piece.replaceAll('\n', '\r\n') : piece))
}

/** A header is one line, whatever was put into it. */
function oneLine(value: string): string {
  return value.replace(/[\r\n\0]+/g, ' ').trim()
}

function isHere(scheme: string, authority: string, root: WebRoot): boolean {
  const bare = authority.replace(/^[^@]*@/, '').toLowerCase()
  const port = /:(\d+)$/.exec(bare)
  const host = port === null ? bare : bare.slice(0, -port[0].length)
  return scheme === root.scheme && host === root.host.toLowerCase() && (port === null ? (scheme === 'https' ? 443 : 80) : Number(port[1])) === root.port
}
