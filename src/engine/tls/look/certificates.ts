import type { Certificate, Shapes } from '#core/observation.ts'
import { certificateOf } from '../certificate.ts'
import type { Asker, Until } from '../asker.ts'
import type { TlsVersion } from '../hello.ts'
import type { Shown } from '../proof.ts'
import { factsOf } from '../suites.ts'
import type { Offer } from './enumerate.ts'
import type { Handshake } from './handshake.ts'

type Found = Readonly<{ first: Certificate | null }> & Pick<Shapes['tls'], 'certificates' | 'nameless'>

const arrived: Until = ({ certificates, done }) => certificates.length > 0 || done

/** Certificates for each kind of key, and where no name is asked for: read in the clear below TLS 1.3, else out of the whole handshake. */
export async function certificatesOf({ ask, name }: Asker, taken: readonly Offer[], old: Uint8Array | null): Promise<Readonly<{ read(handshake: Handshake | null, now: number): Found; shown: readonly Shown[] }>> {
  const below = taken.find(({ version, suites }) => version !== 'TLSv1.3' && suites.some((suite) => factsOf(suite)?.proof !== 'anon'))
  const chains: (readonly Uint8Array[])[] = []
  let nameless: Shapes['tls']['nameless'] = null
  let bare: readonly Uint8Array[] = []
  const shown: Shown[] = []
  if (below !== undefined) {
    const { version, suites } = below
    const ofKind = async (kind: RegExp): Promise<readonly Uint8Array[]> => {
      const some = suites.filter((suite) => kind.test(factsOf(suite)?.proof ?? ''))
      if (some.length === 0) return []
      const flight = await ask({ version, suites: some }, arrived)
      if (flight.certificates.length > 0) shown.push({ flight, note: `its certificate of ${factsOf(some[0]!)!.proof}`, grave: true })
      return flight.certificates
    }
    const [rsa, ecdsa, dss, without] = await Promise.all([ofKind(/^RSA$/), ofKind(/^ECDSA$/), ofKind(/^DSS$/), name === undefined ? null : ask({ version: version as TlsVersion, suites, servername: undefined }, arrived)])
    chains.push(...[rsa, ecdsa, dss].filter((chain) => chain.length > 0))
    if (without !== null && without.lost === null && chains.length > 0) {
      bare = without.certificates
      const isKnown = chains.some((chain) => bare[0] !== undefined && Buffer.compare(chain[0]!, bare[0]) === 0)
      nameless = without.hello === null ? 'required' : isKnown ? 'same' : 'different'
      if (nameless !== 'same') shown.push({ flight: without, note: 'without a name', grave: false })
    }
  }
  if (chains.length === 0 && old !== null) chains.push([old])
  return { shown, read(handshake, now) {
    const session = handshake?.session
    const read = (sent: readonly Uint8Array[]): Certificate | null => {
      const isSame = session?.chain[0] !== undefined && sent[0] !== undefined && Buffer.compare(session.chain[0], sent[0]) === 0
      return certificateOf({ certificates: sent, sent, trust: isSame ? { error: session.trustError } : 'unknown' }, name, now)
    }
    const all = chains.map(read)
    if (session !== undefined && session.chain.length > 0 && !chains.some((chain) => Buffer.compare(chain[0]!, session.chain[0]!) === 0)) {
      all.unshift(certificateOf({ certificates: session.chain, sent: null, trust: { error: session.trustError } }, name, now))
    }
    if (nameless === 'different' && bare.length > 0) all.push(read(bare))
    const [first = null, ...rest] = all.filter((one) => one !== null)
    return { first, nameless, ...(rest.length === 0 ? {} : { certificates: rest.slice(0, 10) }) }
  } }
}
