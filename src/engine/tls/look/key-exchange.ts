import type { Ask, Flight } from '../asker.ts'
import { wireVersion } from '../hello.ts'
import { curves, groupName, groups13 } from '../groups.ts'
import type { Shown } from '../proof.ts'
import { signatureName, signatures12 } from '../signatures.ts'
import { factsOf, finiteField, suites13 } from '../suites.ts'
import { exhaust, type Offer } from './enumerate.ts'
import { primeName } from './primes.ts'

export type KeyExchange = Readonly<{ groups?: readonly string[]; signatures?: readonly string[]; dhBits: number | null; dhGroup?: string | null; shown: readonly Shown[] }>

/** Groups, curves, signatures and the prime, asked at the newest versions taken. */
export async function keyExchangeOf(ask: Ask, modern: Offer | undefined, below: Offer | undefined): Promise<KeyExchange> {
  const shown: Shown[] = []
  const [shared, curved, signed, finite] = await Promise.all([
    modern === undefined ? [] : exhaust(groups13, (groups) => ask({ version: 'TLSv1.3', suites: suites13, groups }), ({ hello }) => (hello?.version === wireVersion['TLSv1.3'] ? hello.group : null)),
    below === undefined ? [] : curvesOf(ask, below, shown),
    below?.version === 'TLSv1.2' ? signaturesOf(ask, below, shown) : undefined,
    below === undefined ? null : primeOf(ask, below),
  ])
  const groups = shared === null || curved === null ? null : [...new Set([...shared, ...curved])]
  return {
    ...(groups === null ? {} : { groups: groups.map(groupName) }),
    ...(signed === undefined || signed === null ? {} : { signatures: signed.map(signatureName) }),
    dhBits: finite?.dhBits ?? null,
    ...(finite?.prime === undefined || finite.prime === null ? {} : { dhGroup: primeName(finite.prime) }),
    shown: [...(finite?.dhBits == null ? [] : [{ flight: finite, note: `a prime of ${finite.dhBits} bits`, grave: finite.dhBits < 2048 }]), ...shown],
  }
}

function curvesOf(ask: Ask, { version, suites }: Offer, shown: Shown[]): Promise<readonly number[] | null> | readonly number[] {
  const elliptic = suites.filter((suite) => factsOf(suite)?.exchange === 'ECDHE')
  return elliptic.length === 0 ? [] : exhaust(curves, (groups) => ask({ version, suites: elliptic, groups }, ({ curve, done }) => curve !== null || done), ({ curve }) => curve, (group, flight) => {
    const name = groupName(group)
    if (/1(60|63|92|93)/.test(name)) shown.push({ flight, note: `takes ${name}`, grave: true })
  })
}

function signaturesOf(ask: Ask, { version, suites }: Offer, shown: Shown[]): Promise<readonly number[] | null> | readonly number[] {
  const signing = suites.filter((suite) => /^(EC)?DHE$/.test(factsOf(suite)?.exchange ?? '') && /RSA|ECDSA|DSS/.test(factsOf(suite)?.proof ?? ''))
  return signing.length === 0 ? [] : exhaust(signatures12, (signatures) => ask({ version, suites: signing, signatures }, (flight) => flight.curve !== null || flight.prime !== null || flight.done), ({ signature }) => signature, (scheme, flight) => {
    const name = signatureName(scheme)
    if (/(sha1|md5)$/.test(name)) shown.push({ flight, note: `signs by ${name}`, grave: false })
  })
}

async function primeOf(ask: Ask, { version, suites }: Offer): Promise<Flight | null> {
  const finite = suites.filter((suite) => finiteField.has(suite))
  const strong = finite.filter((suite) => !factsOf(suite)!.weak.includes('EXPORT'))
  if (finite.length === 0) return null
  // Without groups of RFC 7919 on offer, so that the server shows the prime it was set up with.
  return ask({ version, suites: strong.length > 0 ? strong : finite, groups: curves.slice(0, 5) }, ({ dhBits, done }) => dhBits !== null || done)
}
