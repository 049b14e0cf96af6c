import type { Ask } from '#core/ask.ts'
import { allows } from '#core/effect.ts'
import type { Evidence, Shapes } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import type { Profile } from '#core/profile.ts'
import type { Effect } from '#core/template/plan.ts'
import type { HttpAnswer } from './http/answer.ts'
import type { AskOptions, Answers, Connection, Failure } from './net.ts'
import type { Tools } from './probe.ts'

/**
 * A protocol that Vigil can recognise and look into: one file in a family's folder of `services/`, one line in `probes.ts`. On an open TCP port the
 * probe `service` asks candidates one after the other: whose `greets` matches the greeting, then whose `ports` holds the port,
 * then the rest by `guess`; after that the same inside TLS. The first that answers with a sighting is the service.
 */
export interface Service extends Care {
  /** The protocol in the field's lower-case name; it becomes `service.name` unless the sighting says otherwise. */
  readonly name: string
  /** Ports on which it is usual, in the clear. On them it is asked first. */
  readonly ports: readonly number[]
  /** Ports on which it is usual inside TLS from the first byte. */
  readonly tlsPorts?: readonly number[]
  /** It talks first (with a `guess`: at times), and this is how it sounds. Given the first bytes read, at most 4,096; must be cheap and never throw. */
  greets?(greeting: Uint8Array): boolean
  /**
   * Rank among the guesses on a port nobody claims, lowest first (http is 10). Absent: never guessed, only asked on its own
   * ports or when it greets. Guess only with a first message that is harmless to any other protocol.
   */
  readonly guess?: number
  /**
   * Recognises it and looks as deep as is harmless without a login. null: it is something else. Once recognised, what could
   * not be looked at goes into `incomplete`: then nothing is concluded from what the sighting lacks. Throws only `Unseen`.
   */
  look(target: Target): Promise<Sighting | null>
}

/** What a look may do to a target. */
export interface Care {
  /** The most it does; absent: harmless. */
  readonly effect?: Effect
  /** It speaks to controllers, meters and printers, which a stray message may upset: a profile for fragile devices leaves it out. */
  readonly industrial?: true
  /** Tries logins that products ship with, where `triesDefaults` says so, and leaves their facts out otherwise (src/core/default-facts.ts). */
  readonly defaults?: true
}

/** Whether a profile lets default logins be tried: they log in, which it may forbid as such. */
export function triesDefaults(profile: Profile): boolean {
  return profile.defaults && allows(profile, 'login')
}

/** What the ledger is told of a part that the profile left out. */
export function leftOut({ defaults }: Care, profile: Profile): Readonly<{ code: string; text: string }> | null {
  return defaults === true && !triesDefaults(profile) ? { code: 'profile', text: 'default logins were not tried: the profile leaves them out' } : null
}

/** Whether a profile lets it look. `dos` is never allowed. */
export function isAllowed({ effect = 'harmless', industrial }: Care, profile: Profile): boolean {
  if (industrial === true && profile.fragile === true) return false
  if (effect === 'login') return triesDefaults(profile)
  return effect === 'intrusive' ? profile.intrusive === true && profile.fragile !== true : effect !== 'dos'
}

export type Target = Readonly<{
  at: Place
  /** `open` gives connections with TLS already spoken. */
  tls: boolean
  /** What the service said by itself within a short while of connecting; empty when it kept silent or was not listened to. */
  greeting: Uint8Array
  /** A fresh connection (the greeting comes again on it); the runner closes those left open. Throws `Unseen` when it cannot be had. */
  open(): Promise<Connection>
  tools: Tools
  signal: AbortSignal
}>

export type Sighting = Readonly<
  Omit<Shapes['service'], 'name' | 'tls' | 'facts'> & {
    name?: string
    facts?: Shapes['service']['facts']
    evidence?: Evidence
    /** Recognised, but a part could not be looked at. `code` as in FailureCode. */
    incomplete?: Readonly<{ code: string; text: string }>
  }
>

/**
 * A service over UDP, asked on its own ports as far as the profile holds them. null: something else answers. `ask` resolves
 * with at least one answer; silence throws `Unseen('silent')` and the host's own ICMP port unreachable `Unseen('refused')` (the port is closed, and the
 * runner takes it as looked at). Catch `silent` where silence to one question proves something, because another was answered.
 */
export interface UdpService extends Care {
  readonly name: string
  readonly ports: readonly number[]
  look(target: UdpTarget): Promise<Sighting | null>
}

export type UdpTarget = Readonly<{
  at: Place
  /** Sends the datagrams from one fresh socket, again after a third and two thirds of the wait if nothing came. */
  ask(datagrams: readonly Uint8Array[], options?: AskOptions): Promise<Answers>
  tools: Tools
  signal: AbortSignal
}>

/**
 * A service spoken over HTTP (Elasticsearch, Docker API …). The probe `web-service` offers it every root page; it yields a second
 * `service` observation beside `http` on the same port.
 */
export interface WebService {
  readonly name: string
  readonly ports: readonly number[]
  /** Whether the root page or the port makes it worth asking; cheap, pure. */
  hints(root: Shapes['http'], port: number): boolean
  look(target: WebTarget): Promise<Sighting | null>
}

export type WebTarget = Readonly<{
  at: Place
  tls: boolean
  root: Shapes['http']
  /** Sends one request to the same port; a redirect is an answer, not followed. */
  request(ask: Ask): Promise<HttpAnswer | Failure>
  tools: Tools
  signal: AbortSignal
}>
