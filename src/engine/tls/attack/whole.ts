import type { Exchange } from '#core/proof.ts'
import { failed, type Connection } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { extension, type TlsVersion } from '../hello.ts'
import type { Offer } from '../look/enumerate.ts'
import { handshakeOf, messagesOf } from '../record.ts'
import { afterHello } from './after-hello.ts'
import { cipherOf, type Fault } from './cipher.ts'
import { beginSession } from './session.ts'

/** A version and the suites of it that we can speak to the end; `cbc`: all of them are block ciphers. */
export type Speakable = Readonly<{ version: TlsVersion; suites: readonly number[]; cbc: boolean }>

/** The newest version with block ciphers that we speak, else with any suite that we do. Null: none. */
export function speakableOf(taken: readonly Offer[]): Speakable | null {
  const older = taken.filter(({ version }) => version !== 'TLSv1.3' && version !== 'SSLv3')
  for (const cbc of [true, false]) {
    for (const { version, suites } of older) {
      const some = suites.filter((suite) => cipherOf(suite)?.mode === (cbc ? 'cbc' : 'aead'))
      // What costs both sides least.
      const cheap = (['ECDHE', 'RSA', 'DHE'] as const).map((exchange) => some.filter((suite) => cipherOf(suite)!.exchange === exchange)).find((group) => group.length > 0)
      if (cheap !== undefined) return { version, suites: cheap, cbc }
    }
  }
  return null
}

export type Whole = Readonly<{
  /** `finished`: the server took our Finished. Else the alert, `closed`, `silent`, … `unspeakable`: it agreed on what we cannot speak. */
  answer: string
  /** Session ticket, where one was asked for and given. */
  ticket: Uint8Array | null
  asksCertificate: boolean
  exchange: Exchange | null
}>

/** One whole handshake with a fault in its last record. Null: it did not come to the end of the server's flight, which says nothing. */
export async function wholeHandshake(asker: Asker, { version, suites }: Speakable, fault: Fault, wait: number): Promise<Whole | null> {
  const result = await afterHello(asker, { version, suites, more: [extension(35)] }, async (connection, flight, hello, heard): Promise<Whole> => {
    const begun = beginSession(version, hello, heard, flight)
    if (begun === null) return { answer: 'unspeakable', ticket: null, asksCertificate: false, exchange: null }
    connection.write(begun.finish(fault))
    const { answer, bytes } = await endOf(connection, wait)
    const ticket = messagesOf(handshakeOf(bytes)).find(({ type }) => type === 4)?.body
    return { answer, ticket: ticket === undefined || ticket.length < 7 ? null : Uint8Array.from(ticket.subarray(6, 6 + ticket.readUInt16BE(4))), asksCertificate: begun.asksCertificate, exchange: connection.exchange() }
  })
  return result === null || failed(result) || result.answer.startsWith('lost') ? null : result
}

/** The server's answer to Finished: its ChangeCipherSpec says that it took it. */
async function endOf(connection: Connection, timeout: number): Promise<Readonly<{ answer: string; bytes: Uint8Array }>> {
  const answer = await connection.read({ until: (bytes) => (turnOf(bytes) === null ? null : bytes.length), timeout, most: 65_536 })
  if (failed(answer)) return { answer: answer.failed === 'timeout' ? 'silent' : answer.failed === 'reset' ? 'closed' : `lost ${answer.failed}`, bytes: new Uint8Array() }
  return { answer: turnOf(answer.bytes) ?? 'closed', bytes: answer.bytes }
}

/** What the records have come to: `finished`, `alert N`; null while nothing is decided. */
function turnOf(bytes: Uint8Array): string | null {
  for (let at = 0; at + 5 < bytes.length; at += 5 + bytes[at + 3]! * 256 + bytes[at + 4]!) {
    if (bytes[at] === 20) return 'finished'
    if (bytes[at] === 21) return at + 7 > bytes.length ? null : `alert ${bytes[at + 6]}`
    if (bytes[at] !== 22) return `record ${bytes[at]}`
  }
  return null
}
