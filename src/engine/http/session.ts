import type { Place } from '#core/place.ts'
import { failed, type Failure } from '../net.ts'
import type { Tools } from '../probe.ts'
import { recorderOf } from '../proof/recording-net.ts'
import { keptOf } from './connection/kept.ts'
import { sessionClosed, type Owner } from './connection/line.ts'
import { openPool, type Pool } from './connection/pool.ts'
import { openSecond, speaksOnlySecond, type Second } from './connection/second.ts'
import { decode } from './message/decode.ts'
import { digestAnswer } from './message/digest.ts'
import { Answer, type Told } from './message/exchange.ts'
import type { Message } from './message/reader.ts'
import { redirected, type Hop } from './message/redirect.ts'
import { endpointOf, hostHeader, isUsual, requestBytes } from './message/request.ts'
import type { HttpExchange, HttpRequest, HttpSession } from './wire.ts'

/** Bytes of a decoded body kept where nobody says, and at most; bytes taken off the wire for it at least. */
const bodyUsual = 65_536
const bodyLargest = 4_194_304
const wireLeast = 262_144
const hopsLargest = 10
/** Ports, and names of them, that one session speaks with at the same time. */
const poolsMost = 8
/** Ms for which a connection is left open for the next look, and for which an answer counts as the one that it would get; answers kept for that. */
const linger = 250
const recentMost = 10_000
const recentKept = 16
const broken: Failure = { failed: 'protocol', text: 'the request has a line break where none may be' }

/**
 * Speaks HTTP with one port of a target; see `HttpSession`. `tls`: from the first byte. Looks at one host share their connections, so that what each of them says is recorded here and not
 * where the bytes go by.
 */
