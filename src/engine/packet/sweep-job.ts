import { newPatience } from '../net/patience.ts'
import type { PacketAddress } from './address.ts'
import type { Answer } from './answer.ts'
import { cookieOf, type Seed } from './cookie.ts'
import type { Template } from './frame.ts'
import { closed, open, rejected, type Report } from './message.ts'
import { newPace, type Pace, type PaceLimits } from './pace.ts'
import type { Sender } from './sender.ts'
import { stackSight, type StackSight } from './stack.ts'

/** One host's ports under way. */
export type SweepJob = Readonly<{
  id: number
  to: PacketAddress
  pace: Pace
  /** Sends the first round that way from now on; null: as it began. Whatever is asked again goes as it began, so that a way that has changed hides nothing. */
  shortcut(way: Way | null): void
  /** Whether it has packets to send now. */
  wants(): boolean
  /** Sends at most so many; how many it did. */
  send(most: number, now: number): number
  /** Takes an answer meant for the host; false when it is none of ours or known already. */
  take(answer: Answer, bytes: Uint8Array, end: number, now: number): boolean
  /** What was heard since the last question, or null. What is open is worth a report of its own; the rest, of which nobody waits to hear, comes along, or when `all` is asked for. */
  news(all: boolean): Report | null
  /** When something is due even though nothing comes; Infinity while it sends. */
  due(): number
  /** Looks at the clock: begins another round, or ends with a report. */
  tick(now: number): Report | null
}>

export type Way = Readonly<{ template: Template; sender: Sender }>
export type SweepOptions = Readonly<{ id: number; to: PacketAddress; ports: Uint16Array; seed: Seed; way: Way; connect: number; pace: PaceLimits; describe(answer: Answer, bytes: Uint8Array): string }>

const asked = 1
/** As in net/connect-sweep.ts: silent ports that are worth the whole wait, rounds, and stacks worth keeping. */
const [few, mostRounds, mostStacks] = [64, 4, 16] as const

export function newSweepJob({ id, to, ports, seed, way, connect, pace: limits, describe }: SweepOptions, began: number): SweepJob {
  const pace = newPace(limits, began)
  const patience = newPatience()
  /** By port: its state, and when it was last asked, in ms of a clock that wraps. */
  const states = new Uint8Array(65536)
  const times = new Uint16Array(65536)
  let list = ports
  let next = 0
  let round = 1
  /** The round for which the pace was slowed; the first needs none. */
  let slowed = 1
  let answered = 0
  let before = Infinity
  let lastSent = began
  let shortcut: Way | null = null
  let opened: number[] = []
  /** In the order they came; up to `told` they were handed on. */
  const shut = new Uint16Array(ports.length)
  let [shutCount, told] = [0, 0]
  /** By type and code of the ICMP error. */
  let turnedAway = new Map<number, { text: string; ports: number[] }>()
  let stacks: (readonly [number, StackSight])[] = []
  let stackCount = 0

  const waitOf = (): number => (round > 1 && list.length <= few ? connect : Math.min(connect, (patience.most() ?? connect) * round))

  return {
    id,
    to,
    pace,
    shortcut: (shorter) => void (shortcut = shorter),
    wants: () => next < list.length,
    send(most, now) {
      const last = Math.min(list.length, next + most)
      const from = next
      const { template, sender } = (round === 1 ? shortcut : null) ?? way
      const clock = now & 0xffff
      for (; next < last; next++) {
        const port = list[next]!
        // It may have answered late, while the next round was under way.
        if (states[port]! > asked) continue
        if (!sender.syn(template, port, cookieOf(seed, port))) break
        states[port] = asked
        times[port] = clock
      }
      lastSent = now
      return next - from
    },
    take(answer, bytes, end, now) {
      const { port, kind } = answer
      if (states[port] !== asked || answer.cookie !== cookieOf(seed, port) || (kind === 'error' && answer.proto !== 6)) return false
      const state = kind === 'syn-ack' ? open : kind === 'reset' ? closed : rejected
      states[port] = state
      answered += 1
      if (state === closed) shut[shutCount++] = port
      else if (state === open) opened.push(port)
      else {
        const said = turnedAway.get(answer.type * 256 + answer.code) ?? { text: describe(answer, bytes), ports: [] }
        said.ports.push(port)
        turnedAway.set(answer.type * 256 + answer.code, said)
      }
      if (state !== rejected) patience.learn((now - times[port]!) & 0xffff)
      if (state === open && stackCount < mostStacks) {
        stackCount += 1
        stacks.push([port, stackSight(bytes, answer.network, answer.transport, end, to.version)])
      }
      // What answers only when asked again was lost before: one jam and so one step down, unless most stays away still.
      if (round === slowed && !(round > 1 && pace.lags(now))) pace.heard(now, 1)
      else pace.lost(now)
      slowed = round
      return true
    },
    news(all) {
      if (opened.length === 0 && (!all || (shutCount === told && turnedAway.size === 0))) return null
      const rejected = [...turnedAway.values()].map(({ text, ports: which }) => [text, Uint16Array.from(which)] as const)
      const report: Report = { type: 'ports', id, open: Uint16Array.from(opened), closed: shut.slice(told, shutCount), rejected, stacks }
      told = shutCount
      opened = []
      turnedAway = new Map()
      stacks = []
      return report
    },
    due: () => (next < list.length ? Infinity : answered === ports.length ? 0 : lastSent + waitOf()),
    tick(now) {
      if (next < list.length || (answered < ports.length && now < lastSent + waitOf())) return null
      const wait = waitOf()
      const silent = answered === ports.length ? new Uint16Array(0) : list.filter((port) => states[port] === asked)
      const isThorough = round > 1 && wait >= connect
      const isUseless = (answered === 0 && silent.length > few) || (round > 1 && silent.length === before && silent.length > few)
      if (silent.length === 0 || isUseless || isThorough || round === mostRounds) return { type: 'swept', id, silent, why: `no answer to ${round} ${round === 1 ? 'packet' : 'packets'}` }
      before = silent.length
      list = silent
      next = 0
      round += 1
      return null
    },
  }
}
