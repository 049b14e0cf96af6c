import type { Failure } from '../net.ts'
import type { Rate } from './rate.ts'
import { leastConnections, newWindow, type Window } from './window.ts'

/**
 * One host as the gate sees it. `over` is set once nothing more may be sent to it; `first`: it is known to be there, so that it
 * does not wait for those that may not be. `window`: what it bears, within what the profile allows; `stuck`: runs while it has more waiting than it bears.
 */
export type Turnstile = { active: number; waiting: Waiter[]; over: Failure | null; queued: boolean; first: boolean; readonly window: Window; stuck: NodeJS.Timeout | null }
type Waiter = (admitted: Failure | null) => void

/**
 * `alone`: a host is given one connection at a time whatever else is said, for fragile devices. Who waits longer than so many ms for the one before to end is turned away: it may
 * be its own.
 */
export type GateLimits = Readonly<{ connections: number; perHost: number; rate: number; alone?: number | undefined }>

/** Ms after which a host of which no connection ended is let have one more than it bears: those that hold them may all wait for another. */
const relief = 1000

const occupied: Failure = { failed: 'budget', text: 'another connection was open all the time, and the profile allows one at a time' }

export interface Gate {
  /** Waits for a place and a token. null: admitted, and `leave` must follow once. */
  enter(host: Turnstile): Promise<Failure | null>
  /** Takes a place where there is one at once and nobody waits; without a promise, since a scan does this for every port. */
  tryEnter(host: Turnstile): boolean
  leave(host: Turnstile): void
  /** Waits for a token alone: one datagram. */
  token(): Promise<Failure | null>
  /** Turns away everybody who waits for the host. */
  turnAway(host: Turnstile, why: Failure): void
  close(why: Failure): void
}

export function newTurnstile(): Turnstile {
  return { active: 0, waiting: [], over: null, queued: false, first: false, window: newWindow(), stuck: null }
}

/**
 * Admission to the network: how many connections are open in all and to one host, and how many begin a second. Hosts that wait are
 * served in turn, so that one with a thousand ports to knock on does not keep another waiting.
 */
export function openGate(limits: GateLimits, rate: Rate): Gate {
  const connections = Math.max(leastConnections, limits.connections)
  const perHost = limits.alone === undefined ? Math.max(leastConnections, Math.min(limits.perHost, connections)) : 1
  /** Hosts that wait: those that are there, then those that may be. */
  const rings: readonly [Turnstile[], Turnstile[]] = [[], []]
  const tokens: Waiter[] = []
  let active = 0
  let timer: NodeJS.Timeout | null = null
  let closed: Failure | null = null

  const takeToken = (): boolean => rate.take(1) === 1

  function later(): void {
    timer ??= setTimeout(() => {
      timer = null
      pump()
    }, Math.max(1, Math.ceil(1000 / limits.rate)))
  }

  function queue(host: Turnstile): void {
    if (host.queued || host.waiting.length === 0 || host.active >= perHost) return
    if (host.active >= host.window.most) {
      host.stuck ??= setTimeout(() => {
        host.stuck = null
        join(host)
        pump()
      }, relief)
      return
    }
    join(host)
  }

  function join(host: Turnstile): void {
    if (host.queued || host.waiting.length === 0 || host.active >= perHost) return
    host.queued = true
    rings[host.first ? 0 : 1].push(host)
  }

  function unstick(host: Turnstile): void {
    if (host.stuck !== null) clearTimeout(host.stuck)
    host.stuck = null
  }

  function isAwaited(): boolean {
    return rings[0].length > 0 || rings[1].length > 0
  }

  function pump(): void {
    while (tokens.length > 0) {
      if (!takeToken()) return later()
      tokens.shift()!(null)
    }
    while (isAwaited() && active < connections) {
      const ring = rings[rings[0].length > 0 ? 0 : 1]
      const host = ring[0]!
      if (host.waiting.length > 0 && !takeToken()) return later()
      ring.shift()
      host.queued = false
      const waiter = host.waiting.shift()
      if (waiter === undefined) continue
      host.active += 1
      active += 1
      queue(host)
      waiter(null)
    }
  }

  return {
    enter(host) {
      const refusal = closed ?? host.over
      if (refusal !== null) return Promise.resolve(refusal)
      return new Promise((resolve) => {
        let patience: NodeJS.Timeout | null = null
        const waiter: Waiter = (admitted) => {
          if (patience !== null) clearTimeout(patience)
          resolve(admitted)
        }
        host.waiting.push(waiter)
        queue(host)
        pump()
        if (limits.alone === undefined || !host.waiting.includes(waiter)) return
        patience = setTimeout(() => {
          const place = host.waiting.indexOf(waiter)
          if (place < 0) return
          host.waiting.splice(place, 1)
          resolve(occupied)
        }, limits.alone)
      })
    },
    tryEnter(host) {
      if (closed !== null || host.over !== null || active >= connections || host.active >= Math.min(perHost, host.window.most)) return false
      if (rings[0].length > 0 || (!host.first && rings[1].length > 0) || !takeToken()) return false
      host.active += 1
      active += 1
      return true
    },
    leave(host) {
      host.active -= 1
      active -= 1
      unstick(host)
      queue(host)
      if (isAwaited()) pump()
    },
    token() {
      if (closed !== null) return Promise.resolve(closed)
      return new Promise((resolve) => {
        tokens.push(resolve)
        pump()
      })
    },
    turnAway(host, why) {
      host.over = why
      unstick(host)
      for (const waiter of host.waiting.splice(0)) waiter(why)
    },
    close(why) {
      closed = why
      if (timer !== null) clearTimeout(timer)
      for (const host of rings.flatMap((ring) => ring.splice(0))) for (const waiter of host.waiting.splice(0)) waiter(why)
      for (const waiter of tokens.splice(0)) waiter(why)
    },
  }
}
