import type { Bytes } from '#core/template/pattern/byte-class.ts'

/** Which runs of bytes of a class a body has. */
export interface Runs {
  hasRun(of: Bytes, length: number): boolean
}

/** Answers once for each class and length, whichever pattern asks. */
export function runsOf(bytes: Uint8Array, size: number): Runs {
  const known = new Map<Bytes, { has: number; lacks: number }>()
  return {
    hasRun(of, length) {
      let one = known.get(of)
      if (one === undefined) known.set(of, (one = { has: 0, lacks: Infinity }))
      if (length <= one.has) return true
      if (length >= one.lacks) return false
      if (hasRunOf(bytes, size, of, length)) one.has = length
      else one.lacks = length
      return length <= one.has
    },
  }
}

/** Classes that are equal as the same object, so that what is known of one is known of all. */
export function sharedClasses(): (of: Bytes) => Bytes {
  const known = new Map<string, Bytes>()
  return (of) => {
    const key = of.join('')
    const same = known.get(key) ?? of
    known.set(key, same)
    return same
  }
}

/** Looks at every so many bytes only, as a run of that length has one of them; from there back and forth. */
function hasRunOf(bytes: Uint8Array, size: number, of: Bytes, length: number): boolean {
  for (let at = length - 1; at < size; at += length) {
    if (of[bytes[at]!] === 0) continue
    let from = at
    const least = at - length
    while (from - 1 > least && from > 0 && of[bytes[from - 1]!] === 1) from--
    let to = at + 1
    while (to - from < length && to < size && of[bytes[to]!] === 1) to++
    if (to - from >= length) return true
  }
  return false
}
