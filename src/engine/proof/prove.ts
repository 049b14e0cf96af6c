import type { Observation } from '#core/observation.ts'
import type { Exchange, Proof } from '#core/proof.ts'
import { fitProof } from '#core/proof-size.ts'
import type { Probe } from '../probe.ts'

/** What was asked and answered in the clear of a login holds secrets of the organisation: it is never kept. */
export function mayRecord(probe: Pick<Probe, 'effect' | 'needs'>): boolean {
  return probe.effect !== 'login' && probe.needs.privilege !== 'login'
}

/** Base64 of one proof, of all its conversations: an observation with it must fit into one event of the channel. */
const mostCharacters = 800_000

/** The observation with the bytes that show it: those its probe chose, else all of the look so far. `trigger`: what the look reacted to. */
export function withProof(seen: Observation, trigger: Observation, exchanges: () => readonly Exchange[]): Observation {
  const { kind, at, data } = trigger
  return { ...seen, proof: fitProof({ ...(seen.proof ?? plain(seen.by, exchanges())), trigger: { kind, at, data } }, mostCharacters) }
}

export function withoutProof(seen: Observation): Observation {
  if (seen.proof === undefined) return seen
  const bare: { -readonly [K in keyof Observation]?: Observation[K] } = { ...seen }
  delete bare.proof
  return bare as Observation
}

function plain(check: string, exchanges: readonly Exchange[]): Proof {
  return { check, exchanges, control: [], controlNote: 'It is what the service says of itself or lets be done: there is nothing to hold it against.', matched: [] }
}
