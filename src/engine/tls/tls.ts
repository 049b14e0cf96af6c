import type { Observation, Shapes } from '#core/observation.ts'
import { Unseen, type Probe } from '../probe.ts'
import { attacksOn } from './attack/attacks.ts'
import { askerOf, type Asker } from './asker.ts'
import type { TlsVersion } from './hello.ts'
import { certificatesOf } from './look/certificates.ts'
import { enumerate, type Offer } from './look/enumerate.ts'
import { keyExchangeOf } from './look/key-exchange.ts'
import { handshakeOf } from './look/handshake.ts'
import { renegotiationOf } from './look/renegotiation.ts'
import { lookSslv2 } from './look/sslv2.ts'
import { traitsOf } from './look/traits.ts'
import { proofOf } from './proof.ts'
import { knowsStartTls } from './starttls.ts'
import { factsOf, suiteName, weakClasses } from './suites.ts'

const versions: readonly TlsVersion[] = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0', 'SSLv3']

/**
 * The probe `tls`: versions, every suite taken in each, groups, signatures, primes, what else is agreed on, certificates, and known attacks by safe probes. All by
 * ClientHellos written by hand that stop after the server's first flight, save two whole handshakes where OpenSSL can make them, and the few by hand that attacks need.
 * Reproduce: `openssl s_client -connect HOST:PORT -tls1 -cipher 'ALL:@SECLEVEL=0'`.
 */
export const tls: Probe<'service'> = {
  id: 'tls',
  version: 3,
  on: 'service',
  effect: 'harmless',
  needs: {},
  wants: ({ at, by, data }: Observation<'service'>) =>
    at.proto === 'tcp' && by.startsWith('service@') && (data.tls || (data.facts['starttls'] === true && knowsStartTls(data.name))),
  async *run(seen, tools, signal) {
    const asker = askerOf(seen, tools, signal)
    const [offers, sslv2] = await Promise.all([offersOf(asker), seen.data.tls ? lookSslv2(asker) : null])
    signal.throwIfAborted()
    const taken = offers.filter(({ state }) => state === 'accepted')
    const modern = taken.find(({ version }) => version === 'TLSv1.3')
    const below = taken.find(({ version, suites }) => version !== 'TLSv1.3' && suites.length > 0)
    const accepted = [...taken.map(({ version }) => version), ...(sslv2?.answer == null ? [] : ['SSLv2'])]
    const wait = Math.min(tools.profile.limits.answer, 1500)
    const [exchange, { shown: traitsShown, ...traits }, certificates, handshake, clientRenegotiation] = await Promise.all([
      keyExchangeOf(asker.ask, modern, below),
      traitsOf(asker.ask, below, accepted, tools.profile.fragile === true),
      certificatesOf(asker, taken, sslv2?.answer?.certificate ?? null),
      taken.length === 0 ? null : handshakeOf(asker, seen, tools, wait),
      renegotiationOf(asker, below, taken.length, tools.profile.fragile === true),
    ])
    const attacks = await attacksOn(asker, taken, below, sslv2?.answer != null, { heartbeat: traits.heartbeat === true, tickets: traits.tickets ?? undefined }, wait, tools.profile.fragile === true)
    const lasting = await stillAnswers(asker, taken)
    signal.throwIfAborted()

    const unknown = [...offers.filter(({ state }) => state === 'unknown').map(({ version }) => version), ...(sslv2 !== null && sslv2.state === 'unknown' ? ['SSLv2'] : [])]
    // Silence to a version nobody speaks any more, from a server that answers others, is its way to refuse.
    const silence = accepted.length > 0 ? unknown.filter((version) => version.startsWith('SSL')) : []
    const refused = [...offers.filter(({ state }) => state === 'refused').map(({ version }) => version), ...(sslv2?.state === 'refused' ? ['SSLv2'] : []), ...silence]
    const numbers = [...new Set(taken.flatMap(({ suites }) => suites))]
    const { first, ...others } = certificates.read(handshake, tools.now())
    const { shown: exchangeShown, ...exchanged } = exchange
    const data: Shapes['tls'] = {
      accepted,
      refused: lasting ? refused : [],
      suites: [...numbers.map(suiteName), ...(sslv2?.answer?.suites ?? [])],
      weak: weakClasses.filter((name) => numbers.some((number) => factsOf(number)?.weak.includes(name))),
      forwardSecrecy: numbers.length === 0 ? null : numbers.some((number) => isForwardSecret(number)),
      starttls: seen.data.tls ? null : seen.data.name,
      certificate: first,
      offers: [...taken.map(({ version, suites, order }) => ({ version: version as string, suites: suites.map(suiteName), order })), ...(sslv2?.answer == null ? [] : [{ version: 'SSLv2', suites: sslv2.answer.suites, order: null }])],
      ...exchanged,
      ...traits,
      ...(traits.alpn === undefined && handshake?.alpn != null ? { alpn: [handshake.alpn] } : {}),
      clientRenegotiation,
      earlyData: modern === undefined ? false : handshake?.session.version !== 'TLSv1.3' || handshake.earlyData === null ? null : handshake.earlyData > 0,
      hsts: handshake?.hsts ?? null,
      flaws: attacks.flaws,
      tested: attacks.tested,
      ...others,
    }
    const at = asker.name === undefined ? seen.at : { ...seen.at, host: asker.name }
    const text = { sent: asker.log.sent.join('\n').slice(0, 8192), received: asker.log.received.join('\n').slice(0, 8192) }
    yield { kind: 'tls', at, data, evidence: text, proof: proofOf(offers, sslv2?.answer == null ? null : sslv2.exchange, [...certificates.shown, ...traitsShown, ...exchangeShown], attacks.verdicts) }
    if (!lasting) throw new Unseen('reset', 'the server stopped answering in the middle')
    // A probe that gave no verdict says neither that the flaw is there nor that it is gone.
    const undecided = attacks.verdicts.filter(({ found }) => found === null).map(({ flaw }) => flaw)
    if (undecided.length > 0) throw new Unseen('timeout', `no answer that tells of ${undecided.join(', ')}`)
    const open = unknown.filter((version) => !silence.includes(version))
    if (open.length > 0) throw new Unseen('timeout', `no answer about ${open.join(', ')}`)
    const partial = taken.filter(({ lost }) => lost !== null)
    if (partial.length > 0) throw new Unseen(partial[0]!.lost!.failed, `not all suites of ${partial.map(({ version }) => version).join(', ')} were answered`)
    if (data.certificate === null && accepted.length > 0 && numbers.some((number) => factsOf(number)?.proof !== 'anon') && data.weak.length === 0) throw new Unseen('protocol', 'the certificate could not be read')
  },
}

async function offersOf(asker: Asker): Promise<readonly Offer[]> {
  const offers = await Promise.all(versions.map((version) => enumerate(asker.ask, version)))
  const final = offers.find(({ lost }) => lost !== null && /^(budget|aborted|refused|protocol)$/.test(lost.failed))?.lost
  if (final != null && offers.every(({ state }) => state !== 'accepted')) throw new Unseen(final.failed, final.text)
  return offers
}

/** A server that has stopped answering (it may have shut us out) refused nothing. */
async function stillAnswers({ ask }: Asker, taken: readonly Offer[]): Promise<boolean> {
  const again = taken.find(({ suites }) => suites.length > 0)
  return again === undefined || (await ask({ version: again.version, suites: again.suites })).hello !== null
}

function isForwardSecret(number: number): boolean {
  const suite = factsOf(number)
  return suite !== null && suite.forwardSecret && !suite.weak.some((name) => name === 'anon' || name === 'NULL' || name === 'EXPORT')
}
