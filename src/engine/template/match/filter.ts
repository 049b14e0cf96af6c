import type { Bytes } from '#core/template/pattern/byte-class.ts'
import { beginOf, demandsOf, soleRun, type Demand } from '#core/template/pattern/demands.ts'
import { inEitherCase } from '#core/template/pattern/demand-texts.ts'
import { parsePattern } from '#core/template/pattern/parse.ts'
import { programOf, type Program } from '#core/template/pattern/program.ts'
import { shortened } from '#core/template/pattern/shorten.ts'
import { isWalked, stepsOf } from '#core/template/pattern/steps.ts'
import type { Pattern } from '#core/template/plan.ts'
import type { Look } from './finder.ts'
import type { Runs } from './runs.ts'
import { trialOf } from './trial.ts'
import { usual } from './usual.ts'

/** Whether a pattern matches in a body, by what one pass over it found, and by the regex only where it may. */
export type Filter = Readonly<{
  /** Texts of which one stands where it matches; empty: none are known. */
  key: readonly string[]
  /** It is best left to a machine that looks for many at once. */
  program: Program | null
  matches(look: Look, runs: Runs): boolean
  /** By the regex alone. */
  test(body: string): boolean
}>

type Text = Demand & { kind: 'text' }
type Check = (look: Look, runs: Runs) => boolean

/** A run that is longer tells more than a machine would. */
const tellingRun = 10

/** `idOf`: the number by which the pass knows a text; `classOf`: the one object that stands for a class. */
export function buildFilter(pattern: Pattern, idOf: (text: string) => number, classOf: (of: Bytes) => Bytes): Filter {
  const ways = parsePattern(pattern.original)
  const short = ways.map((row) => shortened(row))
  const demands = demandsOf(ways)
  const texts = demands.filter((one): one is Text => one.kind === 'text')
  if (texts.length === 0 && pattern.needs.length > 0) texts.push({ kind: 'text', texts: pattern.needs.map(inEitherCase), isFirst: false })
  const key = texts.toSorted((a, b) => scoreOf(b.texts) - scoreOf(a.texts))[0]
  const run = demands.filter((one) => one.kind === 'run').toSorted((a, b) => b.length - a.length)[0]
  const first = key?.isFirst === true ? key.texts.map(idOf) : []
  const trial = trialOf(short, run === undefined ? null : { of: classOf(run.of), length: run.length }, (look) => (first.length === 0 ? 0 : earliest(first, look.places)))
  const begin = beginOf(short)
  const sole = soleRun(short)
  const isUsual = key === undefined && begin === null && trial.test(usual.slice(0, 600))
  if (isUsual) return { key: [], program: null, matches: (look) => trial.test(look.body), test: trial.test }
  if (sole !== null) {
    const of = classOf(sole.of)
    return { key: [], program: null, matches: (_, runs) => runs.hasRun(of, sole.length), test: trial.test }
  }
  const checks = [...(begin === null ? [] : [beginCheck(begin)]), ...[...(demands.includes(texts[0]!) ? [] : texts), ...demands].map((one) => checkOf(one, idOf, classOf))]
  // The order of texts that are told by themselves: one that is exact follows the other somewhere.
  const row = texts.flatMap((one) => (one.texts.length === 1 && isExact(one.texts[0]!) ? [one.texts[0]!] : []))
  if (row.length > 1) checks.push(({ body }) => isInOrder(row, body))
  // What repeats makes a regex go back and forth at many places of a page; where texts or a run are known, few places are left.
  const steps = texts.length === 0 && begin === null && (run === undefined || run.length < tellingRun) && isRepeating(pattern.original) ? stepsOf(ways) : null
  if (steps !== null) checks.push(({ bytes, size }) => isWalked(steps, bytes, size))
  return {
    key: key?.texts ?? [],
    program: key === undefined && begin === null && (run === undefined || run.length < tellingRun) ? programOf(short) : null,
    matches: (look, runs) => checks.every((holds) => holds(look, runs)) && trial.matches(look, runs),
    test: trial.test,
  }
}

function beginCheck(begin: Bytes): Check {
  return ({ bytes, size }) => size > 0 && begin[bytes[0]!] === 1
}

function isExact(text: string): boolean {
  return !/[\u0100-\uffff]/.test(text)
}

/** Whether what is asked for is in a body. */
function checkOf(demand: Demand, idOf: (text: string) => number, classOf: (of: Bytes) => Bytes): Check {
  switch (demand.kind) {
    case 'text': {
      const ids = demand.texts.map(idOf)
      return (look) => ids.some((id) => look.places[id]! >= 0)
    }
    case 'pair':
      return (look) => isOneIn(demand.pairs, look.pairs())
    case 'run': {
      const of = classOf(demand.of)
      return (_, runs) => runs.hasRun(of, demand.length)
    }
    case 'any': {
      const rows = demand.rows.map((row) => row.map((one) => checkOf(one, idOf, classOf)))
      return (look, runs) => rows.some((row) => row.every((holds) => holds(look, runs)))
    }
    default:
      return demand satisfies never
  }
}

function earliest(ids: readonly number[], places: Int32Array): number {
  const found = ids.map((id) => places[id]!).filter((place) => place >= 0)
  return found.length === 0 ? 0 : Math.min(...found)
}

/** It has a large count, or two things that are repeated without end. */
function isRepeating(original: string): boolean {
  return /\{(?:\d\d|[4-9])/.test(original) || original.split(/[*+]/).length > 2
}

function isOneIn(pairs: Uint16Array, seen: Uint8Array): boolean {
  for (let at = 0; at < pairs.length; at++) if (seen[pairs[at]!] === 1) return true
  return false
}

/** Each stands somewhere behind the first place at which those before it may end. */
function isInOrder(row: readonly string[], body: string): boolean {
  let at = 0
  for (const text of row) {
    const place = body.indexOf(text, at)
    if (place < 0) return false
    at = place + text.length
  }
  return true
}

/** The longer and the fewer, the less likely that one is there. */
function scoreOf(texts: readonly string[]): number {
  return Math.min(12, ...texts.map((text) => text.length)) - Math.log2(texts.length) / 2
}
