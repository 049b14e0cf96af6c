import { randomInt } from 'node:crypto'
import type { Plan } from '#core/template/plan.ts'
import type { Callbacks } from '../../callback/callbacks.ts'
import type { Failure } from '../../net.ts'
import { cookieJar } from './cookies.ts'
import { chooser } from './chosen.ts'
import { runFlow } from './flow.ts'
import { layered, scoping, type Value } from './names.ts'
import type { Door, Found, RunState, Step, Talk } from './state.ts'
import { judgeLate } from '../block/take.ts'
import { urlNames } from './url-names.ts'
import { variablesOf } from './variables.ts'
import type { WebRoot } from './web-root.ts'
import type { Wire } from '../block/wire.ts'

/** Requests one template may send to one web root, whatever it says of itself. */
const requestsMost = 500

export type RunOptions = Readonly<{ door: Door; wire?: Wire | undefined; callbacks: Callbacks | null; seed?: number; most?: number; wait?: number }>

/** `troubles`: what could not be asked; without any, silence means that it does not hold. */
export type Ran = Readonly<{ found: readonly Found[]; steps: readonly Step[]; talks: readonly Talk[]; troubles: readonly Failure[]; variables: Readonly<Record<string, string>> }>

/** Runs a template against one web root, to its end. Throws only when the scan is stopped. */
export async function runPlan(plan: Plan, root: WebRoot, options: RunOptions): Promise<Ran> {
  const seed = options.seed ?? randomInt(2 ** 31)
  const scope = scoping(seed, Date.now())
  const chosen = chooser(root.address, options.callbacks, seed)
  const state: RunState = {
    plan, root, door: options.door, chosen, scope,
    variables: variablesOf(plan, scope),
    context: new Map<string, Value>(),
    known: layered(urlNames(root), chosen),
    jar: plan.blocks.some((block) => block.protocol === 'http' && block.cookies) ? cookieJar() : undefined,
    steps: [], talks: [], late: [], found: [], troubles: [], wire: options.wire,
    left: options.most ?? requestsMost,
    mostWait: options.wait ?? 4000,
  }
  await runFlow(state)
  if (state.late.length > 0 && chosen.places.length > 0) judgeLate(state, await options.door.calls(chosen.places))
  // Where no name leads to the listener, that no lookup came says nothing.
  if (plan.callback && options.callbacks !== null && !options.callbacks.named && waitsForLookup(plan)) state.troubles.push({ failed: 'protocol', text: 'it waits for a lookup of a name, and no domain leads to the listener' })
  const variables = { seed: String(seed), ...chosen.all, ...Object.fromEntries([...state.variables.settled].flatMap(([name, value]) => (typeof value === 'string' && value.length <= 4096 ? [[name, value]] : []))) }
  return { found: state.found, steps: state.steps, talks: state.talks, troubles: state.troubles, variables }
}

/** Whether one of its matchers wants a lookup, and none takes a request over HTTP instead. */
function waitsForLookup({ blocks }: Plan): boolean {
  const written = JSON.stringify(blocks.map(({ matchers }) => matchers))
  return written.includes('interactsh_protocol') && /"dns"/.test(written) && !/"http"/.test(written)
}
