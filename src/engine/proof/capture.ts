import { mostReceived, mostSent, type Exchange } from '#core/proof.ts'
import type { Endpoint } from '../net.ts'

/** Turns of one conversation that are told apart; what follows counts as the last one. */
const mostTurns = 200

/** Keeps what one conversation said, in bytes and in turns, as far as a proof may hold it. */
export function openCapture(to: Endpoint, over: 'tcp' | 'tls' | 'udp', serverName: string | undefined, at: number, clock: () => number = () => performance.now()) {
  const began = clock()
  const sides = { sent: { parts: [] as Uint8Array[], length: 0, most: mostSent }, received: { parts: [] as Uint8Array[], length: 0, most: mostReceived } }
  const turns: number[] = []
  let last = began
  let cut = false
  let ended = false
  let secured = over

  function add(side: 'sent' | 'received', bytes: Uint8Array): void {
    if (bytes.length === 0) return
    last = clock()
    const to = sides[side]
    const kept = Math.min(bytes.length, to.most - to.length)
    if (kept < bytes.length) cut = true
    if (kept <= 0) return
    to.parts.push(Uint8Array.from(bytes.subarray(0, kept)))
    to.length += kept
    // An even place is what was sent.
    const isOwnTurn = (turns.length % 2 === 1) === (side === 'sent')
    if (turns.length === 0 && side === 'received') turns.push(0, kept)
    else if (turns.length > 0 && (isOwnTurn || turns.length >= mostTurns)) turns[turns.length - 1]! += kept
    else turns.push(kept)
  }

  return {
    sent: (bytes: Uint8Array | string) => add('sent', typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    received: (bytes: Uint8Array) => add('received', bytes),
    secure: () => void (secured = 'tls'),
    end: () => void (ended = true),
    isEmpty: () => sides.sent.length + sides.received.length === 0,
    exchange: (note?: string): Exchange => ({
      over: secured, to: `${to.address.includes(':') ? `[${to.address}]` : to.address}:${to.port}`, ...(serverName === undefined ? {} : { serverName }),
      sent: Buffer.concat(sides.sent.parts).toString('base64'), received: Buffer.concat(sides.received.parts).toString('base64'), cut, at, took: Math.round(last - began),
      ...(turns.length > 2 || turns[0] === 0 ? { turns: [...turns] } : {}), ...(ended ? { ended } : {}), ...(note === undefined ? {} : { note }),
    }),
  }
}

export type Capture = ReturnType<typeof openCapture>
