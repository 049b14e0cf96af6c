import type { Block } from '#core/template/plan.ts'
import type { Call } from '../../callback/callbacks.ts'
import { judge, type Judgement } from '../run/judge.ts'
import { layered, type Names, type Value } from '../run/names.ts'
import type { Found, RunState } from '../run/state.ts'

/** What a block came to so far. */
export type Weighed = { matched: boolean; readonly dynamic: Map<string, readonly string[]> }

/** Names for what a block sends: constants and variables of the template, then where the target is, then what was extracted. */
export function blockNames(state: RunState, dynamic: ReadonlyMap<string, readonly string[]>): Names {
  const extracted = layered(new Map<string, Value>([...dynamic].map(([name, values]) => [name, values.length === 1 ? values[0]! : values])), state.context)
  const { constants } = state.plan
  const fixed: Names = { get: (name) => (constants !== undefined && Object.hasOwn(constants, name) ? constants[name] : undefined) }
  return layered(fixed, state.variables.over(state.known, extracted), state.known, extracted)
}

/** Keeps what an answer was judged to be. `control`: how to doubt it, where there is a way. */
export function takeFrom(judgement: Judgement, block: Block, state: RunState, weighed: Weighed, seen: Names, control: Found['control'] | null, calls: readonly Call[] = []): void {
  for (const [name, values] of judgement.dynamic) {
    weighed.dynamic.set(name, values)
    state.context.set(name, values.length === 1 ? values[0]! : values)
  }
  const isSilent = block.matchers.length === 0 && (judgement.extracted.length > 0 || judgement.dynamic.size > 0 || block.extractors.length === 0)
  weighed.matched ||= judgement.matched || isSilent
  if (!judgement.shown) {
    if (calls.length === 0 && state.plan.callback && usesCalls(block)) state.late.push({ block, seen, talks: state.talks.length })
    return
  }
  for (const matcher of judgement.named.length === 0 ? [undefined] : judgement.named) {
    state.found.push({
      ...(matcher === undefined ? {} : { matcher }), extracted: judgement.extracted, why: judgement.why, steps: [...state.steps], talks: state.talks.slice(), calls, wouldHold: () => false,
      ...(control === null || control === undefined ? {} : { control }),
    })
  }
}

/** Judges again what a call may still make to match, once: all templates of a port wait together. */
export function judgeLate(state: RunState, calls: readonly Call[]): void {
  for (const { block, seen, talks } of state.late.splice(0)) {
    for (const call of calls) {
      const told = new Map<string, Value>([['interactsh_protocol', call.protocol], ['interactsh_request', call.request], ['interactsh_response', ''], ['interactsh_ip', call.from]])
      const judgement = judge(block, state.scope(layered(told, seen)))
      if (!judgement.shown) continue
      state.found.push({ extracted: judgement.extracted, why: judgement.why, steps: [...state.steps], talks: state.talks.slice(0, talks), calls: [call], wouldHold: () => false })
      break
    }
  }
}

/** Later blocks may speak of what this one saw, by its name. */
export function keepParts(state: RunState, prefix: string, own: Names, parts: readonly string[]): void {
  if (state.plan.blocks.length < 2 && state.plan.flow === undefined) return
  for (const part of parts) {
    const value = own.get(part)
    if (value !== undefined) state.context.set(`${prefix}_${part}`, value)
  }
}

function usesCalls(block: Block): boolean {
  return JSON.stringify([block.matchers, block.extractors]).includes('interactsh_')
}
