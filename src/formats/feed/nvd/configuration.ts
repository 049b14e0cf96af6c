import type { Affected, Condition, Interval } from '#core/knowledge/affected.ts'
import { type CpeName, cpeAttributes, readCpe } from '../value/cpe.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, listOf, wordOf } from '../value/json-value.ts'

/** One leaf of a configuration: a CPE name with version bounds. */
type Match = Readonly<{ cpe: CpeName; vulnerable: boolean; interval: Interval | null; version: string | null }>
type Node = Readonly<{ operator: 'AND' | 'OR'; matches: readonly Match[]; children: readonly Node[] }>

const deepest = 8
const mostMatches = 20_000
/** Above this a list of platforms tells nothing any more. */
const mostConditions = 2000

/**
 * What configurations of NVD, of 2.0 or 1.1, say: one `Affected` for each vulnerable product and each set of things that must be there with it. `lost` tells what
 * cannot be used by reason: `negated`, `bad-cpe`, `too-deep`, `too-many`.
 */
export function affectedOf(vulnerability: string, key: string, configurations: unknown): Readonly<{ affected: readonly Affected[]; lost: ReadonlyMap<string, number>; matches: number }> {
  const lost = new Map<string, number>()
  const lose = (reason: string): void => void lost.set(reason, (lost.get(reason) ?? 0) + 1)
  const budget = { left: mostMatches }
  const groups = new Map<string, { match: Match; together: readonly (readonly Condition[])[]; intervals: Interval[]; versions: string[] }>()
  for (const value of listOf(configurations, 2000)) {
    const node = readNode(fieldsOf(value), budget, lose, 0)
    if (node !== null) collect(node, [], (match, together) => {
      const attributes = cpeAttributes(match.cpe)
      const id = `${match.cpe.part}:${match.cpe.name}|${attributes === undefined ? '' : JSON.stringify(attributes)}|${together.length === 0 ? '' : JSON.stringify(together)}`
      const group = groups.get(id) ?? { match, together, intervals: [], versions: [] }
      groups.set(id, group)
      if (match.interval !== null) group.intervals.push(match.interval)
      if (match.version !== null) group.versions.push(match.version)
    }, lose)
  }
  const affected = [...groups.values()].map(({ match, together, intervals, versions }): Affected => {
    const attributes = cpeAttributes(match.cpe)
    return {
      record: 'affected', vulnerability, key, product: { ecosystem: 'cpe', name: match.cpe.name, part: match.cpe.part }, of: 'binary', scheme: 'generic',
      intervals: uniqueIntervals(intervals), versions: [...new Set(versions)], status: 'affected',
      fixed: [...new Set(intervals.map((one) => one.before).filter((one) => one !== undefined))].slice(0, 50),
      ...(together.length === 0 ? {} : { together }), ...(attributes === undefined ? {} : { cpe: attributes }),
    }
  })
  return { affected, lost, matches: mostMatches - budget.left }
}

/** 2.0 has `nodes` in a configuration and `cpeMatch` in a node, 1.1 has `children` and `cpe_match`. */
function readNode(fields: Fields, budget: { left: number }, lose: (reason: string) => void, depth: number): Node | null {
  if (depth > deepest) {
    lose('too-deep')
    return null
  }
  if (fields['negate'] === true) {
    lose('negated')
    return null
  }
  const matches: Match[] = []
  for (const value of listOf(fields['cpeMatch'] ?? fields['cpe_match'])) {
    if (budget.left <= 0) {
      lose('too-many')
      break
    }
    budget.left--
    const match = readMatch(fieldsOf(value))
    if (match === null) lose('bad-cpe')
    else matches.push(match)
  }
  const children: Node[] = []
  for (const value of [...listOf(fields['nodes'], 2000), ...listOf(fields['children'], 2000)]) {
    const child = readNode(fieldsOf(value), budget, lose, depth + 1)
    if (child !== null) children.push(child)
    // Without one of its parts an AND would say too much.
    else if (fields['operator'] === 'AND') return null
  }
  return { operator: fields['operator'] === 'AND' ? 'AND' : 'OR', matches, children }
}