export function openHttpSession(at: Place, tls: boolean, tools: Tools): HttpSession {
  const { limits, pace } = tools.profile
  const home = endpointOf(at)
  const { net, keep } = recorderOf(tools.net)
  const kept = keptOf(tools.host, net)
  const owner: Owner = { closed: false }
  const pools = new Map<string, Pool>()
  /** Nearly all requests go where the one before went. */
  let lastHop: Hop | null = null
  let lastPool: Pool | null = null
  /** Of pools whose port speaks HTTP/2 and nothing else. */
  const seconds = new Map<Pool, Second>()
  const wireMost = Math.max(65_536, Math.floor(limits.connectionBytes / 2))
  // Others look at the same host at the same time: a quarter of what may be open to it is for this one.
  const most = tools.profile.fragile === true ? 1 : Math.max(1, Math.floor(pace.perHost / 4))
  const usualHost = hostHeader(home, tls, tools.names[0])
  const start: Hop = { address: home.address, port: home.port, tls, name: tools.names[0], host: usualHost }

  function poolOf(to: Hop): Pool {
    if (to === lastHop && lastPool !== null) return lastPool
    lastPool = poolFor(to)
    lastHop = to
    return lastPool
  }

  function poolFor({ address, port, tls: secure, name }: Hop): Pool {
    const key = `${secure ? 's' : ''}${address} ${port} ${name ?? ''}`
    const known = pools.get(key)
    if (known !== undefined) return known
    for (const [old, pool] of pools) {
      if (pools.size < poolsMost) break
      pools.delete(old)
      pool.leave(owner)
      seconds.get(pool)?.close()
      seconds.delete(pool)
    }
    const pool = kept.pools.get(key) ?? opened(key, { address, port, tls: secure, name })
    pool.join()
    pools.set(key, pool)
    return pool
  }

  function opened(key: string, { address, port, tls: secure, name }: Pick<Hop, 'address' | 'port' | 'tls' | 'name'>): Pool {
    const options = secure ? { ...(name === undefined ? {} : { servername: name }), alpn: ['http/1.1'] } : undefined
    const pool = openPool({
      net, to: { address, port }, tls: options, most, heardMost: wireMost,
      // Where one connection may be open, nothing waits in its place.
      linger: tools.profile.fragile === true ? 0 : linger,
      empty: () => void (kept.pools.get(key) === pool && kept.pools.delete(key)),
    })
    kept.pools.set(key, pool)
    return pool
  }

  function once(request: HttpRequest, to: Hop, more?: readonly (readonly [string, string])[]): Promise<Answer | Failure> {
    const bytes = request.exact ?? requestBytes(request, to.host, more)
    if (bytes === null) return Promise.resolve(broken)
    if (owner.closed) return Promise.resolve(sessionClosed)
    const bodyMost = Math.min(request.bodyMost ?? bodyUsual, bodyLargest)
    return new Promise((resolve, reject) => {
      const pool = poolOf(to)
      const finish = (result: Message | Failure, began: number, took: number): void => {
        if (failed(result)) return resolve(result)
        const from: Told = { sent: bytes, target: request.target, host: to.host, address: to.address, port: to.port, tls: to.tls, serverName: to.name, began, took, before: [] }
        const decoded = decode(result.body, result.coding, bodyMost)
        if (decoded instanceof Promise) void decoded.then((whole) => resolve(told(new Answer(result, whole, from))))
        else resolve(told(new Answer(result, decoded, from)))
      }
      const bySecond = (): void => {
        let second = seconds.get(pool)
        if (second === undefined) seconds.set(pool, (second = openSecond(net, to, to.tls ? (to.name === undefined ? {} : { servername: to.name }) : null, limits.answer)))
        const began = performance.now()
        second.exchange(request, to.host, more ?? [], job.most, job.timeout).then((result) => finish(result, began, performance.now() - began), reject)
      }
      const job = {
        owner,
        bytes,
        method: request.method,
        loaded: request.body !== undefined,
        most: Math.min(wireMost, Math.max(wireLeast, bodyMost)),
        timeout: request.timeout ?? limits.answer,
        retried: false,
        refused: reject,
        done(result: Message | Failure, began: number, took: number) {
          if (request.exact === undefined && speaksOnlySecond(result)) bySecond()
          else finish(result, began, took)
        },
      }
      if (request.exact === undefined && seconds.has(pool)) bySecond()
      else if (request.exact === undefined) pool.send(job)
      else pool.alone(job)
    })
  }

  function told(answer: Answer): Answer {
    keep(() => answer.exchange())
    return answer
  }

  /** What another look at this host was told a moment ago, or is being told. */
  function onceOrBefore(request: HttpRequest, to: Hop): Promise<HttpExchange | Failure> {
    const key = JSON.stringify([to.address, to.port, to.tls, to.name, to.host, request.method, request.target, (request.headers ?? []).filter((header) => !isUsual(header)), request.bodyMost ?? bodyUsual])
    const now = performance.now()
    const before = kept.recent.get(key)
    if (before !== undefined && now - before.at < recentMost) {
      return before.answer.then((answer): HttpExchange | Promise<HttpExchange | Failure> => {
        if (failed(answer)) return once(request, to)
        keep(() => answer.exchange())
        return answer
      })
    }
    const answer = once(request, to)
    kept.recent.delete(key)
    if (kept.recent.size >= recentKept) kept.recent.delete(kept.recent.keys().next().value!)
    kept.recent.set(key, { answer, at: now })
    return answer
  }

  /** With what a session adds to one request: cookies, and the answer to a challenge. */
  async function asked(request: HttpRequest, to: Hop): Promise<Answer | Failure> {
    const cookie = request.jar?.header(to.name ?? to.address, request.target, to.tls) ?? null
    const more: (readonly [string, string])[] = cookie === null ? [] : [['Cookie', cookie]]
    const answer = await once(request, to, more)
    if (failed(answer)) return answer
    keepCookies(request, answer, to)
    if (request.digest === undefined || answer.status !== 401) return answer
    const reply = digestAnswer(answer.headers, request, request.digest)
    if (reply === null) return answer
    const second = await once(request, to, [...more, ['Authorization', reply]])
    if (failed(second)) return second
    keepCookies(request, second, to)
    return second.after([answer])
  }

  async function followed(first: HttpRequest, from: Hop): Promise<HttpExchange | Failure> {
    let request = first
    let to = from
    const before: HttpExchange[] = []
    const most = Math.min(first.follow?.most ?? 0, hopsLargest)
    for (;;) {
      let answer: Answer | Failure
      try {
        answer = await asked(request, to)
      } catch (error) {
        // Only the scope itself throws, and here only for where a server sent us.
        const last = before.pop()
        if (last === undefined) throw error
        return (last as Answer).after([...before], error instanceof Error ? error.message : 'out of scope')
      }
      if (failed(answer)) return answer
      const path = [...before, ...answer.before]
      const next = first.follow === undefined ? null : redirected(answer, request, to, from, tools.names, first.follow.follow)
      if (next === null) return answer.after(path)
      if ('why' in next) return answer.after(path, next.why)
      if (before.length >= most) return answer.after(path, `more than ${most} redirects`)
      before.push(answer)
      request = next.request
      to = next.to
    }
  }

  return {
    exchange(request) {
      const own = request.serverName !== undefined || request.host !== undefined
      const name = request.serverName ?? tools.names[0]
      const to = own ? { ...start, name, host: request.host ?? hostHeader(home, tls, name) } : start
      if (request.follow !== undefined) return followed(request, to)
      if (request.jar !== undefined || request.digest !== undefined) return asked(request, to)
      return request.shared === true && request.method === 'GET' && request.body === undefined && request.exact === undefined ? onceOrBefore(request, to) : once(request, to)
    },
    close() {
      for (const second of seconds.values()) second.close()
      seconds.clear()
      for (const pool of pools.values()) pool.leave(owner)
      pools.clear()
      lastPool = null
    },
  }
}

function keepCookies(request: HttpRequest, answer: Answer, to: Hop): void {
  if (request.jar === undefined) return
  const said = answer.headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value)
  if (said.length > 0) request.jar.keep(said, to.name ?? to.address)
}
