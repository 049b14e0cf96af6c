import { buildTable } from './automaton-table.ts'

/** Finds which of many texts stand in a body, in one pass, whatever their case (ASCII). */
export type Automaton = Readonly<{
  texts: readonly string[]
  idOf(text: string): number | undefined
  /** One byte a text: whether it stands in the body. Valid until the caller is done with it; each pass has its own. */
  scan(body: string): Uint8Array
}>

/** Shorter texts stand nearly everywhere: a pass takes them to be there. */
const shortest = 3
/** A body beyond this is not passed over: all texts may be in it. */
const mostBody = 16 * 1024 * 1024

/** Texts in lower case (`lowerAscii`), each once. Building takes about a second for 10,000 of them, so that one is made for a library and kept. */
export function buildAutomaton(texts: readonly string[]): Automaton {
  const ids = new Map(texts.map((text, id) => [text, id]))
  const bytes = texts.map((text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)))
  const { classOf, table, stride, starts, ends, outputs } = buildTable(bytes, shortest)
  const always = [...bytes.keys()].filter((id) => bytes[id]!.length < shortest)
  let buffer = Buffer.allocUnsafe(65_536)

  function scan(body: string): Uint8Array {
    const found = new Uint8Array(texts.length)
    if (body.length > mostBody) return found.fill(1)
    for (const id of always) found[id] = 1
    if (buffer.length < body.length) buffer = Buffer.allocUnsafe(Math.min(mostBody, body.length * 2))
    const size = buffer.write(body, 0, 'latin1')
    // Rows at which nothing is left to be found.
    const isDone = new Uint8Array(ends.length)
    let state = 0
    for (let at = 0; at < size; at++) {
      state = table[state + classOf[buffer[at]!]!]!
      if (state >= 0) continue
      state = ~state
      const row = state / stride
      if (isDone[row] === 1) continue
      let open = 0
      for (let index = ends[row]!; index < ends[row + 1]!; index++) {
        const id = outputs[index]!
        if (found[id] === 1) continue
        if (stands(buffer, size, bytes[id]!, at - starts[id]!)) found[id] = 1
        else open += 1
      }
      if (open === 0) isDone[row] = 1
    }
    return found
  }

  return { texts, idOf: (text) => ids.get(text), scan }
}

/** Whether a text stands where the last byte of its part that the automaton knows was seen. */
function stands(body: Buffer, size: number, text: Uint8Array, from: number): boolean {
  if (from < 0 || from + text.length > size) return false
  for (let at = 0; at < text.length; at++) {
    const byte = body[from + at]!
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== text[at]) return false
  }
  return true
}

/** Lower case of ASCII alone: bytes beyond it are parts of letters. */
export function lowerAscii(bytes: string): string {
  return /[A-Z]/.test(bytes) ? bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : bytes
}
