import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { wireVersion } from '../hello.ts'
import type { Offer } from '../look/enumerate.ts'
import { afterHello, answerOf, record, type Verdict } from './after-hello.ts'

const badRecordMac = 20
const decryptionFailed = 21

/**
 * CVE-2014-0224: ChangeCipherSpec before there are keys. A right server says unexpected_message or hangs up; a broken one takes it in silence and fails to decrypt
 * the next record with the empty key.
 */
export async function ccsInjection(asker: Asker, below: Offer, wait: number): Promise<Verdict> {
  const flaw = 'ccs-injection'
  const change = record(20, wireVersion[below.version], Uint8Array.from([1]))
  const result = await afterHello(asker, { version: below.version, suites: below.suites }, async (connection, flight) => {
    connection.write(Buffer.concat([change, change]))
    return { answer: await answerOf(connection, wait), flight }
  })
  if (result === null || failed(result)) return { flaw, found: null, shown: [], text: 'no handshake' }
  const found = result.answer === `alert ${badRecordMac}` || result.answer === `alert ${decryptionFailed}` ? true : result.answer === 'silent' || result.answer.startsWith('lost') ? null : false
  return { flaw, found, shown: [result.flight], text: `ChangeCipherSpec before there are keys: ${result.answer}` }
}
