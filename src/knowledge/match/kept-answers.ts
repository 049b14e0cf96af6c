import type { Hit } from '#core/knowledge/hit.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import type { Answer } from './decide.ts'

/** Answers by number of the software. */
export type KeptAnswers = Readonly<{
  has(id: number): boolean
  at(id: number): Answer | undefined
  put(id: number, answer: Answer): void
  drop(id: number): void
  /** Of all of these, which are kept; `ask` is asked for those that hang on the host. */
  hitsOf(ids: ArrayLike<number>, ask: (id: number) => readonly Hit[]): readonly Hit[]
}>

const [unknown, silent, sure, asks] = [0, 1, 2, 3] as const

/**
 * What is looked at for every package of every host lies in three flat tables and one list of hits: each step from object to object waits for memory, and the
 * matching of a host whose software is known is nothing but such steps.
 */
export function keptAnswers(): KeptAnswers {
  const answers: (Answer | undefined)[] = []
  const all: Hit[] = []
  let states = new Uint8Array(4096)
  let starts = new Uint32Array(4096)
  let counts = new Uint32Array(4096)

  const makeRoom = (id: number): void => {
    if (id < states.length) return
    const size = Math.max(id + 1, states.length * 2)
    const [oldStates, oldStarts, oldCounts] = [states, starts, counts]
    states = new Uint8Array(size)
    starts = new Uint32Array(size)
    counts = new Uint32Array(size)
    states.set(oldStates)
    starts.set(oldStarts)
    counts.set(oldCounts)
  }
  return {
    has: (id) => id < states.length && states[id] !== unknown,
    at: (id) => answers[id],
    put(id, answer) {
      makeRoom(id)
      answers[id] = answer
      const { hits, conditional } = answer
      const any = hits[0] ?? conditional[0]?.[0]?.hit
      // A distribution's package has its hits on every host, whatever else is there.
      states[id] = any === undefined ? silent : isDistribution(any.software.ecosystem) ? sure : asks
      if (states[id] !== sure) return
      starts[id] = all.length
      counts[id] = hits.length
      for (const hit of hits) all.push(hit)
    },
    drop(id) {
      if (id >= states.length) return
      answers[id] = undefined
      states[id] = unknown
    },
    hitsOf(ids, ask) {
      let most = 0
      for (let index = 0; index < ids.length; index++) if (states[ids[index]!] === sure) most += counts[ids[index]!]!
      // As many places as most hosts need, and no growing on the way.
      const hits: Hit[] = []
      hits.length = most
      let count = 0
      for (let index = 0; index < ids.length; index++) {
        const id = ids[index]!
        const state = states[id]!
        if (state === sure) {
          const start = starts[id]!
          const end = start + counts[id]!
          for (let at = start; at < end; at++) hits[count++] = all[at]!
        } else if (state === asks) for (const hit of ask(id)) hits[count++] = hit
      }
      return hits
    },
  }
}
