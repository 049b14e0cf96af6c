import { inEitherCase } from '#core/template/pattern/demand-texts.ts'
import { buildFinder, longestText, mostTexts, shortestText, type Finder } from './finder.ts'

/** What one pass over a part of an answer found of the texts of many templates. */
export interface Seen {
  /** False: the text is certainly not in the part, whatever its case. Null: nobody looked; look yourself. `folds`: the part is asked in lower case, which makes ASCII of some letters that are none. */
  mayHave(part: string, text: string, folds?: boolean): boolean | null
}

/** Parts kept: many templates look at the same answer, and at few others between. */
const mostKept = 4
/** A shorter part is searched sooner than a pass over it pays; a longer one is not copied. */
const [shortest, longest] = [1024, 16 * 1024 * 1024] as const
/** Questions about one part before a pass over it is made: what few templates look at is searched for their few texts. */
const few = 48
/** Questions beyond that before the finder is made: it takes as long as answering these without. */
const worthwhile = 20_000

type Kept = { readonly part: string; asked: number; found: Uint8Array | null; isPlain: boolean }

/** `texts`, in lower case (ASCII), each once, are asked for when so much was asked that a pass pays. */
export function seenBy(texts: () => readonly string[], { few: leastAsked = few, worthwhile: worth = worthwhile } = {}): Seen {
  const kept: Kept[] = []
  let finder: Finder | null = null
  let ids = new Map<string, number>()
  let wished = 0

  function make(): Finder {
    // Of what is beyond the finder nobody says anything here.
    const list = texts().filter(({ length }) => length >= shortestText && length <= longestText).slice(0, mostTexts)
    ids = new Map(list.map((text, id) => [text, id]))
    return buildFinder(list.map(inEitherCase))
  }

  function keptOf(part: string): Kept {
    const first = kept[0]
    if (first !== undefined && first.part === part) return first
    const at = kept.findIndex((one) => one.part === part)
    const one = at < 0 ? { part, asked: 0, found: null, isPlain: false } : kept.splice(at, 1)[0]!
    kept.unshift(one)
    if (kept.length > mostKept) kept.pop()
    return one
  }

  /** One byte a text: whether it stands in the part. */
  function passOver(one: Kept, by: Finder): Uint8Array {
    const look = by.look(one.part)
    const found = new Uint8Array(ids.size)
    for (const id of look.found) found[id] = 1
    one.isPlain = look.isPlain
    return (one.found = found)
  }

  return {
    mayHave(part, text, folds = false) {
      if (part.length < shortest || part.length > longest) return null
      const one = keptOf(part)
      if (++one.asked <= leastAsked || (finder === null && ++wished <= worth)) return null
      finder ??= make()
      const id = ids.get(lowerAscii(text))
      if (id === undefined) return null
      const found = one.found ?? passOver(one, finder)
      return folds && !one.isPlain ? null : found[id] === 1
    },
  }
}

/** Lower case of ASCII alone: bytes beyond it are parts of letters. */
export function lowerAscii(bytes: string): string {
  return /[A-Z]/.test(bytes) ? bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : bytes
}
