import variant from '@jitl/quickjs-wasmfile-release-sync'
import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSSyncVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core'
import type { Value } from './names.ts'

/** What a script asks for: blocks of a protocol, by number from 1 or by name; none means all. */
export type ScriptCall = Readonly<{ protocol: string; ids: readonly string[] }>
export type ScriptAnswer = Readonly<{ matched: boolean; template: ReadonlyMap<string, Value> }>
export type ScriptWorld = Readonly<{
  protocols: readonly string[]
  template(): ReadonlyMap<string, Value>
  set(name: string, value: Value): void
  call(call: ScriptCall): Promise<ScriptAnswer>
}>

const memoryMost = 16_777_216
const stackMost = 262_144
/** Times the interpreter asks whether to go on, each some ten thousand steps, over all runs of one script. */
const turnsMost = 500
const callsMost = 64
const textMost = 262_144

let loading: Promise<QuickJSWASMModule> | null = null

/**
 * Runs the script of a template to its end; null, or why it failed. It reaches nothing but `world`. A block is awaited by dropping the run and beginning anew once its outcome is known
 * (docs/decisions/042-template-sandbox.md).
 */
export async function runScript(source: string, world: ScriptWorld): Promise<string | null> {
  loading ??= newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant)
  const quick = await loading
  const answers: { key: string; answer: string }[] = []
  const first = templateText(world.template())
  const clock = { turns: 0 }
  for (;;) {
    const run = attempt(quick, source, world.protocols, first, answers, clock)
    if (run.asks === null) {
      return run.failed
    }
    if (answers.length >= callsMost) return `it asks for more than ${callsMost} blocks`
    for (const [name, value] of run.sets) world.set(name, value)
    const { matched, template } = await world.call(run.asks)
    answers.push({ key: JSON.stringify(run.asks), answer: JSON.stringify({ matched, template: Object.fromEntries(bounded(template)) }) })
  }
}

type Attempt = Readonly<{ asks: ScriptCall | null; sets: readonly (readonly [string, Value])[]; failed: string | null }>

function attempt(quick: QuickJSWASMModule, source: string, protocols: readonly string[], first: string, answers: readonly Readonly<{ key: string; answer: string }>[], clock: { turns: number }): Attempt {
  const runtime = quick.newRuntime()
  runtime.setMemoryLimit(memoryMost)
  runtime.setMaxStackSize(stackMost)
  runtime.setInterruptHandler(() => ++clock.turns > turnsMost)
  const context = runtime.newContext()
  let asks: ScriptCall | null = null
  let strayed = false
  let at = 0
  let sets: (readonly [string, Value])[] = []
  expose(context, '__ask', (text) => {
    if (asks !== null) return null
    const known = answers[at]
    const call = JSON.parse(text) as ScriptCall
    if (known !== undefined && known.key === JSON.stringify(call)) {
      at += 1
      sets = []
      return known.answer
    }
    if (known === undefined) asks = call
    else strayed = true
    return null
  })
  expose(context, '__set', (text) => {
    const [name, value] = JSON.parse(text) as [string, unknown]
    const plain = plainValue(value)
    if (plain !== undefined) sets.push([name, plain])
    return 'null'
  })
  try {
    const failed = evaluate(context, prelude(protocols, first)) ?? evaluate(context, source)
    if (strayed) return { asks: null, sets: [], failed: 'it did something else the second time' }
    return asks === null ? { asks: null, sets: [], failed } : { asks, sets, failed: null }
  } finally {
    context.dispose()
    runtime.dispose()
  }
}

function evaluate(context: QuickJSContext, source: string): string | null {
  const result = context.evalCode(source)
  if (result.error === undefined) {
    result.value.dispose()
    return null
  }
  const error: unknown = context.dump(result.error)
  result.error.dispose()
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message).slice(0, 200) : String(error).slice(0, 200)
}

/** Null from `work` stops the script. */
function expose(context: QuickJSContext, name: string, work: (text: string) => string | null): void {
  const handle = context.newFunction(name, (argument) => {
    const answer = work(context.getString(argument!))
    return answer === null ? { error: context.newError('stopped') } : context.newString(answer)
  })
  context.setProp(context.global, name, handle)
  handle.dispose()
}

function prelude(protocols: readonly string[], template: string): string {
  const functions = protocols.map((name) => `globalThis[${JSON.stringify(name)}] = (...ids) => ask(${JSON.stringify(name)}, ids)`).join('\n')
  return `(() => {
    const hostAsk = globalThis.__ask, hostSet = globalThis.__set, { parse, stringify } = JSON
    delete globalThis.__ask; delete globalThis.__set
    globalThis.template = parse(${JSON.stringify(template)})
    const ask = (protocol, ids) => {
      const answer = parse(hostAsk(stringify({ protocol, ids: ids.map(String) })))
      globalThis.template = answer.template
      return answer.matched
    }
    ${functions}
    globalThis.set = (name, value) => { hostSet(stringify([String(name), value === undefined ? null : value])); return null }
    globalThis.iterate = (...all) => all.flatMap((one) => one === null || one === undefined ? [] : Array.isArray(one) ? one : [one])
    globalThis.log = (value) => value
    globalThis.Dedupe = class { #seen = new Map(); Add(...all) { for (const one of iterate(...all)) this.#seen.set(stringify(one), one) } Values() { return [...this.#seen.values()] } }
    Math.random = () => 0.5
    const fixed = 1700000000000, Real = Date
    globalThis.Date = class extends Real { constructor(...all) { all.length === 0 ? super(fixed) : super(...all) } static now() { return fixed } }
  })()`
}

function plainValue(value: unknown): Value | undefined {
  if (typeof value === 'string') return value.slice(0, textMost)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (value === null) return ''
  if (!Array.isArray(value)) return undefined
  return value.slice(0, 10_000).map((one) => (typeof one === 'string' ? one.slice(0, textMost) : JSON.stringify(one) ?? ''))
}

const templateText = (template: ReadonlyMap<string, Value>): string => JSON.stringify(Object.fromEntries(bounded(template)))

function bounded(template: ReadonlyMap<string, Value>): [string, Value][] {
  return [...template].map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, textMost) : value])
}
