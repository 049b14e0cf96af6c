import { getRandomValues } from 'node:crypto'
import { openRate } from '../net/rate.ts'
import { isSame, wallOf, type PacketAddress } from './address.ts'
import { newAnswer, readAnswer, type Answer } from './answer.ts'
import { seedOf, type Key } from './cookie.ts'
import { framed, synTemplate, type Template } from './frame.ts'
import type { Libc, Memory } from './libc.ts'
import { newLookJob, type LookJob } from './look-job.ts'
import type { Order, Report, ThreadData } from './message.ts'
import { newPace } from './pace.ts'
import { reservePort } from './own-port.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import { readHops, readNeighbours, sourceFor, type Hop } from './route.ts'
import { openIpSender, openLinkSender, type Sender } from './sender.ts'
import { newSweepJob, type SweepJob } from './sweep-job.ts'

export type Station = Readonly<{
  method: string
  take(order: Order): void
  /** One turn: sends what may be sent, hands on what came, waits at most a few ms. False: there is nothing to do. */
  turn(): boolean
  close(): void
}>

/** Packets sent in one turn and by one call at most, so that answers are looked at in between; ms a turn waits at most: no wake-up is ever relied on. */
const [mostATurn, mostATime, mostWait] = [2048, 512, 5] as const
/** Ms a turn lasts at least while the pace holds packets back: a turn costs as much for one packet as for hundreds. Ms between two reports of ports that are not open. */
const [leastTurn, seldom] = [2, 250] as const
const gentle = { first: 1000, least: 200, most: 30_000 } as const
/** Ourselves: nothing on a way can be overrun. */
const brisk = { first: 50_000, least: 1000, most: 400_000 } as const
/** Addresses that one hardware address may have before it passes for a router that answers in the stead of others. */
const mostAddresses = 16

/** A reason in words where packets may not be sent from here. */
export function openStation(libc: Libc, data: ThreadData, tell: (reports: Report[]) => void): Station | string {
  const scratch = libc.map(4096)
  if (scratch === null) return 'no memory'
  const reserved = reservePort(libc, scratch)
  if (reserved === null) return 'no free port'
  const opened = { 4: openIpSender(libc, 4), 6: openIpSender(libc, 6), link: openLinkSender(libc), receiver: openReceiver(libc, reserved.port, scratch) }
  const close = (): void => {
    for (const each of [opened[4], opened[6], opened.link, opened.receiver]) each?.close()
    for (const socket of reserved.sockets) libc.close(socket)
    libc.unmap(scratch)
  }
  if (opened.receiver === null || opened[4] === null) {
    const why = libc.errno() === 1 ? 'the scanner may not send raw packets (it needs root or the capability cap_net_raw)' : `the system refuses raw packets (error ${libc.errno()})`
    close()
    return why
  }
  return stationOver(libc, data, scratch, reserved.port, opened as Opened, tell, close)
}

type Opened = Readonly<{ 4: Sender; 6: Sender | null; link: Sender | null; receiver: Receiver }>

