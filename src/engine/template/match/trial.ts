import type { Bytes } from '#core/template/pattern/byte-class.ts'
import { emitPattern } from '#core/template/pattern/emit.ts'
import type { Node } from '#core/template/pattern/node.ts'
import { programOf } from '#core/template/pattern/program.ts'
import { spanOf } from '#core/template/pattern/span.ts'
import type { Look } from './finder.ts'
import { buildMachine, type Machine } from './machine.ts'
import type { Runs } from './runs.ts'

/** A pattern tried over a body: over all of it, or where it may match. */
export type Trial = Readonly<{
  test(body: string): boolean
  matches(look: Look, runs: Runs): boolean
}>

/** A match that may be longer is sought in all of the body. */
const longestSpan = 4096
const fewCells = 40_000

/** `run`: what stands in each match, if that is known; `start`: no match begins before this place. */
export function trialOf(ways: readonly (readonly Node[])[], run: Readonly<{ of: Bytes; length: number }> | null, start: (look: Look) => number): Trial {
  const { most, hasEnds } = spanOf(ways)
  let regex: RegExp | null = null
  let machine: Machine | null = null

  function testFrom(body: string, from: number): boolean {
    if (regex === null) {
      const { source, flags } = emitPattern(ways)
      regex = new RegExp(source, `${flags}g`)
    }
    regex.lastIndex = from
    return regex.test(body)
  }

  /** Each match holds a run, and ends near it. What is found in such a part may owe it to its edge; then all that follows is looked at. */
  function matchesNear({ body }: Look, runs: readonly number[]): boolean {
    for (let at = 0; at < runs.length; ) {
      const from = Math.max(0, runs[at]! - most - 1)
      let to = runs[at + 1]! + most + 1
      for (at += 2; at < runs.length && runs[at]! - most - 1 <= to; at += 2) to = runs[at + 1]! + most + 1
      if (testFrom(body.slice(from, to), 0)) return testFrom(body, from)
    }
    return false
  }

  return {
    test: (body) => testFrom(body, 0),
    matches(look, runs) {
      if (run === null) return testFrom(look.body, start(look))
      if (most <= longestSpan && !hasEnds) return matchesNear(look, runs.runsOf(run.of, run.length))
      if (machine === null) {
        const program = programOf(ways)
        machine = program === null ? { over: () => null } : buildMachine([program], fewCells)
      }
      const hits = machine.over(look.bytes, look.size)
      return hits === null ? testFrom(look.body, start(look)) : hits[0] === 1
    },
  }
}
