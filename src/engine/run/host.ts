import { hash } from 'node:crypto'
import type { ScanEvent } from '#core/event.ts'
import type { Kind, Observation } from '#core/observation.ts'
import type { SliceHost } from '#core/slice.ts'
import { untriedLogins } from '../login/attempt.ts'
import { OutOfScope } from '../net.ts'
import { Unseen, type Probe, type Sight, type Tools } from '../probe.ts'
import { mayRecord, withoutProof, withProof } from '../proof/prove.ts'
import { recordingNet } from '../proof/recording-net.ts'
import type { Recognise } from '../recognise/recognise.ts'
import { openLedger } from './ledger.ts'
import { openRest, type HostPlace } from './rest.ts'
import type { Semaphore } from './semaphore.ts'

/** Longest chain of reactions. */
const deepest = 8
/** Observations of one host beyond which no more are taken: nothing real has as many, a trap may. */
const mostSights = 20_000

export type HostRun = Readonly<{
  host: SliceHost
  probes: readonly Probe[]
  tools: Tools
  signal: AbortSignal
  /** Places for running probes: over all hosts, and on this one. */
  everywhere: Semaphore
  here: Semaphore
  /** Held when it begins and when it ends. Absent: it has none. */
  place?: HostPlace | undefined
  emit(event: ScanEvent): Promise<void>
  /** Adds what fingerprints know. */
  recognise?: Recognise | undefined
  /** Whether what was seen may become a finding, so that its bytes are sent along. Absent: no bytes are kept at all. */
  proves?: ((seen: Observation) => boolean) | undefined
}>

type Show = (seen: Observation) => Observation

/** Feeds the first observation in and lets the network react until it is quiet, then emits the ledger. */
export async function reactHost(run: HostRun, first: Observation<'host'>): Promise<void> {
  const { host, tools, signal, emit } = run
  const ledger = openLedger()
  const known = new Set<string>()
  const tried = new Set<string>()
  const running = new Set<Promise<void>>()
  const rests = openRest([run.here, run.everywhere], run.place ?? { enter: () => Promise.resolve(), leave: () => {} })
  // A broken sink ends the host; the first error is the one that counts.
  const broken: unknown[] = []
  const own: Tools = { ...tools, rest: (time) => rests.rest(time, signal) }

  async function take(seen: Observation, depth: number): Promise<void> {
    const key = keyOf(seen)
    if (known.has(key)) return
    known.add(key)
    if (seen.kind === 'login') {
      tried.add(seen.data.record)
      // How a login went is known once it was tried, whatever came of it.
      if (seen.data.outcome !== 'not attempted') ledger.entered('login', seen.at)
    }
    await emit({ type: 'seen', seen })
    for (const probe of run.probes) {
      if (probe.on !== seen.kind) continue
      if (depth > deepest) ledger.failed(probe.id, seen.at, { code: 'depth', text: `the chain of reactions is longer than ${deepest}` })
      else if (wants(probe, seen)) start(probe, seen, depth)
    }
  }

  function wants(probe: Probe, seen: Observation): boolean {
    try {
      return probe.wants(seen as never, tools.profile)
    } catch (error) {
      ledger.failed(probe.id, seen.at, troubleOf(error))
      return false
    }
  }

  function start(probe: Probe, seen: Observation, depth: number): void {
    const task = look(probe, seen, depth)
      .catch((error: unknown) => void broken.push(error))
      .finally(() => {
        running.delete(task)
        rests.over()
      })
    running.add(task)
    rests.began()
  }

  async function look(probe: Probe, seen: Observation, depth: number): Promise<void> {
    await run.here.enter()
    await run.everywhere.enter()
    const sinking: unknown[] = []
    const recording = run.proves !== undefined && mayRecord(probe) ? recordingNet(tools.net, tools.now) : null
    const show: Show = recording === null ? withoutProof : (one) => (run.proves!(one) ? withProof(one, seen, recording.exchanges) : withoutProof(one))
    try {
      signal.throwIfAborted()
      for await (const sight of probe.run(seen as never, recording === null ? own : { ...own, net: recording.net }, signal)) {
        try {
          await note(probe, sight, depth, show)
        } catch (error) {
          sinking.push(error)
          throw error
        }
      }
      ledger.looked(probe.id, seen.at)
    } catch (error) {
      if (sinking.length > 0) throw sinking[0]
      ledger.failed(probe.id, seen.at, signal.aborted ? { code: 'aborted', text: 'the scan was stopped' } : troubleOf(error))
    } finally {
      run.everywhere.leave()
      run.here.leave()
    }
  }

  async function note(probe: Probe, sight: Sight, depth: number, show: Show): Promise<void> {
    if (sight.at.address !== host.address) return ledger.failed(probe.id, sight.at, { code: 'internal', text: 'the probe reported another host' })
    if (sight.kind === 'entered') return ledger.entered(sight.as ?? probe.id, sight.at)
    if (sight.kind === 'asked') return ledger.asked(probe.id, sight.at, sight.signatures)
    if (sight.kind === 'tested') return ledger.tested(probe.id, sight.ports)
    if (sight.kind === 'untested') return ledger.untested(probe.id, sight.ports, sight)
    if (sight.kind === 'noted') return ledger.noted(probe.id, sight.at, sight)
    if (known.size >= mostSights) return ledger.failed(probe.id, sight.at, { code: 'budget', text: `more than ${mostSights} observations of one host` })
    const { as = probe.id, ...told } = sight
    const seen = { ...told, by: `${as}@${probe.version}`, seen: tools.now() } as Observation
    for (const each of run.recognise?.(seen) ?? [seen]) await take(show(each), depth + 1)
  }

  /** Logins that no look came to: told too, so that nobody takes silence for a login. */
  async function tellUntried(): Promise<void> {
    for (const sight of untriedLogins(tools, host, tried)) await take({ ...sight, by: 'login@1', seen: tools.now() }, 0)
  }

  await take(first, 0)
  while (running.size > 0) await Promise.all(running)
  if (broken.length > 0) throw broken[0]
  if (tools.credentials.length > 0 && run.probes.some((probe) => probe.effect === 'login')) await tellUntried()
  for (const line of ledger.close(host.asset, host.address, run.probes, tools.now())) await emit(line)
}

/** An observation is processed once: what it is, where, and what it says. */
function keyOf(seen: Observation): string {
  return hash('sha1', JSON.stringify([seen.kind satisfies Kind, seen.at, seen.data]), 'base64')
}

function troubleOf(error: unknown): { code: string; text: string } {
  if (error instanceof Unseen) return { code: error.code, text: error.message.slice(0, 500) }
  if (error instanceof OutOfScope) return { code: 'scope', text: error.message }
  return { code: 'internal', text: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'the probe failed' }
}
