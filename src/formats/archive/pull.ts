/** Reads a stream in the portions its reader asks for. */
export type Pull = Readonly<{
  /** Bytes handed out or skipped so far. */
  position(): number
  /** Exactly `length` bytes, or fewer at the end of the stream. Not copied where they lie in one piece. */
  read(length: number): Promise<Uint8Array>
  /** As `read`, but they stay. */
  peek(length: number): Promise<Uint8Array>
  /** What lies ready, at most `most` bytes; null at the end. */
  some(most: number): Promise<Uint8Array | null>
  /** Passes over `length` bytes; false if the stream ended before. */
  skip(length: number): Promise<boolean>
  close(): Promise<void>
}>

export function pullOf(stream: AsyncIterable<Uint8Array>): Pull {
  const source = stream[Symbol.asyncIterator]()
  let buffer: Uint8Array = new Uint8Array(0)
  let offset = 0
  let position = 0
  let ended = false

  const next = async (): Promise<Uint8Array | null> => {
    while (!ended) {
      const { value, done } = await source.next()
      if (done === true) ended = true
      else if (value.length > 0) return value
    }
    return null
  }

  const have = async (length: number): Promise<number> => {
    if (buffer.length - offset >= length) return length
    const pieces = [buffer.subarray(offset)]
    let held = pieces[0]!.length
    while (held < length) {
      const piece = await next()
      if (piece === null) break
      pieces.push(piece)
      held += piece.length
    }
    buffer = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, held)
    offset = 0
    return Math.min(length, held)
  }

  return {
    position: () => position,
    async read(length) {
      const held = await have(length)
      const part = buffer.subarray(offset, offset + held)
      offset += held
      position += held
      return part
    },
    async peek(length) {
      const held = await have(length)
      return buffer.subarray(offset, offset + held)
    },
    async some(most) {
      if (offset === buffer.length) {
        const piece = await next()
        if (piece === null) return null
        buffer = piece
        offset = 0
      }
      const part = buffer.subarray(offset, offset + Math.min(most, buffer.length - offset))
      offset += part.length
      position += part.length
      return part
    },
    async skip(length) {
      let left = length
      while (left > 0) {
        const part = await this.some(left)
        if (part === null) return false
        left -= part.length
      }
      return true
    },
    async close() {
      ended = true
      await source.return?.(undefined)
    },
  }
}
