import type { Observation } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import { toldOf } from '#core/tls/told.ts'
import type { Failed, LeftOpen } from './ledger.ts'

/** Checks of which a look at TLS may tell nothing, with how that is seen; compiled once for a KnowledgeBase. */
const compiled = new WeakMap<ReadonlyMap<number, Signature>, readonly (readonly [number, (seen: Observation<'tls'>) => boolean])[]>()

/** Says which checks a look that came to its end leaves open: a finding of theirs is neither seen there nor gone. */
export function leftOpenBy(signatures: ReadonlyMap<number, Signature>): LeftOpen {
  const known = compiled.get(signatures) ?? [...signatures.values()].flatMap(({ id, on, when }) => {
    const told = on === 'tls' ? toldOf(when) : null
    return told === null ? [] : [[id, told] as const]
  })
  compiled.set(signatures, known)
  return (seen): Failed | null => {
    if (seen.kind !== 'tls' || seen.at.port === undefined) return null
    const open = known.filter(([, told]) => !told(seen)).map(([id]) => id)
    return open.length === 0 ? null : { probe: 'tls', ports: `tcp:${seen.at.port}`, code: 'undecided', text: `no answer that tells of ${open.join(', ')}`, signatures: open }
  }
}
