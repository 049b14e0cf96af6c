import { randomBytes } from 'node:crypto'
import type { TcpBlock } from '#core/template/plan.ts'
import type { Exchange } from '#core/proof.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { fillText } from '../run/fill.ts'
import { judge } from '../run/judge.ts'
import { layered, type Names, type Value } from '../run/names.ts'
import { payloadsOf } from '../run/payloads.ts'
import type { BlockEnd, RunState } from '../run/state.ts'
import { blockNames, keepParts, takeFrom, type Weighed } from './take.ts'
import type { Wire } from './wire.ts'

/** Bytes of one answer that is read to its end. */
const readAllMost = 1024 * 1024
const errorsThatSayNothing = new Set(['reset', 'closed', 'timeout', 'tls'])

type Input = Readonly<{ data: Buffer; read: number; name: string | undefined }>
type Script = Readonly<{ port: number; tls: boolean; inputs: readonly Input[]; read: number; readAll: boolean }>
/** `parts`: what inputs with a name got. */
type Said = Readonly<{ request: string; data: string; raw: string; parts: readonly (readonly [string, string])[]; exchange: Exchange }>

/** Speaks the lines of a block over a connection, once for each address and payload, and judges what came. */
export async function runTcpBlock(block: TcpBlock, prefix: string, state: RunState): Promise<BlockEnd> {
  const { wire, door } = state
  if (wire === undefined) {
    state.troubles.push({ failed: 'protocol', text: 'a connection cannot be had here' })
    return { matched: false }
  }
  const weighed: Weighed = { matched: false, dynamic: new Map() }
  const mayShare = state.plan.effect === 'harmless' || state.plan.effect === 'passive'
  for (const payload of payloadsOf(block.payloads, Math.max(1, state.left))) {
    const base = blockNames(state, weighed.dynamic)
    const values = new Map<string, Value>()
    for (const [name, text] of payload ?? []) values.set(name, fillText(text, state.scope(base), []))
    const names = layered(values, base)
    const scripts = await door.settle((scope) => scriptsOf(block, wire, scope), state.scope(names))
    for (const script of scripts) {
      door.signal.throwIfAborted()
      if (script === null) return { matched: weighed.matched }
      if (state.left-- <= 0) {
        state.troubles.push({ failed: 'budget', text: 'it sends more than it may' })
        return { matched: weighed.matched }
      }
      const said = await (mayShare ? wire.kept(keyOf(script), () => converse(script, wire)) : converse(script, wire))
      if (failed(said)) {
        if (!errorsThatSayNothing.has(said.failed) || said.failed === 'timeout') state.troubles.push(said)
        continue
      }
      const url = `${state.root.host}:${script.port}`
      state.talks.push({ exchange: said.exchange, url })
      const own = namesOf(said, url, state.root.address)
      keepParts(state, prefix, own, ['data', 'raw', 'request'])
      const seen = layered(own, names)
      const judgement = await door.settle((scope) => judge(block, scope), state.scope(seen))
      takeFrom(judgement, block, state, weighed, seen, mayShare && script.inputs.length > 0 ? () => controlOf(script, wire, (answer) => judge(block, state.scope(layered(namesOf(answer, url, state.root.address), names))).shown) : null)
      if (judgement.shown && block.stopAtFirst) return { matched: true }
    }
  }
  return { matched: weighed.matched }
}

function namesOf(said: Said, url: string, address: string): Names {
  return new Map<string, Value>([['data', said.data], ['raw', said.raw], ['request', said.request], ['host', url], ['matched', url], ['type', 'tcp'], ['ip', address], ...said.parts])
}

