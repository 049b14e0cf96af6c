import type { Instruction, Program } from '#core/template/pattern/program.ts'
import { columnsOf } from './byte-columns.ts'

/** Many patterns over a body at once: one look at a table a byte. */
export type Machine = Readonly<{
  /** One byte for each pattern: whether it matches somewhere. Null: to tell that would take too long. Valid until the next body. */
  over(bytes: Uint8Array, size: number): Uint8Array | null
}>

/** Places of the table, of four bytes each; beyond it the machine begins anew. */
const mostCells = 400_000
/** States made for one body before it is left to the patterns themselves, and how many such bodies there may be more than others. */
const [mostMade, mostGivenUp] = [20_000, 16]

/** What was before: the begin of the text, of a line, a letter of a word, or something else. */
const [atStart, atLine, inWord, elsewhere] = [0, 1, 2, 3] as const
type Before = 0 | 1 | 2 | 3

type Step = Readonly<{ next: readonly number[]; matched: readonly number[] }>
type State = Readonly<{ places: readonly number[]; before: Before; matched: readonly number[] }>

const wordBytes = Uint8Array.from({ length: 256 }, (_, byte) => (/\w/.test(String.fromCharCode(byte)) ? 1 : 0))

/**
 * A state is all places of the programs at which a match may be that began somewhere before. States are made when a body first leads to them, and kept: pages are alike. What a hostile page makes of that is
 * bounded, and after too many of them the machine gives up for good.
 */
