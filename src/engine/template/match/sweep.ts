import { lowered } from '#core/template/bytes.ts'
import { searchPattern } from '#core/template/pattern/translate.ts'
import type { Pattern } from '#core/template/plan.ts'
import { buildAutomaton, lowerAscii } from './automaton.ts'

/** A word or a pattern of some template. Words that ignore case are in lower case. */
export type Sought = Readonly<{ word: string; ignoreCase: boolean }> | Readonly<{ pattern: Pattern }>

export type Sweep = Readonly<{
  /** Places in the list of what stands in the body, in order. */
  over(body: string): readonly number[]
  /** How many have no text by which a pass could tell that they may be there: they are tried on each body. */
  untold: number
}>

/** All words and patterns of a set of templates over a body: one pass finds which may be there, and only these are tried. */
export function buildSweep(list: readonly Sought[]): Sweep {
  const places = new Map<string, number[]>()
  const untold: number[] = []
  for (const [place, one] of list.entries()) {
    const needs = 'word' in one ? (one.word.length < 3 ? [] : [lowerAscii(one.word)]) : one.pattern.needs
    if (needs.length === 0) untold.push(place)
    for (const text of needs) places.set(text, [...(places.get(text) ?? []), place])
  }
  const automaton = buildAutomaton([...places.keys()])
  const of = automaton.texts.map((text) => places.get(text)!)
  const patterns = list.map((one) => ('pattern' in one ? searched(one.pattern) : null))
  return {
    untold: untold.length,
    over(body) {
      const maybe = new Set(untold)
      const found = automaton.scan(body)
      for (let id = found.indexOf(1); id >= 0; id = found.indexOf(1, id + 1)) for (const place of of[id]!) maybe.add(place)
      let folded: string | null = null
      const hits: number[] = []
      for (const place of maybe) {
        const one = list[place]!
        const stands = 'pattern' in one ? patterns[place]!.test(body) : one.ignoreCase ? (folded ??= lowered(body)).includes(one.word) : body.includes(one.word)
        if (stands) hits.push(place)
      }
      return hits.sort((a, b) => a - b)
    },
  }
}

function searched(pattern: Pattern): RegExp {
  const { source, flags } = searchPattern(pattern)
  return new RegExp(source, flags)
}
