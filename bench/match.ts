import type { Figure } from '../src/command/bench.ts'
import { lowered } from '../src/core/template/bytes.ts'
import { buildSweep, type Sought } from '../src/engine/template/match/sweep.ts'
import { bodiesThatHit } from './match/bodies.ts'
import { patternsToSeek } from './match/patterns.ts'
import { median } from './statistics.ts'

const size = 50_000
const rounds = 5
const most = 10_000

/**
 * 10,000 words and patterns of templates over pages in which some stand: one pass and what it leaves to try, beside the plain loop of `includes` and `RegExp.test`. What both find is counted and
 * compared, words and patterns apart. With VIGIL_FEEDS they are those of the templates there.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const { list: all, from } = await patternsToSeek()
  const list = all.slice(0, most)
  const told = list.filter((one) => 'word' in one || one.pattern.needs.length > 0)
  tell(figure(`words and patterns, ${from}`, list.length, '', null, null))
  tell(figure('patterns without a text that they need, tried on each body', list.length - told.length, '', null, null))
  for (const [name, set, isGoal] of [['all', list, true], ['those with a text that they need', told, false]] as const) {
    const started = performance.now()
    const sweep = buildSweep(set)
    tell(figure(`making the sweep, ${name}`, performance.now() - started, 'ms', null, null))
    measure(name, set, sweep.over, isGoal, tell)
  }
}

function measure(name: string, list: readonly Sought[], over: (body: string) => readonly number[], isGoal: boolean, tell: (figure: Figure) => void): void {
  const bodies = bodiesThatHit(list, 40, size)
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0)
  const [words, patterns] = [lengthOf(list, bodies, over, 'word'), lengthOf(list, bodies, over, 'pattern')]
  const loop = plainLoop(list)
  // The plain loop takes a quarter of a second a body: three of them do.
  const few = bodies.slice(0, 3)
  loop(bodies[3]!)
  // Compiled by V8 before it counts, as it is in a scanner.
  for (let round = 0; round < 3; round++) bodies.forEach(over)
  const isSame = few.every((body) => JSON.stringify(loop(body)) === JSON.stringify(over(body)))
  tell(figure(`hits of words, ${name}`, words, '', null, null))
  tell(figure(`hits of patterns, ${name}`, patterns, '', '≥ 1', patterns > 0))
  tell(figure(`bodies on which the plain loop finds the same, ${name}`, isSame ? few.length : 0, '', `= ${few.length}`, isSame))
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(bytes / seconds(() => bodies.forEach(over)) / 1e6)
    theirs.push(few[0]!.length / seconds(() => loop(few[round % few.length]!)) / 1e6)
  }
  const speed = median(ours)
  const ratio = speed / median(theirs)
  tell({ ...figure(`one pass, ${name}`, speed, 'MB/s', isGoal ? '≥ 50' : null, isGoal ? speed >= 50 : null), runs: rounds })
  tell({ ...figure(`beside the plain loop, ${name}`, speed, 'MB/s', isGoal ? '≥ 200 ×' : null, isGoal ? ratio >= 200 : null), peer: 'the plain loop', ratio, runs: rounds })
}

function plainLoop(list: readonly Sought[]): (body: string) => readonly number[] {
  const patterns = list.map((one) => ('pattern' in one ? new RegExp(one.pattern.source, one.pattern.flags) : null))
  return (body) => {
    const folded = lowered(body)
    return [...list.keys()].filter((place) => {
      const one = list[place]!
      return 'pattern' in one ? patterns[place]!.test(body) : (one.ignoreCase ? folded : body).includes(one.word)
    })
  }
}

function lengthOf(list: readonly Sought[], bodies: readonly string[], over: (body: string) => readonly number[], kind: string): number {
  return bodies.reduce((sum, body) => sum + over(body).filter((place) => kind in list[place]!).length, 0)
}

function seconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function figure(metric: string, value: number, unit: string, goal: string | null, holds: boolean | null): Figure {
  return { bench: 'match', metric, value, unit, peer: null, ratio: null, goal, holds, runs: 1 }
}
