import { fail } from '#core/errors.ts'

/** One element of the list, still as text (`null` for what is no object); or, last, all of the file but the lists. */
export type Piece = Readonly<{ list: string; text: string } | { rest: string }>

const largestElement = 16 * 1024 * 1024
const largestRest = 4 * 1024 * 1024
const deepest = 5000
const quote = 34
const backslash = 92
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Cuts a JSON object whose lists are too long to be read whole into the elements of these lists, at the first level and of objects. Memory is that of one element
 * and of the rest. What is between is checked by whoever parses it. Throws `feed.truncated`, `feed.format`.
 */
export async function* jsonElements(feed: string, what: string, stream: AsyncIterable<Uint8Array>, lists: ReadonlySet<string>): AsyncGenerator<Piece> {
  const refuse = (problem: string): never => fail('feed.format', { path: feed, what, problem })
  let depth = 0
  let inText = false
  let isEscaped = false
  /** The list that is being cut, and whether an element of it is open. */
  let list: string | null = null
  let isOpen = false
  /** In the list stands something that is no object. */
  let isStray = false
  let kept: Uint8Array[] = []
  let size = 0
  const rest: Uint8Array[] = []
  let restSize = 0
  let done = 0

  for await (const piece of stream) {
    let start = 0
    const keep = (end: number): void => {
      if (end <= start) return
      const part = piece.subarray(start, end)
      start = end
      if (isOpen) {
        kept.push(part)
        size += part.length
        if (size > largestElement) refuse(`an element of ${list ?? 'it'} is longer than ${largestElement} bytes`)
      } else if (list === null) {
        rest.push(part)
        restSize += part.length
        if (restSize > largestRest) refuse(`it holds more than ${largestRest} bytes that are no record`)
      }
    }
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!
      if (inText) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote) inText = false
        continue
      }
      if (list !== null && !isOpen && depth === 2 && byte > 32) {
        if ((byte === 44 || byte === 93) && isStray) {
          yield { list, text: 'null' }
          done++
        }
        isStray = byte !== 44 && byte !== 93 && byte !== 123
      }
      if (byte === quote) inText = true
      else if (byte === 123 || byte === 91) {
        if (list !== null && !isOpen && depth === 2 && byte === 123) {
          start = at
          isOpen = true
        }
        depth++
        if (depth > deepest) refuse('it is nested too deeply')
        if (byte === 91 && depth === 2 && list === null) {
          keep(at + 1)
          const name = keyBefore(rest)
          if (name !== null && lists.has(name)) list = name
        }
      } else if (byte === 125 || byte === 93) {
        depth--
        if (depth < 0) refuse('it closes what was not open')
        if (list !== null && isOpen && depth === 2) {
          keep(at + 1)
          yield { list, text: textOf(kept, refuse) }
          kept = []
          size = 0
          isOpen = false
          done++
        } else if (list !== null && !isOpen && depth === 1) {
          list = null
          start = at
        }
      }
    }
    keep(piece.length)
  }
  if (depth !== 0 || inText) fail('feed.truncated', { path: feed, place: `${done} records` })
  yield { rest: textOf(rest, refuse) }
}

/** The name that stands before the bracket that the text ends with. */
function keyBefore(rest: readonly Uint8Array[]): string | null {
  let first = rest.length
  for (let size = 0; first > 0 && size < 200; size += rest[first]!.length) first--
  const last = Buffer.concat(rest.slice(first)).subarray(-200).toString('latin1')
  return /"([\w-]{1,60})"\s*:\s*\[$/.exec(last)?.[1] ?? null
}

function textOf(parts: readonly Uint8Array[], refuse: (problem: string) => never): string {
  try {
    return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))
  } catch {
    return refuse('it is no UTF-8')
  }
}
