import { lowered } from '#core/template/bytes.ts'
import { inEitherCase } from '#core/template/pattern/demand-texts.ts'
import { searchPattern } from '#core/template/pattern/translate.ts'
import type { Pattern } from '#core/template/plan.ts'
import { buildFilter } from './filter.ts'
import { buildFinder, shortestText, type Look } from './finder.ts'
import { runsOf, sharedClasses } from './runs.ts'

type Word = Readonly<{ word: string; ignoreCase: boolean }>
/** A word or a pattern of some template. Words that ignore case are in lower case. */
export type Sought = Word | Readonly<{ pattern: Pattern }>

export type Sweep = Readonly<{
  /** Places in the list of what stands in the body, in order. */
  over(body: string): readonly number[]
  /** How many have no text by which a pass could tell that they may be there: what else they ask for decides whether they are tried. */
  untold: number
}>

/** A body beyond this is not passed over: all is tried. */
const mostBody = 16 * 1024 * 1024
/** Letters beyond ASCII of which the lower case is ASCII, or has some: the Kelvin sign and the I with a dot, in UTF-8. */
const folding = ['\xe2\x84\xaa', '\xc4\xb0']

/** All words and patterns of a set of templates over a body: one pass finds which may be there, and only these are tried. */
export function buildSweep(list: readonly Sought[]): Sweep {
  const ids = new Map<string, number>()
  const idOf = (text: string): number => {
    const known = ids.get(text) ?? ids.size
    ids.set(text, known)
    return known
  }
  const classOf = sharedClasses()
  const filters = list.map((one) => ('pattern' in one ? buildFilter(one.pattern, idOf, classOf) : null))
  const untold: number[] = []
  const placesOf: number[][] = []
  for (const [place, one] of list.entries()) {
    const texts = 'word' in one ? textsOf(one) : filters[place]!.key
    if (texts.length === 0) untold.push(place)
    for (const text of texts) (placesOf[idOf(text)] ??= []).push(place)
  }
  const finder = buildFinder([...ids.keys()])
  const patterns: (RegExp | undefined)[] = []

  function matches(place: number, pattern: Pattern, body: string, from = 0): boolean {
    const regex = (patterns[place] ??= searched(pattern))
    regex.lastIndex = from
    return regex.test(body)
  }

  /** What the pass does not decide: words that are too short or change with their case, and patterns without a text. */
  function rest(look: Look, hits: Set<number>, places: Iterable<number>, mayMatch: (place: number) => boolean): void {
    let folded: string | null = null
    for (const place of places) {
      const one = list[place]!
      if ('pattern' in one ? mayMatch(place) && matches(place, one.pattern, look.body) : (one.ignoreCase ? (folded ??= lowered(look.body)) : look.body).includes(one.word)) hits.add(place)
    }
  }

  return {
    untold: untold.length,
    over(body) {
      const hits = new Set<number>()
      if (body.length > mostBody) {
        const look = finder.look('')
        rest({ ...look, body }, hits, list.keys(), () => true)
        return [...hits].sort((a, b) => a - b)
      }
      const look = finder.look(body)
      const runs = runsOf(look.bytes, look.size)
      const tried = new Set<number>()
      for (const id of look.found) {
        for (const place of placesOf[id] ?? []) {
          const one = list[place]!
          if (tried.has(place)) continue
          tried.add(place)
          const filter = filters[place]
          if ('word' in one || (filter!.mayMatch(look, runs) && matches(place, one.pattern, body, filter!.start(look)))) hits.add(place)
        }
      }
      rest(look, hits, untold, (place) => filters[place]!.mayMatch(look, runs))
      if (!look.isPlain && folding.some((letter) => body.includes(letter))) rest(look, hits, [...list.keys()].filter((place) => 'word' in list[place]!), () => false)
      return [...hits].sort((a, b) => a - b)
    },
  }
}

/** The texts by which a word is told; none where it has letters beyond ASCII and ignores case, which their bytes do not tell. */
function textsOf({ word, ignoreCase }: Word): readonly string[] {
  if (word.length < shortestText || (ignoreCase && /[\x80-\xff]/.test(word))) return []
  return [ignoreCase ? inEitherCase(word) : word]
}

function searched(pattern: Pattern): RegExp {
  const { source, flags } = searchPattern(pattern)
  return new RegExp(source, `${flags}g`)
}
