import { randomBytes } from 'node:crypto'
import type { Exchange } from '#core/proof.ts'
import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { extension } from '../hello.ts'
import type { Verdict } from './after-hello.ts'
import type { Speakable } from './whole.ts'

/** Bytes of a session id of which a broken server answers 32: one byte of its memory is the least that tells. */
const idBytes = 31

/**
 * CVE-2016-9244 (F5 BIG-IP): a session is resumed by its ticket under a session id of 31 bytes. A right server answers the same 31, or an id of its own; a broken one answers 32,
 * of which the last is memory. That byte is neither looked at nor kept. `ticket`: of a handshake just made; null where the server gives none.
 */
export async function ticketbleed(asker: Asker, { version, suites }: Speakable, ticket: Uint8Array | null): Promise<Verdict> {
  const flaw = 'ticketbleed'
  if (ticket === null || ticket.length === 0) return { flaw, found: false, shown: [], text: 'no session ticket is given' }
  const sessionId = randomBytes(idBytes)
  const opened = await asker.converse({ version, suites, sessionId, more: [extension(35, ticket)] }, ({ hello }) => hello !== null)
  if (failed(opened)) return { flaw, found: null, shown: [], text: 'no handshake' }
  try {
    const { flight: { hello, lost, alert } } = opened
    if (hello === null) return { flaw, found: lost === null ? false : null, shown: [], text: `a session id of ${idBytes} bytes: ${alert === null ? 'no answer' : `alert ${alert}`}` }
    const found = hello.session.length > idBytes && sessionId.equals(hello.session.subarray(0, idBytes))
    return { flaw, found, shown: found ? [withoutMemory(opened.connection.exchange(), sessionId)] : [], text: `a session id of ${idBytes} bytes is answered by ${found ? 'the same and more: ' : ''}${hello.session.length}` }
  } finally {
    opened.connection.close()
  }
}

/** What came up to the id that we sent ourselves; nothing of what came after it. */
function withoutMemory(exchange: Exchange, sessionId: Buffer): Exchange {
  const received = Buffer.from(exchange.received, 'base64')
  const at = received.indexOf(sessionId)
  return { ...exchange, received: received.subarray(0, Math.max(0, at) + idBytes).toString('base64'), cut: true }
}
