import type { Asker } from '../asker.ts'
import type { Offer } from '../look/enumerate.ts'
import type { Verdict } from './after-hello.ts'
import { ccsInjection } from './ccs-injection.ts'
import { heartbleed } from './heartbleed.ts'
import { padding, paddingFlaws } from './padding.ts'
import { suiteName } from '../suites.ts'
import { robot } from './robot.ts'
import { ticketbleed } from './ticketbleed.ts'
import { speakableOf, wholeHandshake } from './whole.ts'

export type Attacks = Readonly<{ flaws: readonly string[]; tested: readonly string[]; verdicts: readonly Verdict[] }>

/** What TLS 1.3 has no place for is answered without asking, where nothing older is spoken. */
const below13 = ['heartbleed', 'ccs-injection', 'robot', ...paddingFlaws, 'ticketbleed']

/** `tickets`: session tickets are spoken below TLS 1.3; undefined where that could not be told. */
export type Agreed = Readonly<{ heartbeat: boolean; tickets: boolean | undefined }>

export async function attacksOn(asker: Asker, taken: readonly Offer[], below: Offer | undefined, sslv2: boolean, agreed: Agreed, wait: number, fragile: boolean): Promise<Attacks> {
  const drown = sslv2 ? ['drown'] : []
  if (below === undefined) return { flaws: drown, tested: below13, verdicts: [] }
  if (fragile) return { flaws: drown, tested: [], verdicts: [] }
  const verdicts = (await Promise.all([heartbleed(asker, below, agreed.heartbeat, wait), ccsInjection(asker, below, wait), robot(asker, below, wait), ofWholeHandshakes(asker, taken, agreed.tickets, wait)])).flat()
  return {
    flaws: [...verdicts.filter(({ found }) => found === true).map(({ flaw }) => flaw), ...drown],
    tested: verdicts.filter(({ found }) => found !== null).map(({ flaw }) => flaw),
    verdicts,
  }
}

/**
 * What only shows in a whole handshake. One that goes right comes first: without it, wrong ones say nothing. Where the server turns that away for want of a certificate or of a suite that we
 * speak, there is no verdict and none to be had: these flaws are then neither found nor tested, and findings of them stay (src/core/tls/told.ts).
 */
async function ofWholeHandshakes(asker: Asker, taken: readonly Offer[], tickets: boolean | undefined, wait: number): Promise<readonly Verdict[]> {
  const hasBlocks = taken.some(({ version, suites }) => version !== 'SSLv3' && version !== 'TLSv1.3' && suites.some((suite) => /_CBC_/.test(suiteName(suite))))
  const settled = [
    ...(hasBlocks ? [] : paddingFlaws.map((flaw): Verdict => ({ flaw, found: false, shown: [], text: 'no block cipher in TLS 1.0 to 1.2' }))),
    ...(tickets === false ? [{ flaw: 'ticketbleed', found: false, shown: [], text: 'session tickets are not spoken' }] : []),
  ]
  const open = [...paddingFlaws, 'ticketbleed'].filter((flaw) => !settled.some((one) => one.flaw === flaw))
  const speakable = speakableOf(taken)
  if (speakable === null || open.length === 0) return settled
  let right = await wholeHandshake(asker, speakable, 'none', wait)
  if (right === null || right.answer === 'silent' || right.answer === 'closed') right = await wholeHandshake(asker, speakable, 'none', wait * 3)
  if (right === null || right.answer === 'silent') return [...settled, ...open.map((flaw): Verdict => ({ flaw, found: null, shown: [], text: 'no handshake came to its end' }))]
  if (right.answer !== 'finished') return settled
  const [blocks, bleeding] = await Promise.all([
    speakable.cbc ? padding(asker, speakable, wait) : null,
    open.includes('ticketbleed') ? ticketbleed(asker, speakable, right.ticket) : null,
  ])
  return [...settled, ...(blocks ?? []), ...(bleeding === null ? [] : [bleeding])]
}
