/** An automaton of Aho and Corasick as flat arrays: states are places of rows, and one below zero is the complement of a state at which texts end. */
export type Table = Readonly<{
  classOf: Uint8Array
  table: Int32Array
  stride: number
  /** From the last byte of its part back to the first byte of the text. */
  starts: Uint16Array
  /** Where the texts that end at a row begin in `outputs`; one more than there are rows. */
  ends: Uint32Array
  outputs: Uint32Array
}>

/** Of a text only this many bytes, its rarest ones, are told to the automaton: so it stays small, and what it finds is compared whole. */
const part = 8

export function buildTable(texts: readonly Uint8Array[], shortest: number): Table {
  const parts = texts.map((text) => (text.length < shortest ? null : rarest(text)))
  const classOf = classesOf(texts, parts)
  const stride = Math.max(...classOf) + 1
  const rows = 1 + parts.reduce((sum, one) => sum + (one === null ? 0 : one.size), 0)
  const next = new Int32Array(rows * stride)
  const endsAt: number[][] = [[]]
  for (const [id, one] of parts.entries()) {
    if (one === null) continue
    let row = 0
    for (let at = one.from; at < one.from + one.size; at++) {
      const place = row * stride + classOf[texts[id]![at]!]!
      if (next[place] === 0) {
        next[place] = endsAt.length
        endsAt.push([])
      }
      row = next[place]!
    }
    endsAt[row]!.push(id)
  }
  complete(next, endsAt, stride)
  const table = new Int32Array(endsAt.length * stride)
  for (let place = 0; place < table.length; place++) table[place] = endsAt[next[place]!]!.length === 0 ? next[place]! * stride : ~(next[place]! * stride)
  const ends = new Uint32Array(endsAt.length + 1)
  for (const [row, ids] of endsAt.entries()) ends[row + 1] = ends[row]! + ids.length
  return { classOf, table, stride, starts: Uint16Array.from(parts, (one) => (one === null ? 0 : one.from + one.size - 1)), ends, outputs: Uint32Array.from(endsAt.flat()) }
}

/** Fills in where to go on when a text breaks off, in the order of depth. */
function complete(next: Int32Array, endsAt: number[][], stride: number): void {
  const failure = new Int32Array(endsAt.length)
  const queue: number[] = []
  for (let letter = 0; letter < stride; letter++) if (next[letter] !== 0) queue.push(next[letter]!)
  for (let at = 0; at < queue.length; at++) {
    const row = queue[at]!
    const back = failure[row]!
    if (endsAt[back]!.length > 0) endsAt[row] = [...endsAt[row]!, ...endsAt[back]!]
    for (let letter = 0; letter < stride; letter++) {
      const place = row * stride + letter
      const onward = next[back * stride + letter]!
      if (next[place] === 0) next[place] = onward
      else {
        failure[next[place]!] = onward
        queue.push(next[place]!)
      }
    }
  }
}

/** Bytes that stand in no part are one class; a letter is one in both cases. */
function classesOf(texts: readonly Uint8Array[], parts: readonly (Part | null)[]): Uint8Array {
  const classOf = new Uint8Array(256)
  let classes = 1
  for (const [id, one] of parts.entries()) {
    if (one === null) continue
    for (let at = one.from; at < one.from + one.size; at++) if (classOf[texts[id]![at]!] === 0) classOf[texts[id]![at]!] = classes++
  }
  for (let byte = 0x41; byte <= 0x5a; byte++) classOf[byte] = classOf[byte | 0x20]!
  return classOf
}

type Part = Readonly<{ from: number; size: number }>

/** How common bytes are in pages, roughly; the higher the commoner. */
const common = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte)
  if (' etaoinsr'.includes(letter)) return 9
  if ('"=/<>-.\ncdlmpuh'.includes(letter)) return 6
  return /[a-z:;_0-9]/.test(letter) ? 4 : 2
})

function rarest(text: Uint8Array): Part {
  const size = Math.min(part, text.length)
  let best = 0
  let least = Infinity
  for (let from = 0; from + size <= text.length; from++) {
    let sum = 0
    for (let at = from; at < from + size; at++) sum += common[text[at]!]!
    if (sum < least) {
      least = sum
      best = from
    }
  }
  return { from: best, size }
}
