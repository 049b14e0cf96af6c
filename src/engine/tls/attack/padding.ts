import type { Asker } from '../asker.ts'
import type { Verdict } from './after-hello.ts'
import type { Fault } from './cipher.ts'
import { wholeHandshake, type Speakable, type Whole } from './whole.ts'

export const paddingFlaws = ['poodle-tls', 'padding-oracle'] as const

const faults = ['first', 'last', 'mac', 'bare'] as const satisfies readonly Fault[]
const told: Readonly<Record<(typeof faults)[number], string>> = { first: 'first byte of padding wrong', last: 'last byte of padding wrong', mac: 'MAC wrong', bare: 'padding alone' }

/**
 * What the server makes of a Finished in CBC whose padding or MAC is wrong. One that takes wrong padding has POODLE over TLS (CVE-2014-8730); one that answers the ways to be
 * wrong differently, three times alike, gives an oracle (Zombie POODLE and GOLDENDOODLE, CVE-2019-6593 and others; CVE-2016-2107). Each handshake is our own: nothing is decrypted.
 * Call only once a right handshake came to its end.
 */
export async function padding(asker: Asker, speakable: Speakable, wait: number): Promise<readonly Verdict[]> {
  const first = await round(asker, speakable, wait, false)
  if (first === null) return paddingFlaws.map((flaw) => ({ flaw, found: null, shown: [], text: 'no handshake' }))
  const text = first.map(({ answer }, index) => `${told[faults[index]!]}: ${answer}`).join('; ')
  const taken = first.filter(({ answer }, index) => answer === 'finished' && faults[index] !== 'mac' && faults[index] !== 'bare')
  const poodle: Verdict = { flaw: 'poodle-tls', found: taken.length > 0, shown: shownOf(taken), text }
  if (taken.length > 0) return [poodle]
  if (isAlike(first)) return [poodle, { flaw: 'padding-oracle', found: false, shown: [], text }]
  // Twice more, one by one and with patience: a busy server's silence or hang-up now and then is no oracle.
  const again = [await round(asker, speakable, wait * 3, true), await round(asker, speakable, wait * 3, true)]
  const found = again.some((one) => one === null) ? null : again.every((one) => isAlike(one!)) ? false : again.every((one) => first.every(({ answer }, index) => answer === one![index]!.answer)) ? true : null
  return [poodle, { flaw: 'padding-oracle', found, shown: found === true ? shownOf(differing(first)) : [], text }]
}

async function round(asker: Asker, speakable: Speakable, wait: number, singly: boolean): Promise<readonly Whole[] | null> {
  const tried: (Whole | null)[] = []
  if (singly) for (const fault of faults) tried.push(await wholeHandshake(asker, speakable, fault, wait))
  else tried.push(...await Promise.all(faults.map((fault) => wholeHandshake(asker, speakable, fault, wait))))
  const whole = tried.filter((one) => one !== null && one.answer !== 'unspeakable')
  return whole.length === faults.length ? whole as readonly Whole[] : null
}

function isAlike(tried: readonly Whole[]): boolean {
  return new Set(tried.map(({ answer }) => answer)).size === 1
}

/** One of each answer: with them both sides of the oracle are shown. */
function differing(tried: readonly Whole[]): readonly Whole[] {
  return tried.filter(({ answer }, index) => tried.findIndex((one) => one.answer === answer) === index)
}

function shownOf(tried: readonly Whole[]): Verdict['shown'] {
  return tried.flatMap(({ exchange }) => (exchange === null ? [] : [exchange]))
}
