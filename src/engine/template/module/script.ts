import variant from '@jitl/quickjs-wasmfile-release-sync'
import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSSyncVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core'
import { guestPrelude } from './guest.ts'
import type { Answer, Host } from './host.ts'

const memoryMost = 8_388_608
const stackMost = 262_144
/** Ms that the interpreter may work, over all beginnings of one script; what it waits for does not count. */
const workMost = 3000
const callsMost = 100
const textMost = 1024 * 1024

/** What a script came to: the value of its last expression, and what it exported; or why it broke off. */
export type ScriptEnd = Readonly<{ value: unknown; exported: readonly unknown[] }> | Readonly<{ failed: string }>

let loading: Promise<QuickJSWASMModule> | null = null

/**
 * Runs a script over modules that ask the host. The interpreter cannot wait, so that a run which needs an answer is dropped and begun anew once it is there; each call is made once, and a script in
 * which neither chance nor time can be seen asks the same again (docs/decisions/042-template-sandbox.md).
 */
export async function runModuleScript(source: string, values: Readonly<Record<string, unknown>>, host: Host, signal: AbortSignal): Promise<ScriptEnd> {
  loading ??= newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant)
  const quick = await loading
  const prelude = guestPrelude(values)
  const answers: { asked: string; answer: string }[] = []
  const work = { left: workMost }
  for (;;) {
    signal.throwIfAborted()
    const began = performance.now()
    const run = attempt(quick, prelude, source, answers, began + work.left)
    work.left -= performance.now() - began
    if (run.asks === null) return run.end
    if (work.left <= 0) return { failed: 'it takes too long' }
    if (answers.length >= callsMost) return { failed: `it asks more than ${callsMost} times` }
    const [module, name, of] = JSON.parse(run.asks) as [string, string, readonly unknown[]]
    const answer: Answer = await host.call(String(module), String(name), Array.isArray(of) ? of : [])
    answers.push({ asked: run.asks, answer: JSON.stringify('value' in answer ? { value: answer.value ?? null } : answer).slice(0, textMost * 2) })
  }
}

type Attempt = Readonly<{ asks: string; end: null }> | Readonly<{ asks: null; end: ScriptEnd }>

function attempt(quick: QuickJSWASMModule, prelude: string, source: string, answers: readonly Readonly<{ asked: string; answer: string }>[], until: number): Attempt {
  const runtime = quick.newRuntime()
  runtime.setMemoryLimit(memoryMost)
  runtime.setMaxStackSize(stackMost)
  let at = 0
  let strayed = false
  const pending: { asks: string | null } = { asks: null }
  // A script may catch the error by which it is stopped, and go on for ever; this it cannot catch.
  runtime.setInterruptHandler(() => pending.asks !== null || strayed || performance.now() > until)
  const context = runtime.newContext()
  const call = context.newFunction('__call', (argument) => {
    const asked = context.getString(argument!)
    const known = answers[at]
    if (pending.asks !== null || strayed) return { error: context.newError('stopped') }
    if (known === undefined) pending.asks = asked
    else if (known.asked !== asked) strayed = true
    else {
      at += 1
      return context.newString(known.answer)
    }
    return { error: context.newError('stopped') }
  })
  context.setProp(context.global, '__call', call)
  call.dispose()
  try {
    const ready = evaluate(context, prelude)
    if ('failed' in ready) return { asks: null, end: ready }
    const end = evaluate(context, source)
    if (pending.asks !== null) return { asks: pending.asks, end: null }
    if (strayed) return { asks: null, end: { failed: 'it did something else the second time' } }
    if ('failed' in end) return { asks: null, end }
    const exported = evaluate(context, '__exported')
    return { asks: null, end: { value: end.value, exported: 'value' in exported && Array.isArray(exported.value) ? exported.value : [] } }
  } finally {
    context.dispose()
    runtime.dispose()
  }
}

/** The value as plain data: what cannot be that is text. */
function evaluate(context: QuickJSContext, source: string): Readonly<{ value: unknown }> | Readonly<{ failed: string }> {
  const result = context.evalCode(source)
  if (result.error !== undefined) {
    const error: unknown = context.dump(result.error)
    result.error.dispose()
    return { failed: (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)).slice(0, 200) }
  }
  const value: unknown = context.dump(result.value)
  result.value.dispose()
  return { value: typeof value === 'function' || typeof value === 'symbol' ? '' : value }
}