function readMatch(fields: Fields): Match | null {
  const cpe = readCpe(fields['criteria'] ?? fields['cpe23Uri'])
  if (cpe === null || typeof fields['vulnerable'] !== 'boolean') return null
  const from = wordOf(fields['versionStartIncluding'], 128)
  const after = wordOf(fields['versionStartExcluding'], 128)
  const upTo = wordOf(fields['versionEndIncluding'], 128)
  const before = wordOf(fields['versionEndExcluding'], 128)
  const bounds: Interval = {
    ...(from !== undefined ? { from } : after !== undefined ? { from: after, fromExclusive: true as const } : {}), ...(before !== undefined ? { before } : upTo !== undefined ? { upTo } : {}),
  }
  const isBounded = Object.keys(bounds).length > 0
  if (isBounded || cpe.version === '*') return { cpe, vulnerable: fields['vulnerable'], interval: bounds, version: null }
  return { cpe, vulnerable: fields['vulnerable'], interval: null, version: cpe.version }
}

/** Hands over each vulnerable leaf with what must hold beside it. */
function collect(node: Node, together: readonly (readonly Condition[])[], found: (match: Match, together: readonly (readonly Condition[])[]) => void, lose: (reason: string) => void): void {
  if (node.operator === 'OR' || node.matches.length + node.children.length === 1) {
    for (const match of node.matches) if (match.vulnerable) found(match, together)
    for (const child of node.children) collect(child, together, found, lose)
    return
  }
  const parts: readonly Node[] = [...node.children, ...node.matches.map((match): Node => ({ operator: 'OR', matches: [match], children: [] }))]
  parts.forEach((part, index) => {
    if (!isVulnerable(part)) return
    const others = parts.filter((_, other) => other !== index).flatMap(conditionsOf)
    const kept = others.filter((list) => list.length > 0 && list.length <= mostConditions)
    if (kept.length < others.length) return lose('too-many-conditions')
    collect(part, [...together, ...kept], found, lose)
  })
}

function isVulnerable(node: Node): boolean {
  return node.matches.some((match) => match.vulnerable) || node.children.some(isVulnerable)
}

/** A part as lists that must all hold, each an OR. An AND inside of an OR is more than that can say: its products are taken as alternatives. */
function conditionsOf(node: Node): readonly (readonly Condition[])[] {
  if (node.operator === 'AND') return [...node.children.flatMap(conditionsOf), ...node.matches.map((match) => merged([match]))]
  return [merged(leavesOf(node))]
}

function leavesOf(node: Node): readonly Match[] {
  return [...node.matches, ...node.children.flatMap(leavesOf)]
}

function merged(matches: readonly Match[]): readonly Condition[] {
  const byName = new Map<string, { part: CpeName['part']; name: string; scheme: 'generic'; intervals: Interval[]; versions: string[] }>()
  for (const { cpe, interval, version } of matches) {
    const id = `${cpe.part}:${cpe.name}`
    const one = byName.get(id) ?? { part: cpe.part, name: cpe.name, scheme: 'generic', intervals: [], versions: [] }
    byName.set(id, one)
    // A platform without a version is that platform, whichever it is.
    if (interval !== null || version === '-') one.intervals.push(interval ?? {})
    else if (version !== null) one.versions.push(version)
  }
  return [...byName.values()].map((one) => ({ ...one, intervals: uniqueIntervals(one.intervals), versions: [...new Set(one.versions)] }))
}

function uniqueIntervals(intervals: readonly Interval[]): readonly Interval[] {
  if (intervals.length < 2) return intervals
  const known = new Map(intervals.map((one) => [JSON.stringify(one), one]))
  return known.has('{}') ? [{}] : [...known.values()]
}
