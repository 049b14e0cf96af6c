import { Socket } from 'node:net'
import { formatIp, parseIp } from '#core/ip.ts'
import { contains, type IpSet } from '#core/ip-set.ts'
import { eachPort, parsePorts } from '#core/port-set.ts'
import type { Profile } from '#core/profile.ts'
import { failed, OutOfScope, type ConnectOptions, type Connection, type Endpoint, type Failure, type Net, type Stream, type StreamEvents } from '../net.ts'
import { openPackets } from '../packet/packets.ts'
import { connectionOver, type Allowance, type OpenConnection } from './connection.ts'
import { askOver } from './datagram.ts'
import { errorQueue, type ErrorQueue } from './error-queue.ts'
import { failureOf, failureOfCode, rejection } from './failure.ts'
import { knock } from './knock.ts'
import { sweepOver } from './sweep.ts'
import { newTurnstile, openGate, type Turnstile } from './gate.ts'
import { openRate, rateCell } from './rate.ts'
import { forStranger, newPatience, type Patience } from './patience.ts'
import { bareSocket, socketBelow, streamOver } from './stream.ts'

export type NetOptions = Readonly<{
  scope: IpSet
  exclude: IpSet
  profile: Profile
  signal: AbortSignal
  now: () => number
}>

/** The network as the runner holds it: hosts begin and end; nothing of a host stays after its end. */
export interface OpenNet extends Net {
  /** Starts the host's clock; after `limits.host` ms all that is open to it is cut and nothing more is let through (`budget`). */
  begin(address: string): void
  /** Whether the host's time or bytes are used up. */
  spent(address: string): Failure | null
  end(address: string): void
  close(): void
}

/** `opened`: ports that took a connection; `unheard`: ports on which a knock heard nothing. */
type Host = { address: string; version: 4 | 6; gate: Turnstile; bytes: number; cuts: Set<(why: Failure) => void>; timer: NodeJS.Timeout | null; patience: Patience; opened: Set<number>; unheard: Set<number> }

const aborted: Failure = { failed: 'aborted', text: 'the scan was stopped' }

