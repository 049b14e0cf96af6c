import { contains, type IpSet } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import type { Credential } from '#core/credential.ts'
import { allows } from '#core/effect.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Observation } from '#core/observation.ts'
import type { Profile } from '#core/profile.ts'
import type { SliceHost } from '#core/slice.ts'
import { discover, discoverId } from './discover/discover.ts'
import type { Callbacks } from './callback/callbacks.ts'
import { openNet } from './net/open.ts'
import type { Probe, Tools } from './probe.ts'
import type { Recognise } from './recognise/recognise.ts'
import { reactHost } from './run/host.ts'
import { memoryShare, openRoom } from './run/room.ts'
import { semaphore } from './run/semaphore.ts'
import type { TemplateLibrary } from './template/library.ts'

export type RunOptions = Readonly<{
  /** Taken one by one as there is room: may be lazy and long. */
  hosts: Iterable<SliceHost> | AsyncIterable<SliceHost>
  /** What may receive a packet at all, and what must not whatever else is said. */
  scope: IpSet
  exclude: IpSet
  profile: Profile
  /** A function is asked for each host anew: what signatures need may change while the scan runs. */
  asks: Tools['asks'] | (() => Tools['asks'])
  probes: readonly Probe[]
  /** Adds what fingerprints know to what is seen; asked for each host anew. Absent: nothing is added. */
  recognise?: (() => Recognise | undefined) | undefined
  /** Templates in force; asked for each host anew. */
  templates?: (() => TemplateLibrary | undefined) | undefined
  /** Opened logins meant for a host. */
  credentials?: ((host: SliceHost) => readonly Credential[]) | undefined
  callbacks?: Callbacks | null | undefined
  /** Which observations may become findings, so that their bytes are sent along; asked for each host anew. Absent: none are. */
  proves?: (() => (seen: Observation) => boolean) | undefined
  /** How much of the memory is taken, 0 to 1. Absent: as the process says. */
  memory?: (() => number) | undefined
  now: () => number
  /**
   * Takes the events, one call at a time; the run waits for it. If it rejects, the run stops and rejects with the same error.
   */
  sink: (event: ScanEvent) => Promise<void> | void
  /** Stops at once: hosts under way get no `done`, so that they are looked at again. */
  signal: AbortSignal
  /** No further host is begun; those under way are finished. */
  drain?: AbortSignal
}>

/** Addresses of which it is asked by packets at once whether anybody is there. */
const mostLooked = 2048

/** `begun` less `done` is what was cut; `drained`: hosts were left in the list. */
export type RunResult = Readonly<{ begun: number; done: number; drained: boolean }>

/**
 * Scans hosts: finds out whether each is there, then lets its probes react to one another's observations until all is quiet. Nothing a
 * host or a probe does ends the run; what could not be looked at comes out as `failed`.
 */
