export type Side = 'sent' | 'received'
export type Turn = Readonly<{ side: Side; bytes: Uint8Array }>

/** Bytes shown of one turn: more is in the file. */
const mostShown = 16_384

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** A recorded conversation in the order in which it was held: `turns` are lengths, first of what was sent, then of what was received, and so on. */
export function turnsOf({ sent, received, turns }: Readonly<{ sent: string; received: string; turns?: readonly number[] }>): readonly Turn[] {
  const sides = { sent: bytesOf(sent), received: bytesOf(received) }
  const from = { sent: 0, received: 0 }
  return (turns ?? [sides.sent.length, sides.received.length]).map((length, place): Turn => {
    const side: Side = place % 2 === 0 ? 'sent' : 'received'
    const start = from[side]
    from[side] += length
    return { side, bytes: sides[side].subarray(start, Math.min(start + length, start + mostShown)) }
  }).filter((turn) => turn.bytes.length > 0)
}

/** As hexdump -C has it: offset, sixteen bytes, and what of them is printable. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'))
    const text = Array.from(row, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}  ${text}`)
  }
  return lines.join('\n')
}
