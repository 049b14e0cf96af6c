import { lowered } from '#core/template/bytes.ts'
import { inEitherCase } from '#core/template/pattern/demand-texts.ts'
import { programOf, type Program } from '#core/template/pattern/program.ts'
import type { Pattern } from '#core/template/plan.ts'
import { buildFilter, type Filter } from './filter.ts'
import { buildFinder, shortestText, type Look } from './finder.ts'
import { buildMachine } from './machine.ts'
import { runsOf, sharedClasses, type Runs } from './runs.ts'

type Word = Readonly<{ word: string; ignoreCase: boolean }>
/** A word or a pattern of some template. Words that ignore case are in lower case. */
export type Sought = Word | Readonly<{ pattern: Pattern }>

export type Sweep = Readonly<{
  /** Places in the list of what stands in the body, in order. */
  over(body: string): readonly number[]
  /** How many have no text by which a pass could tell that they may be there. */
  untold: number
}>

/** A body beyond this is not passed over: all is tried. */
const mostBody = 16 * 1024 * 1024
/** Instructions of all programs of the machine. */
const mostCode = 8192
const none: readonly number[] = []
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
  const together: number[] = []
  const programs: Program[] = []
  const placesOf: number[][] = []
  let code = 0
  for (const [place, one] of list.entries()) {
    const texts = 'word' in one ? textsOf(one) : filters[place]!.key
    const program = 'word' in one ? programOfWord(one) : filters[place]!.program
    if (program !== null && code + program.length <= mostCode) {
      code += program.length
      programs.push(program)
      together.push(place)
    } else if (texts.length === 0) untold.push(place)
    else for (const text of texts) (placesOf[idOf(text)] ??= []).push(place)
  }
  const finder = buildFinder([...ids.keys()])
  const machine = buildMachine(programs)
  const triedIn = new Int32Array(list.length)
  let pass = 0

  function over(body: string): readonly number[] {
    const look = finder.look(body)
    const runs = runsOf(look.bytes, look.size)
    const hits: number[] = []
    pass += 1
    for (const id of look.found) {
      for (const place of placesOf[id] ?? none) {
        if (triedIn[place] === pass) continue
        triedIn[place] = pass
        if (isTrue(list[place]!, filters[place], look, runs)) hits.push(place)
      }
    }
    for (const place of untold) if (isTrue(list[place]!, filters[place], look, runs)) hits.push(place)
    const matched = machine.over(look.bytes, look.size)
    for (let at = 0; at < together.length; at++) {
      const place = together[at]!
      if (matched === null ? isTrue(list[place]!, filters[place], look, runs) : matched[at] === 1) hits.push(place)
    }
    if (!look.isPlain && folding.some((letter) => body.includes(letter))) return withFolded(list, body, hits)
    return hits.sort((a, b) => a - b)
  }

  return {
    untold: untold.length + together.length,
    over: (body) => (body.length > mostBody ? [...list.keys()].filter((place) => stands(list[place]!, filters[place], body)) : over(body)),
  }
}

/** Whether something of which the pass found a text, or that has none, is there. */
function isTrue(one: Sought, filter: Filter | null | undefined, look: Look, runs: Runs): boolean {
  if (!('word' in one)) return filter!.matches(look, runs)
  if (isBeyond(one)) return !look.isPlain && stands(one, null, look.body)
  return one.word.length >= shortestText || stands(one, null, look.body)
}

/** Without any pass. */
function stands(one: Sought, filter: Filter | null | undefined, body: string): boolean {
  return 'pattern' in one ? filter!.test(body) : (one.ignoreCase ? lowered(body) : body).includes(one.word)
}

/** Lower case makes ASCII of some letters that are none. */
function withFolded(list: readonly Sought[], body: string, hits: readonly number[]): readonly number[] {
  const folded = lowered(body)
  const more = [...list.keys()].filter((place) => 'word' in list[place]! && list[place].ignoreCase && folded.includes(list[place].word))
  return [...new Set([...hits, ...more])].sort((a, b) => a - b)
}

/** The texts by which a word is told; none where it is too short. Of letters beyond ASCII whose case is ignored the bytes do not tell. */
function textsOf(word: Word): readonly string[] {
  const known = isBeyond(word) ? word.word.split(/[\x80-\xff]+/).toSorted((a, b) => b.length - a.length)[0]! : word.word
  return known.length < shortestText ? [] : [word.ignoreCase ? inEitherCase(known) : known]
}

function isBeyond({ word, ignoreCase }: Word): boolean {
  return ignoreCase && /[\x80-\xff]/.test(word)
}

/** A word that is too short to be looked up. */
function programOfWord({ word, ignoreCase }: Word): Program | null {
  if (word.length >= shortestText || isBeyond({ word, ignoreCase })) return null
  return programOf([[...word].map((byte) => ({ kind: 'byte', byte, fold: ignoreCase && /[a-z]/.test(byte) }))])
}
