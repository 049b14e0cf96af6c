import type { Block } from '#core/template/plan.ts'
import { extract } from '../match/extract.ts'
import { holds } from '../match/holds.ts'
import type { Seen } from '../match/seen.ts'
import { layered, type Scope, type Value } from './names.ts'

/**
 * What a block's extractors and matchers make of one answer. `shown`: it is a result to tell; `matched`: the condition of the matchers holds, as later blocks see it.
 */
export type Judgement = Readonly<{
  matched: boolean
  shown: boolean
  /** Names of matchers that held, where any of several is enough. */
  named: readonly string[]
  extracted: readonly string[]
  /** What internal extractors found, for later requests. */
  dynamic: ReadonlyMap<string, readonly string[]>
  why: readonly string[]
}>

/** `seen`: what one pass over the answer found of the texts of all templates, where many look at it. */
export function judge(block: Pick<Block, 'matchers' | 'condition' | 'extractors'>, outer: Scope, seen?: Seen): Judgement {
  const own = new Map<string, Value>()
  const names = layered(own, outer)
  const scope: Scope = { ...outer, get: (name) => names.get(name) }
  const dynamic = new Map<string, string[]>()
  const extracted = new Set<string>()
  const why: string[] = []
  const isLate = extractsLate(block)
  if (!isLate) take()
  const named: string[] = []
  let held = 0
  for (const matcher of block.matchers) {
    const reason = holds(matcher, scope, seen)
    if (reason === null) {
      if (block.condition === 'and') break
      continue
    }
    held += 1
    if (why.length < 20) why.push(reason)
    if (block.condition === 'or' && matcher.name !== undefined) named.push(matcher.name)
  }
  const matched = block.condition === 'and' ? held > 0 && held === block.matchers.length : held > 0
  if (isLate && matched) take()
  const hidden = block.matchers.length > 0 && block.matchers.every((matcher) => matcher.internal)
  const shown = !hidden && (block.matchers.length > 0 ? matched : extracted.size > 0 && dynamic.size === 0)
  return { matched, shown, named: matched ? named : [], extracted: [...extracted], dynamic, why: matched || shown ? why : [] }

  function take(): void {
    for (const extractor of block.extractors) {
      const values = extract(extractor, scope)
      if (values.length === 0) continue
      if (extractor.internal) dynamic.set(extractor.name ?? '', [...(dynamic.get(extractor.name ?? '') ?? []), ...values])
      else for (const value of values) extracted.add(value)
      if (extractor.name !== undefined) own.set(extractor.name, values.length === 1 ? values[0]! : values)
    }
    for (const [name, values] of dynamic) if (values.length > 1) for (const [at, value] of values.entries()) own.set(`${name}${at}`, value)
  }
}

type Judged = Pick<Block, 'matchers' | 'condition' | 'extractors'>
const late = new WeakMap<Judged, boolean>()

/** Whether extractors may wait until the matchers held: nothing they find is wanted otherwise, by a matcher or by a later request. Most answers meet no matcher. */
function extractsLate(block: Judged): boolean {
  const known = late.get(block)
  if (known !== undefined) return known
  const names = block.extractors.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const written = names.length === 0 ? '' : JSON.stringify(block.matchers)
  const isLate = block.matchers.length > 0 && block.extractors.every((extractor) => !extractor.internal) && !names.some((name) => written.includes(name))
  late.set(block, isLate)
  return isLate
}