export async function runScan(options: RunOptions): Promise<RunResult> {
  const { profile, now } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const net = openNet({ scope: options.scope, exclude: options.exclude, profile, signal, now })
  const probes = options.probes.filter((probe) => allows(profile, probe.effect) && probe.needs.privilege !== 'raw' && (probe.needs.defaults !== true || profile.defaults))
  const everywhere = semaphore(share(profile.pace.connections))
  const most = Math.max(1, profile.pace.hosts)
  const memory = options.memory ?? memoryShare
  // Silent addresses cost time and no work: more hosts are knocked on than are looked at, and thousands where a thread of packets does it. They are taken as fast as others turn out silent,
  // so that a network where all answer is not begun as a whole.
  const lookers = net.packets.method === 'connect' ? most * 4 : Math.max(mostLooked, most)
  let silent = 0
  let present = 0
  const room = openRoom((inside) => (inside >= Math.min(lookers, most * 4 + silent) || present >= most * 3 ? 1 : memory()))
  const places = semaphore(most)
  const feed = feedOf(options.hosts)
  let begun = 0
  let done = 0
  let drained = false
  const failures: unknown[] = []
  let chain: Promise<void> = Promise.resolve()

  function emit(event: ScanEvent): Promise<void> {
    if (event.type === 'done') done += 1
    chain = chain.then(() => options.sink(event))
    return chain
  }

  async function scanHost(host: SliceHost): Promise<void> {
    const finish = (outcome: Extract<ScanEvent, { type: 'done' }>['outcome'], why: string): Promise<void> =>
      emit({ type: 'done', asset: host.asset, address: host.address, outcome, why, at: now() })
    const ip = parseIp(host.address)
    if (ip === null || !contains(options.scope, ip)) return finish('refused', 'the address is not in the scope of the scan')
    if (contains(options.exclude, ip)) return finish('refused', 'the address is excluded')
    const tools: Tools = { net, profile, asks: typeof options.asks === 'function' ? options.asks() : options.asks, names: host.names,
      host: {}, open: new Set(host.open), credentials: options.credentials?.(host) ?? [], templates: profile.templates === 'off' ? undefined : options.templates?.(), callbacks: profile.callbacks === false ? null : options.callbacks ?? null, now,
    }
    try {
      const data = await discover(host.address, tools)
      if (signal.aborted) return
      const first: Observation<'host'> = { kind: 'host', at: { asset: host.asset, address: host.address }, seen: now(), by: discoverId, data }
      if (!data.up && !profile.discovery.alwaysUp) {
        await emit({ type: 'seen', seen: first })
        silent += 1
        return await finish('dead', data.why)
      }
      // A host whose looks all let time pass is not looked at.
      const place = {
        enter() {
          present += 1
          return places.enter()
        },
        leave() {
          present -= 1
          places.leave()
        },
      }
      await place.enter()
      try {
        if (signal.aborted) return
        net.begin(host.address)
        if (tools.templates !== undefined) await tools.callbacks?.begin(host.address)
        // Where one connection may be open, a second look would only wait for the first.
        const here = semaphore(profile.fragile === true ? 1 : share(profile.pace.perHost))
        await reactHost({ host, probes, tools, signal, everywhere, here, place, emit, recognise: options.recognise?.(), proves: options.proves?.() }, first)
        const spent = net.spent(host.address)
        if (signal.aborted) return
        await (spent === null ? finish('scanned', data.why) : finish('partial', spent.text))
      } finally {
        place.leave()
      }
    } finally {
      net.end(host.address)
      tools.callbacks?.end(host.address)
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      if (signal.aborted) return
      await room.enter()
      try {
        if (!(await scanNext())) return
      } finally {
        room.leave()
      }
    }
  }

  async function scanNext(): Promise<boolean> {
    const host = await feed.next()
    if (host === null) return false
    if (options.drain?.aborted === true || signal.aborted) {
      drained = true
      return false
    }
    begun += 1
    await scanHost(host)
    return true
  }

  try {
    const workers = Array.from({ length: lookers }, () => work().catch((error: unknown) => {
      failures.push(error)
      stop.abort()
    }))
    // All of them: after the run nothing may reach the sink.
    await Promise.all(workers)
    if (failures.length > 0) throw failures[0]
    await chain
  } finally {
    net.close()
    await feed.close()
  }
  return { begun, done, drained: drained || signal.aborted }
}

/**
 * Probes that may run at once. A probe holds at most five connections while it waits for a sixth (three guesses side by side), so that the
 * connections can never all be held by those who wait.
 */
function share(connections: number): number {
  return Math.max(1, Math.floor(connections / 6))
}

/** Hands out one host at a time to many workers. */
function feedOf(hosts: RunOptions['hosts']): { next(): Promise<SliceHost | null>; close(): Promise<void> } {
  const iterator: Iterator<SliceHost> | AsyncIterator<SliceHost> = Symbol.asyncIterator in hosts ? hosts[Symbol.asyncIterator]() : hosts[Symbol.iterator]()
  let turn: Promise<unknown> = Promise.resolve()
  return {
    next() {
      const mine = turn.then(async () => {
        const { done, value } = await iterator.next()
        return done === true ? null : value
      })
      turn = mine.catch(() => {})
      return mine
    },
    async close() {
      await iterator.return?.()
    },
  }
}
