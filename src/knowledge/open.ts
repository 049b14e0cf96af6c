import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { fail, type ErrorCode } from '#core/errors.ts'
import { emptyKnowledge } from './empty.ts'
import { readCurrent, type Current } from './folder.ts'
import type { KnowledgeBase, Threat } from './knowledge-base.ts'

type Failure = Readonly<{ code: ErrorCode | null; params: Readonly<Record<string, string | number>>; text: string }>
/** Starting again costs a quarter of a second, once. */
const defaultIdleMs = 120_000

type Answer = Readonly<{ id: number; value?: unknown; failed?: Failure }>

/** Opens the release in force in `folder`; when there is none yet, a KnowledgeBase that holds nothing. */
export async function openKnowledge(folder: string): Promise<KnowledgeBase> {
  const current = readCurrent(folder)
  return current === null ? emptyKnowledge : openRelease(folder, current)
}

/**
 * Opens one release. Everything is answered by a thread of its own over a read-only file, started with the first question. If the thread dies, the questions it had are
 * rejected and the next one starts another. It ends when nobody asked for `idleMs`: a platform at rest keeps none of its memory.
 */
export function openRelease(folder: string, current: Current, idleMs = defaultIdleMs): KnowledgeBase {
  const { file, ...facts } = current
  const path = join(folder, file)
  let thread: Worker | null = null
  let isClosed = false
  let idle: NodeJS.Timeout | null = null
  let whenIdle: (() => void) | null = null
  let next = 0
  const waiting = new Map<number, Readonly<{ resolve(value: unknown): void; reject(error: Error): void }>>()

  const start = (): Worker => {
    const worker = new Worker(new URL('./open-thread.ts', import.meta.url), {
      workerData: { path, folder }, resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 4 },
    })
    const drop = (error: Error): void => {
      if (thread !== worker) return
      thread = null
      for (const one of waiting.values()) one.reject(error)
      waiting.clear()
      whenIdle?.()
    }
    worker.on('message', ({ id, value, failed }: Answer) => {
      const one = waiting.get(id)
      waiting.delete(id)
      if (failed === undefined) one?.resolve(value)
      else one?.reject(errorOf(failed))
      if (waiting.size > 0) return
      worker.unref()
      whenIdle?.()
      rest(worker)
    })
    worker.on('error', drop)
    worker.on('exit', (code) => drop(new Error(`The thread of the KnowledgeBase ended with ${code}.`)))
    return worker
  }

  const rest = (worker: Worker): void => {
    if (idle !== null) clearTimeout(idle)
    idle = setTimeout(() => {
      if (thread !== worker || waiting.size > 0) return
      thread = null
      void worker.terminate()
    }, idleMs).unref()
  }

  const ask = <T>(method: string, ...args: readonly unknown[]): Promise<T> => {
    if (isClosed) return Promise.reject(new Error(`The KnowledgeBase ${facts.name} is closed.`))
    thread ??= start()
    const worker = thread
    worker.ref()
    return new Promise<T>((resolve, reject) => {
      const id = next++
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      worker.postMessage({ id, method, args })
    })
  }

  return {
    facts,
    vulnerabilities: (about) => ask('vulnerabilities', about),
    vulnerabilityFacets: (q) => ask('vulnerabilityFacets', q),
    vulnerability: (name) => ask('vulnerability', name),
    checks: (about) => ask('checks', about),
    checkFacets: (q) => ask('checkFacets', q),
    check: (id) => ask('check', id),
    threats: async (names) => new Map(await ask<(readonly [string, Threat])[]>('threats', names)),
    match: (hosts) => ask('match', hosts),
    signatures: () => ask('signatures'),
    fingerprints: () => ask('fingerprints'),
    lifecycles: () => ask('lifecycles'),
    libraries: () => ask('libraries'),
    file: (key) => ask('file', key),
    templateChecks: (keys) => ask('templateChecks', keys),
    sources: () => ask('sources'),
    changes: (about) => ask('changes', about),
    changeCounts: (since) => ask('changeCounts', since),
    changesIn: (release, most) => ask('changesIn', release, most),
    newsBetween: (from, to) => ask('newsBetween', from, to),
    async close() {
      isClosed = true
      if (idle !== null) clearTimeout(idle)
      // What was asked before is answered.
      if (waiting.size > 0) await new Promise<void>((resolve) => (whenIdle = resolve))
      await thread?.terminate()
    },
  }
}

function errorOf({ code, params, text }: Failure): Error {
  if (code === null) return new Error(text)
  try {
    return fail(code, params)
  } catch (error) {
    return error as Error
  }
}
