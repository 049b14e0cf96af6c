import type { ScriptBlock } from '#core/template/plan.ts'
import { openHost, type Host } from '../module/host.ts'
import { runModuleScript } from '../module/script.ts'
import { asText } from '../dsl/scope.ts'
import { fillText } from '../run/fill.ts'
import { judge } from '../run/judge.ts'
import { layered, type Names, type Value } from '../run/names.ts'
import { payloadsOf } from '../run/payloads.ts'
import type { BlockEnd, RunState } from '../run/state.ts'
import { blockNames, keepParts, takeFrom, type Weighed } from './take.ts'
import { portsFor } from './tcp-block.ts'
import type { Wire } from './wire.ts'

const textMost = 1024 * 1024

/** Runs the script of a block in the sandbox, once for each payload and port, and judges what it returned or exported. */
export async function runScriptBlock(block: ScriptBlock, prefix: string, state: RunState): Promise<BlockEnd> {
  const { wire } = state
  const weighed: Weighed = { matched: false, dynamic: new Map() }
  const ports = wire === undefined ? [] : portsFor(null, block.ports, wire)
  if (wire === undefined || ports.length === 0) {
    state.troubles.push({ failed: 'protocol', text: 'elsewhere: its port was not found open on the host' })
    return { matched: false }
  }
  for (const port of ports) {
    for (const payload of payloadsOf(block.payloads, Math.max(1, state.left))) {
      state.door.signal.throwIfAborted()
      if (state.left-- <= 0) {
        state.troubles.push({ failed: 'budget', text: 'it sends more than it may' })
        return { matched: weighed.matched }
      }
      const base = blockNames(state, weighed.dynamic)
      const values = new Map<string, Value>()
      for (const [name, text] of payload ?? []) values.set(name, fillText(text, state.scope(base), []))
      const names = layered(values, base)
      const given = argumentsOf(block, port, state, names)
      if (given === null) return { matched: weighed.matched }
      const shown = await runOnce(block, prefix, state, wire, port, given, values, names, weighed)
      if (shown && block.stopAtFirst) return { matched: true }
    }
  }
  return { matched: weighed.matched }
}

/** What the script is told, by name; null where something that an earlier step should have given is unknown. */
function argumentsOf(block: ScriptBlock, port: number, state: RunState, names: Names): Record<string, unknown> | null {
  const unknown: string[] = []
  const scope = state.scope(names)
  const given: Record<string, unknown> = Object.fromEntries(state.context)
  for (const [name] of state.plan.variables) {
    const value = names.get(name)
    if (value !== undefined) given[name] = value
  }
  for (const [name, text] of block.arguments) given[name] = fillText(text, scope, unknown)
  if (unknown.length > 0) return null
  // Wherever a template says to look, it is here.
  return { ...given, Host: state.root.address, Port: port }
}

async function runOnce(block: ScriptBlock, prefix: string, state: RunState, wire: Wire, port: number, given: Record<string, unknown>, values: Names, names: Names, weighed: Weighed): Promise<boolean> {
  const host = openHost(wire, state.scope(names))
  try {
    if (block.before !== undefined) {
      const first = await runModuleScript(block.before, given, host, state.door.signal)
      // It does not come to what the script is for.
      if ('failed' in first || !isTrue(first.value)) {
        noteTrouble(state, host, 'failed' in first ? first.failed : null)
        return false
      }
    }
    const end = await runModuleScript(block.source, given, host, state.door.signal)
    const url = `${state.root.host}:${port}`
    for (const exchange of host.exchanges()) state.talks.push({ exchange, url })
    if ('failed' in end) noteTrouble(state, host, end.failed)
    const own = namesOf(end, url, state.root.address, given)
    keepParts(state, prefix, own, ['response', 'success'])
    const seen = layered(own, values, names)
    const judgement = await state.door.settle((scope) => judge(block, scope), state.scope(seen))
    takeFrom(judgement, block, state, weighed, seen, null)
    return judgement.shown
  } finally {
    host.close()
  }
}

/** A script that throws because the target does not play along has its answer; one that the network or its own bounds cut has none. */
function noteTrouble(state: RunState, host: Host, why: string | null): void {
  const trouble = host.trouble()
  if (trouble !== null) state.troubles.push({ failed: trouble.failed === 'budget' ? 'budget' : 'protocol', text: trouble.text })
  else if (why !== null && /interrupted|out of memory|stack overflow|is not defined|not a function|^it |SyntaxError|no module/.test(why)) state.troubles.push({ failed: 'protocol', text: `the script failed: ${why}` })
}

function namesOf(end: Awaited<ReturnType<typeof runModuleScript>>, url: string, address: string, given: Readonly<Record<string, unknown>>): Names {
  const names = new Map<string, Value>([['host', url], ['matched', url], ['type', 'javascript'], ['ip', address]])
  for (const [name, value] of Object.entries(given)) if (name !== 'Host' && name !== 'Port') names.set(name, plain(value))
  if ('failed' in end) return names.set('success', false).set('response', '').set('error', end.failed)
  if (end.exported.length === 0) return names.set('response', plain(end.value)).set('success', isTrue(end.value))
  for (const one of end.exported) if (typeof one === 'object' && one !== null && !Array.isArray(one)) for (const [name, value] of Object.entries(one)) names.set(name, plain(value))
  const first = end.exported.length === 1 ? end.exported[0] : end.exported
  return names.set('response', plain(first)).set('success', isTrue(first))
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false && value !== 0 && value !== ''
}

/** As the language holds values: bytes for text, JSON for what has parts. */
function plain(value: unknown): Value {
  if (typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'string') return bytes(value)
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return bytes(JSON.stringify(value))
  return value === null || value === undefined ? '' : bytes(asText(JSON.stringify(value) ?? ''))
}

/** Texts of scripts that are bytes stay so; others are written in UTF-8. */
function bytes(text: string): string {
  const cut = text.slice(0, textMost)
  return !/[^\p{ASCII}\u0080-\u00ff]/u.test(cut) ? cut : Buffer.from(cut).toString('latin1')
}