/** Null where something that an earlier step should have given is unknown. */
function scriptsOf(block: TcpBlock, wire: Wire, scope: Parameters<typeof fillText>[1]): (Script | null)[] {
  const scripts = new Map<string, Script | null>()
  const unknown: string[] = []
  const inputs = block.inputs.map((input): Input => {
    const text = fillText(input.data, scope, unknown)
    return { data: input.hex ? Buffer.from(text.replace(/\s+/g, ''), 'hex') : Buffer.from(text, 'latin1'), read: input.read, name: input.name }
  })
  if (unknown.length > 0) return [null]
  for (const address of block.addresses) {
    const parts = /^(tls:\/\/)?.*?(?::(\d{1,5}))?$/s.exec(fillText(address, scope, []))!
    const tls = parts[1] !== undefined
    // A service that is known to speak in the clear has nothing to say inside TLS.
    if (tls && !wire.tls && wire.service !== 'unknown') continue
    for (const port of portsFor(parts[2] === undefined ? null : Number(parts[2]), block.ports, wire)) {
      const script = { port, tls, inputs, read: block.read, readAll: block.readAll }
      scripts.set(`${port} ${tls}`, script)
    }
  }
  return [...scripts.values()]
}

/** The port that is looked at, or one that the template names if it was found open. */
export function portsFor(explicit: number | null, named: readonly number[], wire: Wire): readonly number[] {
  if (explicit !== null && explicit !== wire.port) return wire.isOpen(explicit) ? [explicit] : []
  if (named.length === 0 || named.includes(wire.port) || wire.service !== 'http') return [wire.port]
  return named.filter((port) => wire.isOpen(port))
}

function keyOf({ port, tls, inputs, read, readAll }: Script): string {
  return JSON.stringify(['tcp', port, tls, read, readAll, inputs.map(({ data, read: size, name }) => [data.toString('latin1'), size, name])])
}

async function converse(script: Script, wire: Wire): Promise<Said | Failure> {
  const connection = await wire.connect(script.port, script.tls ? {} : null)
  if (failed(connection)) return connection
  try {
    return await speak(connection, script, wire)
  } finally {
    connection.close()
  }
}

async function speak(connection: Connection, script: Script, wire: Wire): Promise<Said | Failure> {
  const wait = Math.min(wire.tools.profile.limits.answer, 5000)
  const parts: (readonly [string, string])[] = []
  let request = ''
  let raw = ''
  const read = async (most: number): Promise<string> => {
    const answer = await connection.read({ most, timeout: wait })
    return failed(answer) ? '' : Buffer.from(answer.bytes).toString('latin1')
  }
  for (const { data, read: size, name } of script.inputs) {
    if (data.length > 0) connection.write(data)
    request += data.toString('latin1')
    if (size <= 0) continue
    const answer = await read(size)
    raw += answer
    if (name !== undefined) parts.push([name, answer])
  }
  let data = ''
  if (script.readAll) {
    while (data.length < readAllMost) {
      const more = await connection.read({ most: 65_536, timeout: data === '' ? wait : Math.min(wait, 1500) })
      if (failed(more)) break
      data += Buffer.from(more.bytes).toString('latin1')
      if (more.ended) break
    }
  } else data = await read(Math.max(1, script.read))
  raw += data
  const last = script.inputs.at(-1)
  // What was read for the last input is all there is to judge where nothing more came.
  return { request, data: data === '' && last !== undefined && last.read > 0 ? raw : data, raw, parts, exchange: connection.exchange() }
}

/** Asked again with bytes that mean nothing: who gives back what it is sent satisfies any template. */
async function controlOf(script: Script, wire: Wire, wouldHold: (said: Said) => boolean): Promise<Readonly<{ believed: boolean; talks: readonly Exchange[]; note?: string }>> {
  const words = script.inputs.map(({ data }) => Buffer.from(randomBytes(data.length).toString('hex').slice(0, data.length)))
  const said = await converse({ ...script, inputs: script.inputs.map((input, at) => ({ ...input, data: words[at]! })) }, wire)
  if (failed(said)) return { believed: true, talks: [], note: 'bytes that mean nothing got no answer' }
  const talks = [{ ...said.exchange, note: 'negative control' }]
  const isEcho = words.some((word) => word.length >= 4 && said.raw.includes(word.toString('latin1')))
  return isEcho && (wouldHold(said) || said.raw.trim() === words.map((word) => word.toString('latin1')).join('').trim()) ? { believed: false, talks, note: 'it gives back whatever it is sent' } : { believed: true, talks }
}
