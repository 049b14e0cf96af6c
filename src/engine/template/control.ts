import { randomBytes } from 'node:crypto'
import type { Exchange } from '#core/proof.ts'
import type { Plan } from '#core/template/plan.ts'
import { failed } from '../net.ts'
import type { HttpExchange, HttpRequest } from '../http/wire.ts'
import type { Door, Found } from './run/state.ts'

/** Whether a match can be believed: `control` is what was asked to find out; `note` says why none was, or what it showed. */
export type Verdict = Readonly<{ believed: boolean; control: readonly HttpExchange[]; talks?: readonly Exchange[]; note?: string }>

/** Tags of templates that only say what a thing is: for them it counts nothing that every path says the same, as long as the root page does. */
const names = new Set(['tech', 'detect', 'detection', 'panel', 'login', 'discovery', 'waf', 'favicon', 'iot', 'printer'])

/**
 * The same question put so that the answer must differ where the match is true: paths that nobody can have, asked in the same way. A server that satisfies the matchers there as well proves nothing by
 * having satisfied them before.
 */
export async function controlled(found: Found, plan: Plan, door: Door, words: Words): Promise<Verdict> {
  if (found.control !== undefined && found.calls.length === 0) return { control: [], ...(await found.control()) }
  if (found.calls.length > 0) return { believed: true, control: [], note: 'the call carried a token that only this request held' }
  const last = found.steps.at(-1)
  if (last === undefined) return { believed: true, control: [], note: (found.talks ?? []).length > 0 ? 'it is what the service says of itself or lets be done: there is nothing to hold it against' : 'nothing was sent' }
  const path = pathOf(last.request.target)
  if (path === '/' && last.request.exact === undefined && !last.request.target.includes('?')) return { believed: true, control: [], note: 'the root page itself: there is no other path to compare with' }
  const control: HttpExchange[] = []
  for (const request of controlsOf(last.request, path, words)) {
    const answer = await door.http(request, true)
    if (failed(answer)) continue
    control.push(answer)
    if (![answer, ...answer.before].some((each) => found.wouldHold(each))) continue
    if (!plan.tags.some((tag) => names.has(tag))) return { believed: false, control, note: 'a path that nobody has gets an answer that matches as well' }
    const root = await door.http({ ...last.request, target: '/' }, true)
    const rootHolds = !failed(root) && [root, ...root.before].some((each) => found.wouldHold(each))
    if (!failed(root)) control.push(root)
    return { believed: rootHolds, control, note: rootHolds ? 'every path says so, the root page too: it tells what the server is' : 'a path that nobody has gets an answer that matches as well, and the root page does not' }
  }
  if (control.length === 0) return { believed: false, control, note: 'a path that nobody has got no answer, so that there is nothing to compare with' }
  return { believed: true, control }
}

/** Words of one run against one web root that no server has: the same for all templates, so that the plain ones are asked once. */
export type Words = (length: number, place: number) => string
export function controlWords(seed: string = randomBytes(24).toString('hex')): Words {
  return (length, place) => seed.slice(place * 3, place * 3 + 3) + seed.slice(0, Math.max(5, Math.min(40, length)))
}

function controlsOf(request: HttpRequest, path: string, words: Words): HttpRequest[] {
  const query = request.target.slice(path.length)
  const parts = path.split('/').slice(1)
  const last = parts.at(-1)!
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(last)?.[0] ?? ''
  const folder = last === '' ? '/' : ''
  const depth = Math.max(1, parts.filter((part) => part !== '').length)
  // The same for all requests of this depth and kind.
  const plain = `/${Array.from({ length: depth }, (_, place) => words(9, place)).join('/')}${extension}${folder}`
  const { headers, body, exact } = request
  const controls: HttpRequest[] = exact === undefined && request.method === 'GET' ? [{ method: 'GET', target: plain, ...(request.follow === undefined ? {} : { follow: request.follow }), ...(request.bodyMost === undefined ? {} : { bodyMost: request.bodyMost }) }] : []
  // Beside it, with all that the request itself carried.
  const kept = parts.filter((part) => part !== '').slice(0, -1)
  const sibling = `/${[...kept, words(7, 5)].join('/')}${extension}${folder}${query}`
  if (exact === undefined) {
    const isPlain = depth === 1 && query === '' && body === undefined && request.method === 'GET' && (headers?.length ?? 0) <= 2
    if (!isPlain) controls.push({ ...request, target: sibling })
  } else controls.push({ ...request, target: sibling, exact: otherPath(exact, request.target, sibling) })
  return controls
}

function otherPath(exact: Uint8Array, target: string, other: string): Uint8Array {
  const text = Buffer.from(exact).toString('latin1')
  const end = text.indexOf('\n')
  const line = text.slice(0, end < 0 ? undefined : end)
  const first = line.indexOf(' ')
  const changed = line.includes(target) ? line.replace(target, () => other) : line.replace(/^(\S+\s+)\S+/, (_, method: string) => `${method}${other}`)
  return Buffer.from(first < 0 ? text : changed + text.slice(line.length), 'latin1')
}

export function pathOf(target: string): string {
  const path = target.split(/[?#;]/, 1)[0]!
  return path.startsWith('/') ? path : `/${path}`
}