/** Opens the one way to the targets of a scan. See `Net` for what it promises. */
export function openNet(options: NetOptions): OpenNet {
  const { scope, exclude, profile, signal } = options
  const { limits } = profile
  const cell = rateCell()
  const gate = openGate({ ...profile.pace, ...(profile.fragile === true ? { alone: limits.connect + limits.answer } : {}) }, openRate(profile.pace.rate, cell))
  const packets = openPackets({ scope, exclude, profile, rate: cell, udp: [...eachPort(parsePorts(profile.discovery.udp ?? ''))].slice(0, 16) })
  const hosts = new Map<string, Host>()
  let slowest: number | null = null
  /** Undefined until somebody needs it: it takes a library. */
  let queue: ErrorQueue | null | undefined

  async function withQueue(): Promise<ErrorQueue | null> {
    return (queue ??= await errorQueue())
  }

  function hostOf(address: string): Host {
    const known = hosts.get(address)
    if (known !== undefined) return known
    const ip = parseIp(address)
    if (ip === null || !contains(scope, ip) || contains(exclude, ip)) throw new OutOfScope(address)
    const host: Host = { address: formatIp(ip), version: ip.version, gate: newTurnstile(), bytes: 0, cuts: new Set(), timer: null, patience: newPatience(), opened: new Set(), unheard: new Set() }
    hosts.set(address, host)
    if (signal.aborted) host.gate.over = aborted
    return host
  }

  function stopHost(host: Host, why: Failure): void {
    if (host.timer !== null) clearTimeout(host.timer)
    host.timer = null
    gate.turnAway(host.gate, why)
    for (const cut of host.cuts) cut(why)
  }

  function spend(host: Host, bytes: number): Failure | null {
    host.bytes += bytes
    if (host.bytes <= limits.hostBytes) return host.gate.over
    const why: Failure = { failed: 'budget', text: `the host sent more than ${limits.hostBytes} bytes in all` }
    // Not from inside a socket's own event: cutting others may run their code.
    if (host.gate.over === null) queueMicrotask(() => stopHost(host, why))
    return why
  }

  /** Takes a place at the gate and connects a bare socket. The caller owns both. */
  async function dial(to: Endpoint, timeout: number, socket = new Socket()): Promise<{ host: Host; socket: Socket } | Failure> {
    const host = hostOf(to.address)
    const refusal = await gate.enter(host.gate)
    if (refusal !== null) return refusal
    const { turn } = host.gate.window
    const began = performance.now()
    const result = await connected(host, to.port, timeout, socket)
    if (failed(result)) {
      // What took connections before and takes none now has too many of them, until more is known.
      if (result.failed === 'timeout' || (host.opened.has(to.port) && (result.failed === 'refused' || result.failed === 'reset'))) lost(host, turn)
      gate.leave(host.gate)
      return result
    }
    host.opened.add(to.port)
    heard(host, performance.now() - began, turn)
    return { host, socket }
  }

  function lost(host: Host, turn: number): void {
    host.gate.window.lost(turn, host.gate.active)
  }

  /** An answer after so many ms: a late one was lost before. */
  function heard(host: Host, took: number, turn: number): void {
    if (host.patience.isLate(took)) lost(host, turn)
    else host.gate.window.heard()
  }

  function connected(host: Host, port: number, timeout: number, socket: Socket): Promise<Socket | Failure> {
    return new Promise((resolve) => {
      const settle = (result: Socket | Failure): void => {
        clearTimeout(timer)
        host.cuts.delete(cut)
        socket.off('connect', onConnect).off('error', onError)
        if (result !== socket) {
          socket.on('error', () => {})
          socket.destroy()
        }
        resolve(result)
      }
      const cut = (why: Failure): void => settle(why)
      const onError = (error: Error): void => settle(failureOf(error, 'connect'))
      const onConnect = (): void => {
        // On one machine a port picked for our end may be the very port we knock on: TCP then connects to itself.
        const itself = socket.localPort === port && socket.localAddress === socket.remoteAddress
        settle(itself ? { failed: 'refused', text: 'connect: the connection met itself' } : socket)
      }
      const timer = setTimeout(() => settle({ failed: 'timeout', text: `no connection in ${timeout} ms` }), timeout)
      host.cuts.add(cut)
      socket.on('connect', onConnect).on('error', onError)
      socket.connect({ host: host.address, port, noDelay: true })
      // Nothing is read before somebody asks.
      socket.pause()
    })
  }

  /** What one connection may take; `cut` is what ends it. */
  function allowanceOf(host: Host, cut: (why: Failure) => void): Allowance {
    let bytes = 0
    host.cuts.add(cut)
    return {
      answer: limits.answer,
      spend(count) {
        bytes += count
        if (bytes > limits.connectionBytes) return { failed: 'budget', text: `the connection sent more than ${limits.connectionBytes} bytes` }
        return spend(host, count)
      },
      closed() {
        host.cuts.delete(cut)
        gate.leave(host.gate)
      },
    }
  }

  async function connect(to: Endpoint, connectOptions: ConnectOptions = {}): Promise<Connection | Failure> {
    const dialled = await dial(to, connectOptions.timeout ?? limits.connect)
    if (failed(dialled)) return dialled
    const { host, socket } = dialled
    const connection: OpenConnection = connectionOver(socket, { address: host.address, port: to.port }, allowanceOf(host, (why) => connection.cut(why)))
    if (connectOptions.tls === undefined) return connection
    const upgraded = await connection.upgrade(connectOptions.tls)
    return upgraded === true ? connection : upgraded
  }

  async function stream(to: Endpoint, on: StreamEvents, { tls, timeout = limits.connect }: ConnectOptions = {}): Promise<Stream | Failure> {
    const bare = tls === undefined ? bareSocket() : socketBelow()
    const dialled = await dial(to, timeout, bare.socket)
    if (failed(dialled)) return dialled
    const opened: ReturnType<typeof streamOver> = streamOver(bare, on, allowanceOf(dialled.host, (why) => opened.cut(why)))
    if (tls !== undefined) {
      const secured = await opened.secure(tls)
      return secured === true ? opened : secured
    }
    opened.begin()
    return opened
  }

  function patienceOf(host: Host | undefined): number {
    const most = host?.patience.most() ?? (slowest === null ? limits.connect : forStranger(slowest))
    return Math.min(limits.connect, Math.ceil(most))
  }

  function learn(host: Host, took: number): void {
    host.patience.learn(took)
    const most = host.patience.most()
    if (most !== null && (slowest === null || most > slowest)) slowest = most
  }

  /** With a place at the gate, which it gives back. */
  function knockNow(host: Host, port: number, timeout: number): Promise<'open' | Failure> {
    return new Promise((resolve) => {
      const began = performance.now()
      const { turn } = host.gate.window
      const finish = (result: 'open' | Failure): void => {
        over = true
        clearTimeout(timer)
        host.cuts.delete(cut)
        gate.leave(host.gate)
        resolve(result)
      }
      let over = false
      const cut = (why: Failure): void => {
        if (over) return
        attempt.cancel()
        if (why.failed === 'timeout') host.unheard.add(port)
        finish(why)
      }
      // When we were busy, the answer may lie there unread by the time the timer is: what is there is read first.
      const timer = setTimeout(() => setImmediate(cut, { failed: 'timeout', text: `no connection in ${timeout} ms` }), timeout)
      host.cuts.add(cut)
      const attempt = knock(host.address, host.version, port, queue ?? null, (result, error) => {
        if (result === 'open' || result === 'reset' || (result === 'ECONNREFUSED' && error === null)) {
          const took = performance.now() - began
          // What answers now and did not before was lost before.
          if (host.unheard.delete(port)) lost(host, turn)
          else heard(host, took, turn)
          learn(host, took)
        }
        if (result === 'open') finish('open')
        else if (result === 'reset') finish({ failed: 'refused', text: 'connect: refused' })
        else if (result === 'ECONNREFUSED') finish(rejection(error, 'connect'))
        else finish(result === 'itself' ? { failed: 'refused', text: 'connect: the connection met itself' } : failureOfCode(result, 'connect'))
      })
    })
  }

  const stopAll = (): void => {
    gate.close(aborted)
    for (const host of hosts.values()) stopHost(host, aborted)
  }
  signal.addEventListener('abort', stopAll, { once: true })
  if (signal.aborted) stopAll()

  const net: OpenNet = {
    connect,
    stream,
    packets,
    sweep: (address, ports, stop) => sweepOver(packets, hostOf(address), net, profile, ports, stop),
    async look(address, ports) {
      const host = hostOf(address)
      const looked = host.gate.over === null ? await packets.look(host.address, ports, signal) : null
      if (looked?.took != null) learn(host, looked.took)
      return looked
    },
    patience: (address) => patienceOf(hosts.get(address)),
    knock(to, asked) {
      let host: Host
      try {
        host = hostOf(to.address)
      } catch (error) {
        return Promise.reject(error as Error)
      }
      if (queue === undefined) return withQueue().then(() => net.knock(to, asked))
      const now = (): Promise<'open' | Failure> => knockNow(host, to.port, asked ?? patienceOf(host))
      return gate.tryEnter(host.gate) ? now() : gate.enter(host.gate).then((refusal) => refusal ?? now())
    },
    async ask(to, datagrams, askOptions = {}) {
      const host = hostOf(to.address)
      await withQueue()
      if (host.gate.over !== null) return host.gate.over
      return askOver({ address: host.address, port: to.port }, host.version, datagrams, askOptions, queue ?? null, {
        answer: limits.answer,
        token: async () => (await gate.token()) ?? host.gate.over,
        spend: (bytes) => spend(host, bytes),
        during(cut) {
          host.cuts.add(cut)
          return () => host.cuts.delete(cut)
        },
      })
    },
    begin(address) {
      const host = hostOf(address)
      host.gate.first = true
      host.timer ??= setTimeout(() => {
        stopHost(host, { failed: 'budget', text: `the host took longer than ${limits.host} ms` })
      }, limits.host)
    },
    spent: (address) => hosts.get(address)?.gate.over ?? null,
    end(address) {
      const host = hosts.get(address)
      if (host === undefined) return
      stopHost(host, { failed: 'closed', text: 'the host is done' })
      hosts.delete(address)
    },
    close() {
      signal.removeEventListener('abort', stopAll)
      stopAll()
      packets.close()
      hosts.clear()
    },
  }
  return net
}
