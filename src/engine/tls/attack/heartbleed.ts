import type { Exchange } from '#core/proof.ts'
import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { extension, wireVersion } from '../hello.ts'
import type { Offer } from '../look/enumerate.ts'
import { afterHello, answerOf, record, type Verdict } from './after-hello.ts'

/** Bytes of payload that are claimed and not sent: the least that tells. */
const claimed = 16

/**
 * CVE-2014-0160: a heartbeat that claims 16 bytes and brings none. RFC 6520 §4 has it dropped; a broken server answers with 16 bytes of its memory, of which only
 * that they came is looked at and none is kept.
 */
export async function heartbleed(asker: Asker, below: Offer, agreed: boolean, wait: number): Promise<Verdict> {
  const flaw = 'heartbleed'
  if (!agreed) return { flaw, found: false, shown: [], text: 'the heartbeat extension is not spoken' }
  const options = { version: below.version, suites: below.suites, more: [extension(15, Uint8Array.from([1]))] }
  const result = await afterHello(asker, options, async (connection) => {
    const before = bytesOf(connection.exchange())
    connection.write(record(24, wireVersion[below.version], Uint8Array.from([1, claimed >> 8, claimed & 255])))
    const answer = await answerOf(connection, wait)
    return { answer, exchange: withoutMemory(connection.exchange(), before) }
  })
  if (result === null || failed(result)) return { flaw, found: null, shown: [], text: 'no handshake' }
  const found = result.answer.startsWith('record 24') ? true : result.answer.startsWith('lost') ? null : false
  return { flaw, found, shown: [result.exchange], text: `heartbeat of 0 bytes that claims ${claimed}: ${result.answer}` }
}

function bytesOf({ received }: Exchange): number {
  return Buffer.from(received, 'base64').length
}

/** Of the answer to the heartbeat, the head of its record alone: it says how much came. */
function withoutMemory(exchange: Exchange, before: number): Exchange {
  return { ...exchange, received: Buffer.from(exchange.received, 'base64').subarray(0, before + 5).toString('base64'), cut: true }
}
