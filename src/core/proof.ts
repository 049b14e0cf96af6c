import type { Kind } from './observation.ts'
import type { Place } from './place.ts'
import type { Signature } from './signature.ts'
import type { Plan } from './template/plan.ts'

/**
 * What proves an observation: the very bytes that went over the wire, so that anybody can decide again what they say, offline
 * (`./vigil verify FINDING`) or with a packet in hand. Kept beside a finding, as last seen (docs/decisions/044-proof.md).
 */
export type Exchange = Readonly<{
  over: 'tcp' | 'udp' | 'tls' | 'icmp'
  /** `192.0.2.7:443`, `[2001:db8::7]:443`. */
  to: string
  /** Name sent in the TLS handshake, if any. */
  serverName?: string
  /** Base64 of the bytes above TLS, exactly as sent and received; received at most `mostReceived`. */
  sent: string
  received: string
  /** More was received than is kept. */
  cut: boolean
  /** How talk went to and fro: bytes sent, then received, then sent again, …; absent: all was sent, then all received. 0 first where the other side spoke first. */
  turns?: readonly number[]
  /** The other side hung up after it. */
  ended?: boolean
  /** Unix ms at which sending began, and how long it took to the last byte that counted. */
  at: number
  took: number
  /** What this step is for, in a few words: `step 2 of 3`, `negative control`. */
  note?: string
}>

export const mostSent = 65_536
export const mostReceived = 262_144
/** Exchanges of one proof; a check that needs more keeps the first and the last ones. */
export const mostExchanges = 16

export type Proof = Readonly<{
  /** `by` of the observation, or `template:ID@DIGEST`: what decided. */
  check: string
  exchanges: readonly Exchange[]
  /** The same question put so that the answer must differ where the finding is true: another path, another value. A check that needs none says why. */
  control: readonly Exchange[]
  controlNote?: string
  /** What matched, in words for people: `body contains "root:x:0:0"`. */
  matched: readonly string[]
  /** Values that chance chose for this run (`randstr`, tokens of the callback listener): with them the decision is the same again. */
  variables?: Readonly<Record<string, string>>
  /** What the look reacted to: with it and the exchanges the look can be repeated, with no network. */
  trigger?: Readonly<{ kind: Kind; at: Place; data: unknown }>
  /** Calls that came back to the listener. */
  callbacks?: readonly Readonly<{ protocol: 'dns' | 'http'; from: string; at: number; request: string }>[]
}>

/** All that is needed to decide a finding again with nothing else at hand: what is downloaded of it, and read by `./vigil verify`. */
export type ProofBundle = Readonly<{
  format: 'vigil-proof/1'
  finding: Readonly<{ id: string; title: string; at: Place; result: string; severity: number; type: string; seen: string }>
  /** The check as it is now; `decidedBy` is the version that decided. A finding by version has neither a signature nor a plan: the KnowledgeBase decides it. */
  check: Readonly<{ number: number; decidedBy: number; signature?: Signature; plan?: Plan }>
  proof: Proof
}>