function stationOver(libc: Libc, data: ThreadData, scratch: Memory, ownPort: number, opened: Opened, tell: (reports: Report[]) => void, close: () => void): Station {
  const wall = wallOf(data.scope, data.exclude)
  const key = [...getRandomValues(new Int32Array(2))] as unknown as Key
  const sweeps = new Map<number | string, SweepJob[]>()
  const looks = new Map<number | string, LookJob[]>()
  let running: SweepJob[] = []
  const rate = openRate(data.perSecond, data.rate)
  const slowTurn = Math.max(leastTurn, Math.min(mostWait, data.perSecond > 0 ? 1000 / data.perSecond : 0))
  const pace = newPace(data.perSecond > 0 ? { first: data.perSecond, least: 100, most: data.perSecond } : { first: 20_000, least: 1000, most: 400_000 }, performance.now())
  let hopOf = readHops()
  let hopsRead = performance.now()
  /** Sweeps that may go straight to a neighbour. */
  const straight = new Map<SweepJob, Readonly<{ hop: Hop; template: Template }>>()
  let straightened = 0
  let found = true
  const owners = new Map<number, Set<number | string>>()
  const answer = newAnswer()
  let reports: Report[] = []
  let told = 0
  let toldAll = 0
  let counted = 0
  let heardAt = 0

  function take(order: Order): void {
    if (order.type === 'cancel') return cancel(order.id)
    const now = performance.now()
    const to = wall(order.address)
    const from = to === null ? null : sourceFor(libc, scratch, to)
    const ip = to === null ? null : opened[to.version]
    if (to === null || from === null || ip === null) {
      const why = to === null ? 'the address is not in the scope of this scan' : 'there is no way to the address'
      reports.push(order.type === 'sweep' ? { type: 'swept', id: order.id, silent: order.ports, why } : { type: 'looked', id: order.id, up: false, why, took: null })
      return
    }
    const seed = seedOf(key, to.bytes)
    if (now - hopsRead > 5000) {
      hopOf = readHops()
      hopsRead = now
    }
    const hop = isSame(from, to.bytes) ? null : hopOf(to, from)
    if (order.type === 'sweep') {
      const template = synTemplate(from, ownPort, to, Math.floor(now))
      const limits = isSame(from, to.bytes) ? brisk : data.perSecond > 0 ? { ...gentle, most: data.perSecond } : gentle
      const job = newSweepJob({ id: order.id, to, ports: order.ports, seed, way: { template, sender: ip }, connect: data.connect, pace: limits, describe }, now)
      put(sweeps, to, job)
      running.push(job)
      if (hop !== null && to.version === 4 && opened.link !== null) {
        straight.set(job, { hop, template })
        found = false
      }
      return
    }
    const link = hop?.isNeighbour === true ? hop.link : null
    put(looks, to, newLookJob({ id: order.id, to, from, ownPort, seed, link, ports: order.ports, udp: order.udp, icmp: order.icmp, patience: data.connect, senders: { ip, link: opened.link } }, now))
  }

  function cancel(id: number): void {
    for (const map of [sweeps, looks] as Map<number | string, { id: number; to: PacketAddress }[]>[]) {
      for (const jobs of map.values()) for (const job of jobs) if (job.id === id) remove(map, job)
    }
    for (const job of running) if (job.id === id) straight.delete(job)
    running = running.filter((job) => job.id !== id)
  }

  /** The first packet of a sweep lets the kernel find the neighbour; then frames go there at once. Looked up again now and then, since a neighbour may change. */
  function straighten(now: number): void {
    if (straight.size === 0 || now - straightened < (found ? 1000 : 20)) return
    straightened = now
    const macOf = readNeighbours()
    found = true
    for (const [job, { hop, template }] of straight) {
      const mac = macOf(hop)
      if (mac === null) found = false
      job.shortcut(mac === null ? null : { template: framed(template, hop.link.mac, mac, hop.link.name), sender: opened.link! })
    }
  }

  /** Whether as much was sent as one turn may. */
  function send(now: number): boolean {
    const wanted = Math.min(mostATurn, countDue(now) + running.reduce((sum, job) => (job.wants() ? sum + job.pace.ready(now) : sum), 0))
    const allowed = wanted === 0 ? 0 : rate.take(pace.allow(now, wanted))
    let left = allowed
    if (left > 0) left = look(now, left)
    flush(now)
    let waiting = 0
    straighten(now)
    for (const job of running) {
      if (left <= 0 || Atomics.load(data.stop, 0) !== 0) break
      if (!job.wants()) continue
      const granted = job.pace.allow(now, Math.min(mostATime, left))
      const sent = job.send(granted, now)
      waiting += sent
      if (sent < granted) job.pace.giveBack(granted - sent)
      left -= sent
      if (waiting < mostATime) continue
      waiting = 0
      flush(now)
    }
    // In turns: who could not send this time is first the next.
    const first = running.shift()
    if (first !== undefined) running.push(first)
    flush(now)
    return allowed === mostATurn && left <= 0
  }

  function countDue(now: number): number {
    let count = 0
    for (const jobs of looks.values()) for (const job of jobs) if (job.due() <= now) count += 1
    return count
  }

  /** Those of whom it is asked whether they are there; each step takes a handful of packets. */
  function look(now: number, most: number): number {
    let left = most
    for (const jobs of looks.values()) {
      for (const job of jobs) {
        if (left <= 0 || job.due() > now) continue
        const report = job.step(now)
        left -= 1
        if (left % 16 === 0) flush(now)
        if (report !== null) {
          reports.push(report)
          remove(looks, job)
        }
      }
    }
    return left
  }

  function flush(now: number): void {
    if (Atomics.load(data.stop, 0) !== 0) return
    const left = opened[4].flush() + (opened[6]?.flush() ?? 0) + (opened.link?.flush() ?? 0)
    // What is left waits for its turn and is not lost.
    if (left >= mostATime) pace.crowded(now)
  }

  function received(bytes: Uint8Array, at: number, length: number, type: number, sender: number): void {
    if (!readAnswer(bytes, at, length, type, ownPort, answer)) return
    const now = heardAt
    const sweeping = sweeps.get(answer.key)
    if (sweeping !== undefined && (answer.kind === 'syn-ack' || answer.kind === 'reset' || answer.kind === 'error')) {
      for (const job of sweeping) {
        if (!job.take(answer, bytes, at + length, now)) continue
        pace.heard(now, 1)
        return
      }
    }
    for (const job of looks.get(answer.key) ?? []) {
      const report = job.take(answer, now, (mac) => isRouter(bytes, mac), sender)
      if (report === null) continue
      pace.heard(now, 1)
      reports.push(report)
      remove(looks, job)
    }
  }

  function isRouter(bytes: Uint8Array, mac: number): boolean {
    let number = 0
    for (let index = mac; index < mac + 6; index++) number = number * 256 + bytes[index]!
    let addresses = owners.get(number)
    if (addresses === undefined) owners.set(number, (addresses = new Set()))
    if (addresses.size <= mostAddresses) addresses.add(answer.key)
    return addresses.size > mostAddresses
  }

  function settle(now: number): void {
    const isTime = now - told > mostWait
    const isLong = now - toldAll > seldom
    if (isLong) toldAll = now
    for (const job of running) {
      const over = now >= job.due() ? job.tick(now) : null
      if (over !== null || isTime || isLong) {
        const news = job.news(over !== null || isLong)
        if (news !== null) reports.push(news)
      }
      if (over === null) continue
      reports.push(over)
      remove(sweeps, job)
      straight.delete(job)
      running = running.filter((other) => other !== job)
    }
    if (!isTime && reports.length === 0) return
    told = now
    if (reports.length > 0) tell(reports)
    reports = []
    if (now - counted < 200) return
    counted = now
    // What the ring had no place for is lost to everybody.
    if (opened.receiver.dropped() > 0) {
      pace.lost(now)
      for (const job of running) job.pace.lost(now)
    }
  }

  /** While packets are held back, nothing but time lets the next go; else an answer ends the wait. */
  function wait(began: number, now: number): void {
    const isHeld = running.some((job) => job.wants())
    let until = isHeld ? began + slowTurn : now + mostWait
    if (!isHeld) for (const job of running) until = Math.min(until, Math.max(now + 0.5, job.due()))
    if (until <= now) return
    const nanoseconds = Math.round((until - now) * 1e6)
    const { address, view } = scratch
    view.setInt32(2048, opened.receiver.socket, true)
    view.setInt16(2052, 1, true)
    view.setBigInt64(2064, 0n, true)
    view.setBigInt64(2072, BigInt(nanoseconds), true)
    libc.ppoll(address + 2048, isHeld ? 0 : 1, address + 2064, 0)
  }

  return {
    method: 'syn (packet ring)',
    take,
    turn() {
      const now = performance.now()
      if (Atomics.load(data.stop, 0) !== 0 || (running.length === 0 && looks.size === 0)) {
        if (reports.length > 0) tell(reports)
        reports = []
        for (const sender of [opened[4], opened[6], opened.link]) sender?.clear()
        return false
      }
      const isFull = send(now)
      heardAt = performance.now()
      opened.receiver.drain(received)
      const after = performance.now()
      settle(after)
      if (!isFull) wait(now, after)
      return true
    },
    close,
  }
}

function put<T>(map: Map<number | string, T[]>, to: PacketAddress, job: T): void {
  const jobs = map.get(to.key)
  if (jobs === undefined) map.set(to.key, [job])
  else jobs.push(job)
}

function remove<T extends { id: number; to: PacketAddress }>(map: Map<number | string, T[]>, job: T): void {
  const rest = (map.get(job.to.key) ?? []).filter(({ id }) => id !== job.id)
  if (rest.length === 0) map.delete(job.to.key)
  else map.set(job.to.key, rest)
}

function describe(answer: Answer, bytes: Uint8Array): string {
  const who = [...bytes.subarray(answer.by, answer.by + (answer.version === 4 ? 4 : 16))]
  const address = answer.version === 4 ? who.join('.') : (Buffer.from(who).toString('hex').match(/.{4}/g) ?? []).map((part) => part.replace(/^0{1,3}/, '')).join(':')
  return `rejected: ICMP error ${answer.type}/${answer.code} from ${address}`
}
