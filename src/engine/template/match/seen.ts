import { lowerAscii, type Automaton } from './automaton.ts'

/** What one pass over a part of an answer found of the texts of all templates. */
export interface Seen {
  /** False: the text is certainly not in the part, whatever its case. Null: the pass does not know the text. */
  mayHave(part: string, text: string): boolean | null
}

const mostKept = 4

/** Passes over parts of answers as they are asked for, each once; the last few are kept, since many templates look at the same answer. */
export function seenBy(automaton: Automaton): Seen {
  const kept: { part: string; found: Uint8Array }[] = []
  return {
    mayHave(part, text) {
      const id = automaton.idOf(lowerAscii(text))
      if (id === undefined) return null
      let pass = kept.find((one) => one.part === part)
      if (pass === undefined) {
        pass = { part, found: automaton.scan(part) }
        kept.unshift(pass)
        if (kept.length > mostKept) kept.pop()
      }
      return pass.found[id] === 1
    },
  }
}
