import type { HttpBlock } from '#core/template/plan.ts'
import type { Call } from '../../callback/callbacks.ts'
import type { HttpExchange } from '../../http/wire.ts'
import { failed } from '../../net.ts'
import { holds } from '../dsl/evaluate.ts'
import { answerNames } from './answer-names.ts'
import { fillText } from './fill.ts'
import { judge, type Judgement } from './judge.ts'
import { layered, type Names, type Value } from './names.ts'
import { payloadsOf } from './payloads.ts'
import { buildRequest, type Built } from './request.ts'
import type { BlockEnd, RunState, Step } from './state.ts'

const none: Names = new Map<string, Value>()
const longestTimeout = 60_000

/** An answer that may still be made to match by a call that comes back. */
type Waiting = Readonly<{ step: Step; names: Names }>

/** Sends the requests of a block one after the other, judges every answer as it comes, and hands on what was extracted. */
export async function runHttpBlock(block: HttpBlock, prefix: string, state: RunState): Promise<BlockEnd> {
  const { door, root } = state
  const dynamic = new Map<string, readonly string[]>()
  const numbered = new Map<string, Names>()
  const waiting: Waiting[] = []
  const isOut = state.plan.callback && usesCalls(block)
  let matched = false

  if (block.global || !mayBegin(block, state)) return { matched: false }
  await sendAll()
  if (isOut && !(matched && block.stopAtFirst)) await judgeCalls()
  return { matched }

  async function sendAll(): Promise<void> {
    const once = new Set<number>()
    for (const payload of payloadsOf(block.payloads, Math.max(1, state.left))) {
      for (const [index, request] of block.requests.entries()) {
        if (request.kind === 'raw' && request.once) {
          if (once.has(index)) continue
          once.add(index)
        }
        for (const moving of movings(dynamic, block.iterateAll)) {
          door.signal.throwIfAborted()
          const base = namesFor(state, moving)
          const values = new Map<string, Value>()
          for (const [name, text] of payload ?? []) values.set(name, fillText(text, state.scope(base), []))
          const names = layered(values, base)
          const built = await door.settle((scope) => buildRequest(request, { block, scope, root, jar: block.cookies ? state.jar : undefined, timeout: longestTimeout }), state.scope(names))
          if ('unsendable' in built) {
            // Without what an earlier step should have given there is nothing to go on with, and nothing failed.
            if (built.unsendable === 'unknown') return
            state.troubles.push({ failed: 'protocol', text: `${built.unsendable}: ${built.text}` })
            continue
          }
          if ((await ask(built, index, values, names, payload !== null)) === 'stop') return
        }
      }
    }
  }

  async function ask(built: Built, index: number, values: Names, names: Names, isVaried: boolean): Promise<'stop' | 'go on'> {
    if (state.left-- <= 0) {
      state.troubles.push({ failed: 'budget', text: 'it sends more requests than it may' })
      return 'stop'
    }
    const answer = await door.http(built.request, !isVaried)
    if (failed(answer)) {
      state.troubles.push(answer)
      return answer.failed === 'budget' || answer.failed === 'aborted' || answer.failed === 'refused' ? 'stop' : 'go on'
    }
    // The last page first, then what led there.
    for (const each of [answer, ...answer.before.toReversed()]) {
      const step: Step = { request: built.request, answer: each, url: answer.before.length === 0 ? built.url : each.url, note: `step ${state.steps.length + 1}` }
      state.steps.push(step)
      const own = answerNames(each, step.url, root)
      if (block.together) numbered.set(String(index + 1), own)
      keepContext(state, prefix, own)
      const seen = namesOf(own, values, names)
      const judgement = await door.settle((scope) => judge(block, scope, door.seen), state.scope(seen))
      take(judgement, step, seen, [])
      if (isOut && !judgement.shown) waiting.push({ step, names: seen })
      if (judgement.shown && block.stopAtFirst) return 'stop'
    }
    return 'go on'
  }

  /** What the answer is called, and with `together` also what earlier ones were, by their number. */
  function namesOf(own: Names, values: Names, names: Names): Names {
    if (!block.together) return layered(own, values, names)
    const byNumber = new Map(numbered)
    const others: Names = {
      get(name) {
        const part = /^(.+)_(\d{1,3})$/.exec(name)
        return part === null ? undefined : byNumber.get(part[2]!)?.get(part[1]!)
      },
    }
    return layered(others, own, values, names)
  }

  function take(judgement: Judgement, step: Step, seen: Names, calls: readonly Call[]): void {
    for (const [name, values] of judgement.dynamic) {
      dynamic.set(name, values)
      state.context.set(name, values.length === 1 ? values[0]! : values)
    }
    const isSilent = block.matchers.length === 0 && (judgement.extracted.length > 0 || judgement.dynamic.size > 0 || block.extractors.length === 0)
    matched ||= judgement.matched || isSilent
    if (!judgement.shown) return
    const steps = state.steps.slice(0, state.steps.indexOf(step) + 1)
    const wouldHold = (answer: HttpExchange): boolean => {
      const own = answerNames(answer, step.url, root)
      // Where several answers are weighed together, all of them might have been this one.
      const all: Names = { get: (name) => (block.together ? own.get(/^(.+)_\d{1,3}$/.exec(name)?.[1] ?? '') : undefined) }
      return judge(block, state.scope(layered(all, own, seen))).shown
    }
    for (const matcher of judgement.named.length === 0 ? [undefined] : judgement.named) {
      state.found.push({ ...(matcher === undefined ? {} : { matcher }), extracted: judgement.extracted, why: judgement.why, steps, calls, wouldHold })
    }
  }

  async function judgeCalls(): Promise<void> {
    if (waiting.length === 0 || state.chosen.places.length === 0) return
    const calls = await door.calls(state.chosen.places)
    for (const { step, names } of waiting) {
      for (const call of calls) {
        const told = new Map<string, Value>([['interactsh_protocol', call.protocol], ['interactsh_request', call.request], ['interactsh_response', ''], ['interactsh_ip', call.from]])
        const seen = layered(told, names)
        const judgement = judge(block, state.scope(seen))
        take(judgement, step, seen, [call])
        if (judgement.shown) break
      }
      if (matched && block.stopAtFirst) return
    }
  }
}

