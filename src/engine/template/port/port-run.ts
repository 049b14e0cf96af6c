import type { Observation } from '#core/observation.ts'
import { allows } from '#core/effect.ts'
import type { Plan } from '#core/template/plan.ts'
import type { Sight, Tools } from '../../probe.ts'
import { controlled, controlWords } from '../control.ts'
import { settle } from '../dsl/outside.ts'
import type { TemplateLibrary } from '../library.ts'
import { evidenceFor, extractedOf, proofOf } from '../proof.ts'
import { outsideOf } from '../block/outside.ts'
import { runPlan } from '../run/run-plan.ts'
import type { Door } from '../run/state.ts'
import { webRootOf, type WebRoot } from '../run/web-root.ts'
import { openWire } from '../block/wire.ts'
import { portEntries, suits, type PortEntry } from './choose.ts'

/** Templates under way at once against one port: services that speak no HTTP bear few connections. */
const sideBySide = 4
/** Ms to wait for a call that a target was made to make. */
const callWait = 4000

/** Runs the templates that suit one port and tells what they found; what was run to its end is told by its number. */
export async function* runPort(seen: Observation<'service'>, library: TemplateLibrary, tools: Tools, signal: AbortSignal): AsyncGenerator<Sight> {
  const { profile } = tools
  const { at, data } = seen
  const ended = new AbortController()
  const wire = openWire({ at, tls: data.tls, service: data.name, tools, signal: AbortSignal.any([signal, ended.signal]) })
  const root = rootOf(seen, tools)
  const known = { port: at.port!, proto: at.proto ?? 'tcp', service: data.name, tls: data.tls, named: tools.names.length > 0, product: [data.product, data.cpe].filter((part) => part !== undefined).join(' ') } as const
  const suited = portEntries(library).filter((entry) => suits(entry, known, tools.open, profile.templates === 'all'))
  const isAllowed = (entry: PortEntry): boolean => allows(profile, entry.effect) && (entry.effect !== 'login' || profile.defaults) && (!entry.callback || tools.callbacks !== null)
  const queue = suited.filter(isAllowed)
  const words = controlWords()
  const asked: number[] = []
  const matches: Sight[] = []
  const left = { unbelieved: 0, failed: 0, why: '' }
  const waiting = new Set<Promise<void>>()

  async function look(plan: Plan, check: number, free: () => void): Promise<void> {
    const door: Door = {
      signal: wire.signal,
      http: () => Promise.resolve({ failed: 'protocol', text: 'elsewhere: no web server' }),
      settle: (work, scope) => settle(work, scope, outsideOf(wire, wire.signal)),
      // Whoever waits for a call lets the next one begin: all wait together.
      async calls(places) {
        free()
        const calls = await Promise.all(places.map((place) => tools.callbacks!.wait(place, callWait, wire.signal)))
        return calls.flat()
      },
    }
    const ran = await runPlan(plan, root, { door, callbacks: tools.callbacks, wire })
    for (const found of ran.found.slice(0, 50)) {
      const verdict = await controlled(found, plan, door, words)
      if (!verdict.believed) {
        left.unbelieved += 1
        continue
      }
      const shown = evidenceFor(found)
      matches.push({
        kind: 'match', at: root.at, data: { template: plan.id, ...(found.matcher === undefined ? {} : { matcher: found.matcher }), extracted: extractedOf(found) }, ...(shown === undefined ? {} : { evidence: shown }),
        proof: proofOf(plan, library.digest, found, verdict, ran.variables),
      })
    }
    const trouble = ran.troubles.find((one) => one.failed !== 'protocol') ?? ran.troubles[0]
    if (trouble === undefined) asked.push(check)
    else if (!trouble.text.startsWith('elsewhere')) {
      left.failed += 1
      left.why = `${plan.id}: ${trouble.text}`
    }
  }

  async function work(next: () => PortEntry | undefined): Promise<void> {
    for (let entry = next(); entry !== undefined && !wire.signal.aborted; entry = next()) {
      const { place, check } = entry
      await new Promise<void>((resolve, reject) => {
        const task = look(library.plan(place), check, resolve).then(resolve, reject)
        waiting.add(task)
        void task.finally(() => waiting.delete(task))
      })
    }
  }

  try {
    yield { kind: 'asked', at: root.at, signatures: [] }
    let place = 0
    await Promise.all(Array.from({ length: profile.fragile === true ? 1 : Math.min(sideBySide, queue.length) }, () => work(() => queue[place++])))
    await Promise.all(waiting)
    signal.throwIfAborted()
    if (asked.length > 0) yield { kind: 'asked', at: root.at, signatures: asked.sort((a, b) => a - b) }
    yield* matches
    const note = (code: string, text: string): Sight => ({ kind: 'noted', at: root.at, code, text: text.slice(0, 400) })
    const unsent = suited.filter((entry) => !isAllowed(entry))
    if (unsent.length > 0) yield note('unsent', `${unsent.length} templates for this port were not run: the profile does not allow what they do, or no listener runs`)
    if (left.unbelieved > 0) yield note('control', `${left.unbelieved} matches were not believed: the service gives back whatever it is sent`)
    if (left.failed > 0) yield note('unanswered', `${left.failed} templates were not run to their end; the last: ${left.why}`)
  } finally {
    ended.abort()
  }
}

/** The port as the language names it: always with its number. */
function rootOf({ at, data }: Observation<'service'>, tools: Tools): WebRoot {
  const root = webRootOf(at, data.tls, tools.names[0])
  const { asset, address, port, proto } = at
  return { ...root, at: { asset, address, port: port!, ...(proto === undefined ? {} : { proto }) }, authority: `${root.host}:${root.port}` }
}
