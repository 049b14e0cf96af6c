import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { IpSet } from '#core/ip-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Failure, Swept } from '../net.ts'
import type { Order, Report, ThreadData } from './message.ts'

export type Looked = Readonly<{ up: boolean; why: string; took: number | null }>

/** Packets of our own, through a thread that is started when first needed. Null of a question: it turned out that none may be sent; ask in another way. */
export type Packets = Readonly<{
  readonly method: string
  readonly why: string
  /** Null: not to be had. Stops at once when `stop` is aborted, and its iteration ends. */
  sweep(address: string, ports: Iterable<number>, stop: AbortSignal): Promise<AsyncIterable<Swept> | null>
  look(address: string, ports: Iterable<number>, stop: AbortSignal): Promise<Looked | null>
  close(): void
}>

export type PacketOptions = Readonly<{ scope: IpSet; exclude: IpSet; profile: Profile; rate: BigInt64Array; udp: readonly number[] }>

const withConnections = (why: string): Packets => ({ method: 'connect', why, sweep: () => Promise.resolve(null), look: () => Promise.resolve(null), close: () => {} })

export function openPackets(options: PacketOptions): Packets {
  const { profile } = options
  if (profile.packets === 'connect') return withConnections('the profile asks for whole connections')
  if (profile.fragile === true) return withConnections('the profile is for fragile devices')
  if (process.platform !== 'linux') return withConnections(`raw packets are not made on ${process.platform}`)
  if (!mayBeAllowed()) return withConnections('the scanner may not send raw packets (it needs root or the capability cap_net_raw)')
  return packetsOver(options)
}

/** Spares the thread where it would be refused: cap_net_raw is the 13th of the capabilities in effect. */
function mayBeAllowed(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return effective === undefined || ((BigInt(`0x${effective}`) >> 13n) & 1n) === 1n
  } catch {
    return true
  }
}

type Asker = (report: Report) => void

function packetsOver({ scope, exclude, profile, rate, udp }: PacketOptions): Packets {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const askers = new Map<number, Asker>()
  let worker: Worker | null = null
  let ready: Promise<boolean> | null = null
  let refused: string | null = null
  let method = 'syn (packet ring)'
  let last = 0

  function fail(why: string): void {
    refused ??= why
    for (const [id, asker] of askers) asker({ type: 'looked', id, up: false, why, took: null })
    askers.clear()
  }

  function start(): Promise<boolean> {
    return (ready ??= new Promise((resolve) => {
      const data: ThreadData = { scope, exclude, connect: profile.limits.connect, perSecond: profile.pace.rate, stop, rate }
      worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: data, resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 } })
      worker.unref()
      const give = (why: string): void => {
        fail(why)
        resolve(false)
      }
      worker.on('message', (reports: readonly Report[]) => {
        for (const report of reports) {
          if (report.type === 'unable') give(report.why)
          else if (report.type === 'ready') {
            method = report.method
            resolve(true)
          } else askers.get(report.id)?.(report)
        }
      })
      worker.on('error', (error: Error) => give(`the thread of packets failed: ${error.message.slice(0, 200)}`))
      worker.on('exit', () => give('the thread of packets ended'))
    }))
  }

  /** While somebody waits, the process stays. */
  function order(message: Order, asker: Asker): void {
    if (askers.size === 0) worker!.ref()
    askers.set(message.id, asker)
    worker!.postMessage(message)
  }

  function done(id: number, cancel: boolean): void {
    if (!askers.delete(id)) return
    if (cancel) worker!.postMessage({ type: 'cancel', id } satisfies Order)
    if (askers.size === 0) worker!.unref()
  }

  async function isReady(): Promise<boolean> {
    return refused === null && (await start())
  }

  return {
    get method() {
      return refused === null ? method : 'connect'
    },
    get why() {
      return refused ?? 'the scanner may send raw packets'
    },
    async sweep(address, ports, signal) {
      if (!(await isReady())) return null
      const list = Uint16Array.from(ports)
      const id = ++last
      return swept(list, signal, (asker) => order({ type: 'sweep', id, address, ports: list }, asker), (cancel) => done(id, cancel))
    },
    async look(address, ports, signal) {
      if (!(await isReady()) || signal.aborted) return null
      const id = ++last
      return new Promise((resolve) => {
        const finish = (result: Looked | null): void => {
          signal.removeEventListener('abort', abort)
          done(id, result === null)
          resolve(result)
        }
        const abort = (): void => finish(null)
        signal.addEventListener('abort', abort, { once: true })
        order({ type: 'look', id, address, ports: Uint16Array.from(ports), udp: Uint16Array.from(udp), icmp: profile.discovery.icmp !== false }, (report) => {
          if (report.type === 'looked') finish(refused === null ? { up: report.up, why: report.why, took: report.took } : null)
        })
      })
    },
    close() {
      Atomics.store(stop, 0, 1)
      fail('the scan is over')
      void worker?.terminate()
      worker = null
    },
  }
}

const stopped: Failure = { failed: 'aborted', text: 'the scan was stopped' }

/** What a thread reports of a host's ports, a report at a time. Ports that are left when it is stopped or the thread ends are silent, with why. */
async function* swept(list: Uint16Array, signal: AbortSignal, begin: (asker: Asker) => void, end: (cancel: boolean) => void): AsyncGenerator<Swept> {
  const queue: Report[] = []
  let wake: (() => void) | null = null
  const push = (report: Report): void => {
    queue.push(report)
    wake?.()
  }
  const abort = (): void => push({ type: 'looked', id: 0, up: false, why: '', took: null })
  const seen = new Uint8Array(65_536)
  let isOver = false
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (!signal.aborted) begin(push)
    else abort()
    for (;;) {
      if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      wake = null
      for (const report of queue.splice(0)) {
        if (report.type === 'ports') yield* answers(report, seen)
        else if (report.type === 'swept') {
          isOver = true
          if (report.silent.length > 0) yield { state: 'silent', ports: report.silent, failure: { failed: 'timeout', text: report.why } }
          return
        } else if (report.type === 'looked') {
          const failure = signal.aborted ? (signal.reason as Failure | undefined)?.failed === undefined ? stopped : (signal.reason as Failure) : { failed: 'unreachable' as const, text: report.why }
          const left = list.filter((port) => seen[port] === 0)
          if (left.length > 0) yield { state: 'silent', ports: left, failure }
          return
        }
      }
    }
  } finally {
    signal.removeEventListener('abort', abort)
    end(!isOver)
  }
}

function* answers({ open, closed, rejected, stacks }: Extract<Report, { type: 'ports' }>, seen: Uint8Array): Generator<Swept> {
  for (const ports of [open, closed, ...rejected.map(([, ports]) => ports)]) for (const port of ports) seen[port] = 1
  if (open.length > 0) yield { state: 'open', ports: open, stacks }
  if (closed.length > 0) yield { state: 'closed', ports: closed }
  for (const [text, ports] of rejected) yield { state: 'rejected', ports, failure: { failed: 'unreachable', text } }
}
