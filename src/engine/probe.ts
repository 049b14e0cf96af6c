import type { Ask } from '#core/ask.ts'
import type { Kind, Observation } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import type { Credential } from '#core/credential.ts'
import type { Profile } from '#core/profile.ts'
import type { Effect } from '#core/template/plan.ts'
import type { Callbacks } from './callback/callbacks.ts'
import type { Net } from './net.ts'
import type { TemplateLibrary } from './template/library.ts'

/**
 * A way of looking at a target: reacts to one kind of observation and yields more. It knows no tenant and no database,
 * opens sockets only through `tools.net`, and judges nothing.
 */
export interface Probe<K extends Kind = Kind> {
  /** Unique, kebab-case; observations carry `id@version`. */
  readonly id: string
  readonly version: number
  readonly on: K
  /** The most it does to a target; a profile that allows less leaves the probe out, and the ledger says so. */
  readonly effect: Effect
  readonly needs: Readonly<{
    privilege?: 'raw' | 'login'
    /** Tries credentials that products ship with, once each. Runs only where the profile's `defaults` is on. */
    defaults?: boolean
  }>
  wants(seen: Observation<K>, profile: Profile): boolean
  /**
   * Looks. Ends normally when it could look (then the place counts as covered by this probe) and throws `Unseen` when it could not
   * (then nothing is concluded). Partial results yielded before a throw are kept.
   */
  run(seen: Observation<K>, tools: Tools, signal: AbortSignal): AsyncIterable<Sight>
}

/**
 * What a probe yields: an observation without what the runner fills in (`by`, `seen`), or a note for the ledger of coverage:
 * `asked`: requests of these signatures were really sent and answered. `tested` / `untested`: for a probe that walks the ports of a
 * host by itself, which of them (`tcp:22,80;udp:53`) gave a conclusive answer and which did not. Such a probe is covered on the
 * ports it yields as `tested` and no others. `noted`: a remark for the ledger about what was left out or not believed, which takes nothing from what was covered.
 * `entered`: a login got in, and what such a look reads was read to the end, so that what it did not see is not there; a probe that logs in is covered where it says so and
 * nowhere else. `as`: the name under which a part of a look is covered by itself, instead of the probe's.
 */
export type Sight =
  | { [P in Kind]: Readonly<Omit<Extract<Observation, { kind: P }>, 'by' | 'seen'> & { as?: string }> }[Kind]
  | Readonly<{ kind: 'entered'; at: Place; as?: string }>
  | Readonly<{ kind: 'asked'; at: Place; signatures: readonly number[] }>
  | Readonly<{ kind: 'tested'; at: Place; ports: string }>
  | Readonly<{ kind: 'untested'; at: Place; ports: string; code: string; text: string }>
  | Readonly<{ kind: 'noted'; at: Place; code: string; text: string }>

export type Tools = Readonly<{
  net: Net
  /** The same object for all looks at one host: what they share can be hung on it, and goes with it. */
  host: object
  profile: Profile
  /** Requests that signatures need, each with the ids that need it. */
  asks: readonly Readonly<{ ask: Ask; signatures: readonly number[] }>[]
  /** Names the host may be addressed by (SNI, Host header), the preferred one first; often empty. */
  names: readonly string[]
  /** Checks with an open finding on this host: asked again whatever is seen. */
  open: ReadonlySet<number>
  /** Logins meant for this host, opened. */
  credentials: readonly Credential[]
  /** Templates of the release in force; absent: none are on board, or the profile wants none. */
  templates?: TemplateLibrary | undefined
  /** The listener that targets call back; absent: none runs, with why. */
  callbacks: Callbacks | null
  /** Lets so many ms pass in which nothing is sent; others are looked at meanwhile. Rejects when the scan is stopped. Absent: nobody else waits. */
  rest?(time: number): Promise<void>
  /** When a look is repeated over a proof: the values that chance chose then. */
  variables?: Readonly<Record<string, string>> | undefined
  now(): number
}>

/** The probe could not look; `code` is machine-readable (`timeout`, `reset`, `budget`, `protocol`), text for people. */
export class Unseen extends Error {
  readonly code: string
  constructor(code: string, text: string) {
    super(text)
    this.name = 'Unseen'
    this.code = code
  }
}