export function buildMachine(programs: readonly Program[], cells = mostCells): Machine {
  const { code, starts, patternOf } = joined(programs)
  const { columnOf, byteOf } = columnsOf(code)
  const width = byteOf.length
  const mostStates = Math.max(64, Math.floor(cells / width))
  const hits = new Uint8Array(programs.length)
  const marks = new Int32Array(code.length)
  let mark = 0
  let table: Int32Array | null = null
  let states: State[] = []
  let known = new Map<string, number>()
  let made = 0
  let givenUp = 0
  // Where a match may begin is part of every state, by what was before: made once, and left out of the states.
  const begins = ([atStart, atLine, inWord, elsewhere] as const).map((before) => {
    const begin = { before, places: [] as number[], matched: [] as number[] }
    mark += 1
    for (const at of starts) reach(at, before, null, begin.places, begin.matched)
    return { ...begin, isIn: marks.map((of) => (of === mark ? 1 : 0)), steps: Array.from<Step | undefined>({ length: width }) }
  })

  /** Adds what can be reached from a place without a byte: takes, matches, and what waits for the byte that follows (`after` null) or holds before it (below zero: the end). */
  function reach(start: number, before: Before, after: number | null, places: number[], matched: number[], isIn?: Int32Array): void {
    const stack = [start]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (marks[at] === mark || isIn?.[at] === 1) continue
      marks[at] = mark
      const one = code[at]!
      if (one.kind === 'take') places.push(at)
      else if (one.kind === 'match') matched.push(patternOf[at]!)
      else if (one.kind === 'either') stack.push(one.other, one.next)
      else {
        const holds = stands(one.is, before, after)
        if (holds === null) places.push(at)
        else if (holds) stack.push(one.next)
      }
    }
  }

  /** Where places lead by a byte. */
  function stepOf(places: readonly number[], before: Before, byte: number): Step {
    const [waiting, matched]: [number[], number[]] = [[], []]
    mark += 1
    for (const at of places) if (code[at]!.kind === 'assert') reach(at, before, byte, waiting, matched)
    const next: number[] = []
    for (const list of [places, waiting]) {
      for (const at of list) {
        const one = code[at]!
        if (one.kind === 'take' && one.of[byte] === 1) next.push(one.next)
      }
    }
    return { next, matched }
  }

  function stateOf(places: readonly number[], before: Before, matched: readonly number[]): number {
    const key = `${before}${String.fromCharCode(...places)} ${matched.join()}`
    let state = known.get(key)
    if (state === undefined) {
      state = states.push({ places, before, matched }) - 1
      known.set(key, state)
    }
    return state
  }

  /** From a state by a byte of a column: the place of the next state in the table, counted from one, and below zero where something matches. */
  function make(from: number, column: number): number {
    made += 1
    const byte = byteOf[column]!
    const state = states[from]!
    const begun = (begins[state.before]!.steps[column] ??= stepOf(begins[state.before]!.places, state.before, byte))
    const carried = stepOf(state.places, state.before, byte)
    const { before, isIn, matched: empty } = begins[byte === 10 ? atLine : wordBytes[byte] === 1 ? inWord : elsewhere]!
    const [places, matched]: [number[], number[]] = [[], [...begun.matched, ...carried.matched, ...empty]]
    mark += 1
    for (const at of begun.next) reach(at, before, null, places, matched, isIn)
    for (const at of carried.next) reach(at, before, null, places, matched, isIn)
    const to = stateOf(places.sort((a, b) => a - b), before, matched)
    return (table![from * width + column] = matched.length > 0 ? -(to + 1) * width : (to + 1) * width)
  }

  function anew(): void {
    states = []
    known = new Map()
    table!.fill(0)
  }

  /** The pass itself, apart from what happens rarely: as far as the table leads without a match. Sets `state`. */
  let state = 0
  function pass(cells: Int32Array, bytes: Uint8Array, size: number, from: number): number {
    let at = from
    let now = state
    for (; at < size; at++) {
      const next = cells[now + columnOf[bytes[at]!]!]!
      if (next <= 0) break
      now = next - width
    }
    state = now
    return at
  }

  function note(matched: readonly number[]): void {
    for (const pattern of matched) hits[pattern] = 1
  }

  function run(bytes: Uint8Array, size: number): boolean {
    table ??= new Int32Array(mostStates * width)
    made = 0
    note(begins[atStart]!.matched)
    state = stateOf([], atStart, []) * width
    for (let at = pass(table, bytes, size, 0); at < size; at = pass(table, bytes, size, at + 1)) {
      const column = columnOf[bytes[at]!]!
      let next = table[state + column]!
      if (next === 0) {
        if (made >= mostMade) return false
        if (states.length >= mostStates - 1) {
          const { places, before } = states[state / width]!
          anew()
          state = stateOf(places, before, []) * width
        }
        next = make(state / width, column)
      }
      if (next < 0) note(states[-next / width - 1]!.matched)
      state = Math.abs(next) - width
    }
    const { places, before } = states[state / width]!
    note(stepOf(places, before, -1).matched)
    note(stepOf(begins[before]!.places, before, -1).matched)
    return true
  }

  return {
    over(bytes, size) {
      if (givenUp >= mostGivenUp) return null
      hits.fill(0)
      const isDone = run(bytes, size)
      givenUp = isDone ? Math.max(0, givenUp - 1 / 8) : givenUp + 1
      return isDone ? hits : null
    },
  }
}

/** All programs behind each other; where each begins, and which it is that matches at a place. */
function joined(programs: readonly Program[]): Readonly<{ code: readonly Instruction[]; starts: readonly number[]; patternOf: Readonly<Record<number, number>> }> {
  const code: Instruction[] = []
  const starts: number[] = []
  const patternOf: Record<number, number> = {}
  for (const [pattern, program] of programs.entries()) {
    const from = code.length
    for (const one of program) {
      if (one.kind === 'match') patternOf[code.length] = pattern
      code.push(one.kind === 'match' ? one : one.kind === 'either' ? { ...one, next: one.next + from, other: one.other + from } : { ...one, next: one.next + from })
    }
    starts.push(code.length - 1)
  }
  return { code, starts, patternOf }
}

/** Null: what follows decides, and is not known. */
function stands(is: (Instruction & { kind: 'assert' })['is'], before: Before, after: number | null): boolean | null {
  if (is === 'start') return before === atStart
  if (is === 'line-start') return before === atStart || before === atLine
  if (after === null) return null
  if (is === 'end') return after < 0
  const isEdge = (before === inWord) !== (after >= 0 && wordBytes[after] === 1)
  return is === 'word' ? isEdge : !isEdge
}
