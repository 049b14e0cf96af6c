import type { CookieJar, HttpExchange, HttpRequest } from '../../http/wire.ts'
import type { Failure } from '../../net.ts'
import type { CallbackPlace, Call } from '../../callback/callbacks.ts'
import type { Exchange } from '#core/proof.ts'
import type { Block, Plan } from '#core/template/plan.ts'
import type { Seen } from '../match/seen.ts'
import type { Chosen } from './chosen.ts'
import type { Names, Scope, Scoping, Value } from './names.ts'
import type { Variables } from './variables.ts'
import type { WebRoot } from './web-root.ts'
import type { Wire } from '../block/wire.ts'

/** What a run of a template may ask of the world: nothing else. */
export interface Door {
  /** `shared`: an answer to the very same bytes may be used again. */
  http(request: HttpRequest, shared: boolean): Promise<HttpExchange | Failure>
  /** Waits until a target called one of these places, at most as long as makes sense; others may work meanwhile. */
  calls(places: readonly CallbackPlace[]): Promise<readonly Call[]>
  /** Works out what may have to ask outside first: a name, a pause. */
  settle<T>(work: (scope: Scope) => T, scope: Scope): Promise<T>
  readonly signal: AbortSignal
  /** What was found of all templates' texts in one pass, where answers are shared. */
  readonly seen?: Seen | undefined
}

/** One request with its answer, as a step of a template. */
export type Step = Readonly<{ request: HttpRequest; answer: HttpExchange; url: string; note: string }>

/** One conversation that was no HTTP, as a step of a template. */
export type Talk = Readonly<{ exchange: Exchange; url: string }>

/** A block held: what is said of it, and enough to doubt it. */
export type Found = Readonly<{
  matcher?: string
  extracted: readonly string[]
  /** What matched, in words. */
  why: readonly string[]
  /** All steps up to and with the one that decided, which is last. */
  steps: readonly Step[]
  /** Conversations of other protocols up to it. */
  talks?: readonly Talk[]
  calls: readonly Call[]
  /** Whether the matchers would hold as well if the last step had been answered like this. */
  wouldHold(answer: HttpExchange): boolean
  /** How to doubt what was no HTTP, where there is a way. */
  control?: () => Promise<Readonly<{ believed: boolean; talks: readonly Exchange[]; note?: string }>>
}>

/** What is carried from block to block of one run. */
export type RunState = {
  readonly plan: Plan
  readonly root: WebRoot
  readonly door: Door
  readonly chosen: Chosen
  readonly scope: Scoping
  readonly variables: Variables
  /** Extracted and set on the way, and what earlier blocks saw (`http_1_body`). */
  readonly context: Map<string, Value>
  readonly known: Names
  readonly jar: CookieJar | undefined
  readonly steps: Step[]
  readonly talks: Talk[]
  /** What a call that comes later may still make to match. */
  readonly late: Readonly<{ block: Block; seen: Names; talks: number }>[]
  /** What blocks of other protocols may reach; absent: nothing. */
  readonly wire?: Wire | undefined
  readonly found: Found[]
  /** What went wrong on the way: nothing may be concluded from its silence. */
  readonly troubles: Failure[]
  /** Requests left that this run may send. */
  left: number
  readonly mostWait: number
}

/** How a block ended. `matched`: as `flow` sees it. */
export type BlockEnd = Readonly<{ matched: boolean }>
