import type { Effect } from '#core/template/plan.ts'
import type { Callbacks } from '../callback/callbacks.ts'
import type { CookieJar, HttpExchange, HttpRequest, HttpSession } from '../http/wire.ts'
import { settle, type Outside } from './dsl/outside.ts'
import { failed, type Failure } from '../net.ts'
import type { ExchangeCache } from './exchange-cache.ts'
import { requestKey } from './exchange-cache.ts'
import type { Seen } from './match/seen.ts'
import type { Pace } from './pace.ts'
import { cookieJar } from './run/cookies.ts'
import type { Door } from './run/state.ts'

/** What all templates share while one web root is looked at. */
export type Doorway = Readonly<{
  session: HttpSession
  /** The host as cookies know it. */
  host: string
  cache: ExchangeCache
  pace: Pace
  callbacks: Callbacks | null
  signal: AbortSignal
  seen?: Seen | undefined
  /** Ms to wait for a call. */
  wait: number
  /** Counts a request that really goes out; false: there are none left. */
  spend(): boolean
}>

const quiet = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Requests in a row without an answer after which the host is left alone. */
const silentMost = 12
/** Seconds a template may pause at once. */
const pauseMost = 10

/** The door of one run of one template. */
export function openDoor(way: Doorway, effect: Effect): Door {
  const asked = new Set<string>()
  // Once something was sent that may have changed the target, what others were told before is no answer any more.
  let isChanged = false

  async function send(request: HttpRequest): Promise<HttpExchange | Failure> {
    await way.pace.enter()
    if (way.signal.aborted || !way.spend()) {
      way.pace.leave(1)
      return way.signal.aborted ? { failed: 'aborted', text: 'the scan was stopped' } : { failed: 'budget', text: 'the requests for this web server are used up' }
    }
    if (way.pace.silent >= silentMost) {
      way.pace.leave(1)
      return { failed: 'budget', text: `${silentMost} requests in a row got no answer` }
    }
    const began = performance.now()
    const answer = await way.session.exchange(request)
    way.pace.leave(failed(answer) ? null : performance.now() - began)
    return answer
  }

  function cached(request: HttpRequest, jar: CookieJar | undefined): Promise<HttpExchange | Failure> {
    const known = way.cache.get(request)
    if (known !== undefined) return known
    const answer = send(jar === undefined || request.follow === undefined ? request : { ...request, jar: cookieJar() })
    way.cache.put(request, answer)
    return answer
  }

  /** The only thing from outside is time: nobody else than the target is asked. */
  const outside: Outside = async ({ call, of }) => {
    if (call !== 'waitfor') return null
    const seconds = Math.min(pauseMost, Number(of[0]) || 0)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      way.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      }, { once: true })
    })
    return true
  }

  return {
    signal: way.signal,
    seen: way.seen,
    async http(request, shared) {
      const isQuiet = quiet.has(request.method)
      const isAsking = isQuiet || ((effect === 'harmless' || effect === 'passive') && request.exact === undefined)
      const hasCookies = request.jar !== undefined && request.jar.header(way.host, request.target, true) !== null
      const key = requestKey(request)
      const mayShare = shared && isAsking && !isChanged && !hasCookies && !asked.has(key) && request.exact === undefined
      asked.add(key)
      if (!isQuiet) isChanged = true
      if (!mayShare) return send(request)
      const { jar, ...bare } = request
      const { follow, ...first } = bare
      // Where a page redirects nowhere it is the same whether one would have followed or not.
      let result = await cached(first, jar)
      if (follow !== undefined && !failed(result) && result.header['location'] !== undefined) result = await cached(bare, jar)
      if (jar !== undefined && !failed(result)) {
        for (const each of [...result.before, result]) jar.keep(each.headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value), way.host)
      }
      return result
    },
    settle: (work, scope) => settle(work, scope, outside),
    async calls(places) {
      const { callbacks } = way
      if (callbacks === null || places.length === 0) return []
      const calls = await Promise.all(places.map((place) => callbacks.wait(place, way.wait, way.signal)))
      return calls.flat()
    },
  }
}
