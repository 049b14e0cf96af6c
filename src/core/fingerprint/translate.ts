import { BadPattern, parsePattern, quoted } from './pattern-tree.ts'
import type { PatternNode, PatternTree } from './pattern-tree.ts'

export type Translated = Readonly<{
  source: string
  /** Group n of the pattern is the named group `gn` here, or absent when there are fewer. */
  groups: number
  /**
   * Texts in lower case of which one must occur in what matches, whatever its case; empty: nothing is known.
   */
  needs: readonly string[]
}>

/**
 * Ruby's or Java's pattern as a JavaScript one, for `new RegExp(source, 'm')`. Case is ignored by writing both cases, so that V8's engine without backtracking, which has no
 * flag `i`, can take over from the other. What that engine cannot do (looking ahead, back references, atomic groups) is allowed only where nothing repeated is repeated and little is repeated at all.
 * Flags as `REG_ICASE`, `REG_DOT_NEWLINE`, `REG_MULTILINE` (in Ruby the same). Throws `BadPattern`.
 */
export function translatePattern(pattern: string, flags: readonly string[]): Translated {
  const tree = parsePattern(pattern, {
    ignoreCase: flags.includes('REG_ICASE'), dotAll: flags.includes('REG_DOT_NEWLINE') || flags.includes('REG_MULTILINE') || flags.includes('REG_LINE_ANY_CRLF'),
  })
  const state: State = { atomic: 0, linear: true, factor: 1 }
  const source = tree.alternatives.map((nodes) => emitAll(nodes, state)).join('|')
  if (!state.linear && (height(tree.alternatives) > 1 || unbounded(tree.alternatives) > mostUnbounded)) throw new BadPattern('repetitions in each other beside what can only be matched by trying')
  return { source, groups: tree.groups, needs: needsOf(tree) }
}

/** `factor`: how often what is written now may be repeated by what is around it. */
type State = { atomic: number; linear: boolean; factor: number }

/** What V8's engine without backtracking repeats at most, over all repetitions that lie in each other. */
const mostReplication = 16
const longestWritten = 4000

function emitAll(nodes: readonly PatternNode[], state: State): string {
  return nodes.map((node) => emit(node, state)).join('')
}

function emit(node: PatternNode, state: State): string {
  switch (node.kind) {
    case 'letter':
      return letterOf(node.letter, node.ignoreCase)
    case 'set':
      return node.source
    case 'assert':
      state.linear &&= node.linear
      return node.source
    case 'back':
      state.linear = false
      return `\\k<g${node.number}>`
    case 'group':
      return groupOf(node, state)
    case 'repeat':
      return repeatOf(node, state)
    default:
      return node satisfies never
  }
}

/**
 * Counts beyond what the engine without backtracking repeats are written otherwise: a high upper bound as none at all (texts are short), a high lower one by writing
 * what is repeated that often.
 */
function repeatOf(node: PatternNode & { kind: 'repeat' }, state: State): string {
  const room = Math.floor(mostReplication / state.factor)
  const most = node.most !== Infinity && node.most > room ? (node.most === node.least ? node.most : Infinity) : node.most
  const copies = most === Infinity ? node.least + 1 : most
  const outer = state.factor
  if (node.least > 1 && copies > room) {
    const once = grouped(node.node, emit(node.node, state))
    if (captures(node.node) || once.length * node.least > longestWritten) state.linear = false
    else return quantifiedBy(`${once.repeat(node.least)}${most === node.least ? '' : `${once}*${node.lazy ? '?' : ''}`}`, '', node, state)
  }
  state.factor = outer * Math.max(1, Math.min(copies, room))
  const once = grouped(node.node, emit(node.node, state))
  state.factor = outer
  return quantifiedBy(once, countOf(node.least, most), node, state)
}

function grouped(node: PatternNode, source: string): string {
  return node.kind === 'repeat' ? `(?:${source})` : source
}

function quantifiedBy(once: string, count: string, node: PatternNode & { kind: 'repeat' }, state: State): string {
  return node.possessive ? atomic(`${once}${count}`, state) : `${once}${count}${node.lazy && count !== '' ? '?' : ''}`
}

function captures(node: PatternNode): boolean {
  if (node.kind === 'repeat') return captures(node.node)
  return node.kind === 'group' && (node.number !== null || node.atomic || node.alternatives.flat().some(captures))
}

function countOf(least: number, most: number): string {
  if (most === Infinity) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
  return least === 0 && most === 1 ? '?' : least === most ? `{${least}}` : `{${least},${most}}`
}

function groupOf(node: PatternNode & { kind: 'group' }, state: State): string {
  const inside = node.alternatives.map((nodes) => emitAll(nodes, state)).join('|')
  if (node.number !== null) return `(?<g${node.number}>${inside})`
  if (node.atomic) return atomic(inside, state)
  if (node.look) state.linear = false
  return `${node.open}${inside})`
}

/** What has matched stays: a look ahead that captures, and what it captured. */
function atomic(inside: string, state: State): string {
  state.linear = false
  state.atomic += 1
  return `(?:(?=(?<a${state.atomic}>${inside}))\\k<a${state.atomic}>)`
}

function letterOf(letter: string, ignoreCase: boolean): string {
  const plain = quoted(letter)
  return ignoreCase && /[a-z]/i.test(letter) && letter.length === 1 ? `[${letter.toLowerCase()}${letter.toUpperCase()}]` : plain
}

/** Repetitions without a bound that a pattern may have which can only be matched by trying: each multiplies the time by the length of the text. */
const mostUnbounded = 2

function unbounded(alternatives: readonly (readonly PatternNode[])[]): number {
  return alternatives.flat().reduce((sum, node) => sum + (node.kind === 'group' ? unbounded(node.alternatives) : node.kind === 'repeat' ? unbounded([[node.node]]) + (node.most > mostReplication && !node.possessive ? 1 : 0) : 0), 0)
}

/** How many repetitions of more than two lie in each other. */
function height(alternatives: readonly (readonly PatternNode[])[]): number {
  return Math.max(0, ...alternatives.flat().map((node) => {
    if (node.kind === 'group') return height(node.alternatives)
    return node.kind === 'repeat' ? height([[node.node]]) + (node.most > 2 ? 1 : 0) : 0
  }))
}

const shortest = 3

function needsOf(tree: PatternTree): readonly string[] {
  const needs = tree.alternatives.map((nodes) => longestOf(nodes))
  return needs.every((text) => text.length >= shortest) ? needs : []
}

/** The longest text that a row of nodes cannot do without, in lower case. */
function longestOf(nodes: readonly PatternNode[]): string {
  let best = ''
  let run = ''
  const flush = (): void => {
    if (run.length > best.length) best = run
    run = ''
  }
  const walk = (row: readonly PatternNode[]): void => {
    for (const node of row) {
      if (node.kind === 'letter' && node.letter.charCodeAt(0) < 128) run += node.letter.toLowerCase()
      else if (node.kind === 'group' && node.alternatives.length === 1 && !node.look) walk(node.alternatives[0]!)
      else if (node.kind === 'repeat' && node.least > 0) {
        // It occurs once at least, but what stands next to it may be another of its kind.
        flush()
        walk([node.node])
        flush()
      } else if (node.kind !== 'assert') flush()
    }
  }
  walk(nodes)
  flush()
  return best
}
