import { lowerAscii, type Automaton } from './automaton.ts'

/** What one pass over a part of an answer found of the texts of many templates. */
export interface Seen {
  /** False: the text is certainly not in the part, whatever its case. Null: nobody looked; look yourself. */
  mayHave(part: string, text: string): boolean | null
}

/** Parts kept: many templates look at the same answer, and at few others between. */
const mostKept = 4
/** A shorter part is searched sooner than a pass over it pays. */
const shortest = 1024
/** Questions about one part before a pass over it is made: what few templates look at is searched for their few texts. */
const few = 48
/** Questions beyond that before the automaton is made: it takes as long as answering these without. */
const worthwhile = 20_000

type Kept = { readonly part: string; asked: number; found: Uint8Array | null }

/** `make` is called once, when so much was asked that it pays. */
export function seenBy(make: () => Automaton, { few: leastAsked = few, worthwhile: worth = worthwhile } = {}): Seen {
  const kept: Kept[] = []
  let automaton: Automaton | null = null
  let wished = 0

  function passOver(part: string): Kept {
    const first = kept[0]
    if (first !== undefined && first.part === part) return first
    const at = kept.findIndex((one) => one.part === part)
    const one = at < 0 ? { part, asked: 0, found: null } : kept.splice(at, 1)[0]!
    kept.unshift(one)
    if (kept.length > mostKept) kept.pop()
    return one
  }

  return {
    mayHave(part, text) {
      if (part.length < shortest) return null
      const pass = passOver(part)
      if (++pass.asked <= leastAsked) return null
      if (automaton === null) {
        if (++wished <= worth) return null
        automaton = make()
      }
      const id = automaton.idOf(lowerAscii(text))
      if (id === undefined) return null
      pass.found ??= automaton.scan(part)
      return pass.found[id] === 1
    },
  }
}
