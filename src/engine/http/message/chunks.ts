import { headEnd } from './head.ts'

/**
 * Follows a chunked body as it arrives. Called with all bytes so far, it goes on where it stopped: -1 while there is more to come, else where the body
 * ends. Where the framing is broken or more than `most` comes, it ends there too (`cut`), and what came counts.
 */
export type ChunkReader = Readonly<{ feed(bytes: Uint8Array, end: number): number; body(bytes: Uint8Array): Buffer; cut(): boolean }>

/** Characters of a line with the size of a chunk; bytes of trailers. */
const sizeLineMost = 4096
const trailersMost = 8192

export function chunkReader(most: number, start: number): ChunkReader {
  /** Start and end by turns. */
  const pieces: number[] = []
  let at = start
  let taken = 0
  let broken = false
  /** Bytes of the chunk that were not there yet at the last look. */
  let missing = 0
  /** Where that chunk begins and should end; what has come of it counts where nothing more comes. */
  let open: readonly [from: number, after: number] | null = null

  function stop(end: number): number {
    broken = true
    return end
  }

  function feed(bytes: Uint8Array, end: number): number {
    if (missing > 0 && end < at + missing) return -1
    missing = 0
    open = null
    for (;;) {
      const line = indexOfLine(bytes, at, end)
      if (line < 0) return end - at > sizeLineMost ? stop(at + sizeLineMost) : -1
      const length = sizeOf(bytes, at, line)
      if (length < 0) return stop(line + 1)
      const from = line + 1
      if (length === 0) return last(bytes, from, end)
      if (taken + length > most) {
        const room = from + most - taken
        open = [from, room]
        if (end < room) return -1
        open = null
        pieces.push(from, room)
        return stop(room)
      }
      const after = from + length
      if (end <= after || (bytes[after] === 13 && end < after + 2)) {
        missing = after + 1 - at
        open = [from, after]
        return -1
      }
      pieces.push(from, after)
      taken += length
      at = after + (bytes[after] === 13 ? 2 : 1)
    }
  }

  /** After the last chunk: trailers and an empty line. */
  function last(bytes: Uint8Array, from: number, end: number): number {
    if (bytes[from] === 10 && from < end) return from + 1
    if (bytes[from] === 13 && from + 1 < end && bytes[from + 1] === 10) return from + 2
    const done = headEnd(bytes, from, end)
    return done < 0 && end - from > trailersMost ? stop(from + trailersMost) : done
  }

  return {
    feed,
    body(bytes) {
      const parts: Uint8Array[] = []
      for (let index = 0; index < pieces.length; index += 2) parts.push(bytes.subarray(pieces[index], pieces[index + 1]))
      if (open !== null && open[0] < bytes.length) parts.push(bytes.subarray(...open))
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    },
    cut: () => broken,
  }
}

function indexOfLine(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === 10) return at
  return -1
}

/** -1: not a size, or one beyond all measure. */
function sizeOf(bytes: Uint8Array, from: number, line: number): number {
  let size = 0
  let digits = 0
  let at = from
  while (at < line && (bytes[at] === 32 || bytes[at] === 9)) at += 1
  for (; at < line; at++) {
    const value = digit(bytes[at]!)
    if (value < 0) break
    digits += 1
    if (digits > 8) return -1
    size = size * 16 + value
  }
  while (at < line && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13)) at += 1
  return digits > 0 && (at >= line || bytes[at] === 59) ? size : -1
}

function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
