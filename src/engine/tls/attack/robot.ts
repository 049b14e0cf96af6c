import { constants, publicEncrypt, randomBytes } from 'node:crypto'
import type { Exchange } from '#core/proof.ts'
import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { size, vector, wireVersion, words } from '../hello.ts'
import type { Offer } from '../look/enumerate.ts'
import { factsOf } from '../suites.ts'
import { afterHello, answerOf, record, type Verdict } from './after-hello.ts'
import { rsaKeyOf } from './session.ts'

/**
 * Bleichenbacher's oracle (ROBOT): the key exchange is encrypted by RSA with right and with wrong padding. Who answers them differently tells them apart, which is
 * enough to decrypt recorded sessions. Nothing is decrypted here: each message is our own, and sent once (three times where the answers differ, to be sure).
 */
export async function robot(asker: Asker, below: Offer, wait: number): Promise<Verdict> {
  const flaw = 'robot'
  const suites = below.suites.filter((suite) => factsOf(suite)?.exchange === 'RSA' && !factsOf(suite)!.weak.includes('EXPORT'))
  if (suites.length === 0) return { flaw, found: false, shown: [], text: 'no key exchange by RSA encryption' }
  const first = await round(asker, below, suites, wait)
  if (first === null) return { flaw, found: null, shown: [], text: 'no handshake' }
  const text = `padding right and wrong in four ways: ${first.map(({ answer }) => answer).join('; ')}`
  if (isAlike(first)) return { flaw, found: false, shown: [], text }
  // The server must tell them apart in the same way three times, then one by one and with patience: a busy server's silence or a hang-up now and then is no oracle.
  const again = [await round(asker, below, suites, wait * 3, true), await round(asker, below, suites, wait * 3, true)]
  const found = again.some((one) => one === null) ? null : again.every((one) => isAlike(one!)) ? false : again.every((one) => first.every(({ answer }, index) => answer === one![index]!.answer)) ? true : null
  return { flaw, found, shown: first.filter(({ answer }, index) => first.findIndex((one) => one.answer === answer) === index).map(({ exchange }) => exchange), text }
}

type Tried = Readonly<{ answer: string; exchange: Exchange }>

async function round(asker: Asker, { version }: Offer, suites: readonly number[], wait: number, singly = false): Promise<readonly Tried[] | null> {
  const one = (pad: (typeof paddings)[number]): ReturnType<typeof afterHello<Tried | null>> => afterHello(asker, { version, suites }, async (connection, flight) => {
    const key = rsaKeyOf(flight.certificates[0])
    if (key === null) return null
    const wire = wireVersion[version]
    const encrypted = publicEncrypt({ key: key.key, padding: constants.RSA_NO_PADDING }, pad(key.bytes, wire))
    const body = version === 'SSLv3' ? encrypted : vector(2, encrypted)
    connection.write(Buffer.concat([
      record(22, wire, Buffer.concat([Buffer.from([16]), size(3, body.length), body])),
      record(20, wire, Uint8Array.from([1])),
      record(22, wire, randomBytes(64)),
    ]))
    return { answer: await answerOf(connection, wait), exchange: connection.exchange() }
  })
  const tried: Awaited<ReturnType<typeof one>>[] = []
  if (singly) for (const pad of paddings) tried.push(await one(pad))
  else tried.push(...await Promise.all(paddings.map(one)))
  const whole = tried.filter((each): each is Tried => each !== null && !failed(each) && !each.answer.startsWith('lost'))
  return whole.length === paddings.length ? whole : null
}

function isAlike(tried: readonly Tried[]): boolean {
  return new Set(tried.map(({ answer }) => answer.replace('reset', 'closed'))).size === 1
}

/** A block as long as the modulus: right; wrong first bytes; no zero; a zero too early; the wrong version inside. */
const paddings: readonly ((length: number, version: number) => Buffer)[] = [
  (length, version) => block(length, [0, 2], 0, version),
  (length, version) => block(length, [0x41, 0x17], 0, version),
  (length, version) => block(length, [0, 2], 0x11, version),
  (length, version) => {
    const early = block(length, [0, 2], 0x11, version)
    early[length - 10] = 0
    return early
  },
  (length) => block(length, [0, 2], 0, 0x0202),
]

function block(length: number, head: readonly [number, number], separator: number, version: number): Buffer {
  const bytes = Buffer.alloc(length, 0xa5)
  bytes.set(head)
  bytes[length - 49] = separator
  words([version]).copy(bytes, length - 48)
  return bytes
}