function mayBegin({ before }: HttpBlock, state: RunState): boolean {
  if (before === undefined) return true
  const scope = state.scope(namesFor(state, none))
  return before.condition === 'and' ? before.of.every((each) => holds(each, scope)) : before.of.some((each) => holds(each, scope))
}

/** Names for a request: the template's constants and variables, then where the target is, then what was extracted. */
function namesFor(state: RunState, moving: Names): Names {
  const extracted = layered(moving, state.context)
  const { constants } = state.plan
  const fixed: Names = { get: (name) => (constants !== undefined && Object.hasOwn(constants, name) ? constants[name] : undefined) }
  return layered(fixed, state.variables.over(state.known, extracted), state.known, extracted)
}

/** What was extracted, as values for the next request: the first of each, or all of them one after the other. */
function* movings(dynamic: ReadonlyMap<string, readonly string[]>, all: boolean): Generator<Names> {
  const snapshot = [...dynamic]
  const most = all ? Math.max(1, ...snapshot.map(([, values]) => values.length)) : 1
  for (let at = 0; at < most; at++) yield new Map<string, Value>(snapshot.map(([name, values]) => [name, values[Math.min(at, values.length - 1)]!]))
}

/** Later blocks may speak of what this one saw, by its name. */
function keepContext(state: RunState, prefix: string, own: Names): void {
  if (state.plan.blocks.length < 2 && state.plan.flow === undefined) return
  for (const part of ['host', 'matched', 'status_code', 'body', 'all_headers', 'header', 'response', 'location', 'content_type', 'content_length', 'duration']) {
    const value = own.get(part)
    if (value !== undefined) state.context.set(`${prefix}_${part}`, value)
  }
}

/** Whether it listens for calls that targets make. */
function usesCalls(block: HttpBlock): boolean {
  return JSON.stringify([block.matchers, block.extractors]).includes('interactsh_')
}
