import type { Evidence } from '#core/observation.ts'

/** Characters shown of each side. */
const most = 8192
/** Bytes kept of each side, for a proof. */
const mostKept = 65_536

/** Bytes as Latin-1 text, one character a byte: for parsing text protocols without loss. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Bytes as evidence shows them: printable ASCII and line ends as themselves, all else `\xNN`, cut with `…` at `limit` characters. */
export function printable(bytes: Uint8Array, limit = most): string {
  const text = textOf(bytes.length > limit ? bytes.subarray(0, limit + 1) : bytes).replace(/[^\x20-\x7e\r\n]/g, escape)
  if (text.length <= limit) return text
  // An escape is not cut in the middle.
  return `${text.slice(0, limit - 1).replace(/\\(x[0-9a-f]?)?$/, '')}…`
}

function escape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

export function evidenceOf(sent: Uint8Array, received: Uint8Array, note?: string): Evidence {
  return { sent: printable(sent), received: printable(received), ...(note === undefined ? {} : { note }) }
}

/** The beginning of one side of a conversation; what is beyond the limit is not kept. */
export class Transcript {
  #parts: Uint8Array[] = []
  #length = 0

  add(bytes: Uint8Array): void {
    const room = mostKept + 1 - this.#length
    if (room <= 0 || bytes.length === 0) return
    // A copy: a slice would hold the whole socket buffer alive.
    const part = Uint8Array.from(bytes.length > room ? bytes.subarray(0, room) : bytes)
    this.#parts.push(part)
    this.#length += part.length
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts).subarray(0, mostKept)
  }

  /** More went by than is kept. */
  get isCut(): boolean {
    return this.#length > mostKept
  }

  toString(): string {
    return printable(this.bytes)
  }
}
