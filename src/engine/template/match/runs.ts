import type { Bytes } from '#core/template/pattern/byte-class.ts'

/** Which runs of bytes of a class a body has. */
export interface Runs {
  hasRun(of: Bytes, length: number): boolean
  /** Where those of so many bytes and more begin and end, in turn. */
  runsOf(of: Bytes, length: number): readonly number[]
}

/** What identifiers, hashes and paths are made of: runs of nearly all classes that are asked for lie in such a run. */
const wide = classOf(/[\w+/=-]/)
/** And most of these in one of these, of which there are few. */
const hexadecimal = classOf(/[0-9a-fA-F]/)
/** Others ask for other lengths: from each of these on, all are found at once. Shorter ones are hardly asked for. */
const lengths = [24, 10] as const
const shortestWide = 10

type Found = Readonly<{ length: number; runs: readonly number[]; longest: number }>

/** Looks once for each class and length, whichever pattern asks. */
export function runsOf(bytes: Uint8Array, size: number): Runs {
  const known = new Map<Bytes, Found[]>()

  function search(of: Bytes, length: number): readonly number[] {
    const runs: number[] = []
    const outer = length < shortestWide ? null : outerOf(of)
    if (of === wide && length > shortestWide) return longEnough(find(wide, shortestWide).runs, length)
    if (outer === null) addRuns(bytes, 0, size, of, length, runs)
    else {
      const among = find(outer, length).runs
      for (let at = 0; at < among.length; at += 2) addRuns(bytes, among[at]!, among[at + 1]!, of, length, runs)
    }
    return runs
  }

  function find(of: Bytes, asked: number): Found {
    const length = lengths.find((one) => asked >= one) ?? asked
    let all = known.get(of)
    if (all === undefined) known.set(of, (all = []))
    let one = all.find((other) => other.length === length)
    if (one === undefined) {
      const runs = search(of, length)
      let longest = 0
      for (let at = 0; at < runs.length; at += 2) longest = Math.max(longest, runs[at + 1]! - runs[at]!)
      all.push((one = { length, runs, longest }))
    }
    return one
  }

  return {
    hasRun: (of, length) => find(of, length).longest >= length,
    runsOf(of, length) {
      const one = find(of, length)
      return one.length === length ? one.runs : longEnough(one.runs, length)
    },
  }
}

function longEnough(runs: readonly number[], length: number): readonly number[] {
  return runs.filter((_, at) => runs[at | 1]! - runs[at & ~1]! >= length)
}

const outers = new WeakMap<Bytes, Bytes | null>([[wide, null]])

/** The class among whose runs those of a class are. */
function outerOf(of: Bytes): Bytes | null {
  let outer = outers.get(of)
  if (outer === undefined) {
    outer = [hexadecimal, wide].find((one) => one !== of && of.every((member, byte) => member === 0 || one[byte] === 1)) ?? null
    outers.set(of, outer)
  }
  return outer
}

function classOf(pattern: RegExp): Bytes {
  return Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0))
}

/** Classes that are equal as the same object, so that what is known of one is known of all. */
export function sharedClasses(): (of: Bytes) => Bytes {
  const known = new Map<string, Bytes>([[hexadecimal.join(''), hexadecimal], [wide.join(''), wide]])
  return (of) => {
    const key = of.join('')
    const same = known.get(key) ?? of
    known.set(key, same)
    return same
  }
}

/** Looks at every so many bytes only, as a run of that length has one of them; from there back and forth. */
function addRuns(bytes: Uint8Array, start: number, end: number, of: Bytes, length: number, runs: number[]): void {
  let least = start
  for (let at = start + length - 1; at < end; at += length) {
    if (of[bytes[at]!] === 0) continue
    let from = at
    while (from > least && of[bytes[from - 1]!] === 1) from--
    let to = at + 1
    // What is too short so far has to go on to here, or it is none.
    while (to < end && of[bytes[to]!] === 1) to++
    if (to - from >= length) runs.push(from, to)
    least = at = to
  }
}
