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
 * flag `i`, can take over from the other. What that engine cannot do (looking ahead, back references, atomic groups) is allowed only where nothing repeated is repeated.
 * Flags as `REG_ICASE`, `REG_DOT_NEWLINE`, `REG_MULTILINE` (in Ruby the same). Throws `BadPattern`.
 */
export function translatePattern(pattern: string, flags: readonly string[]): Translated {
  const tree = parsePattern(pattern, {
    ignoreCase: flags.includes('REG_ICASE'), dotAll: flags.includes('REG_DOT_NEWLINE') || flags.includes('REG_MULTILINE') || flags.includes('REG_LINE_ANY_CRLF'),
  })
  const state: State = { atomic: 0, linear: true }
  const source = tree.alternatives.map((nodes) => emitAll(nodes, state)).join('|')
  if (!state.linear && height(tree.alternatives) > 1) throw new BadPattern('repetitions in each other beside what can only be matched by trying')
  return { source, groups: tree.groups, needs: needsOf(tree) }
}

type State = { atomic: number; linear: boolean }

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

function repeatOf(node: PatternNode & { kind: 'repeat' }, state: State): string {
  const inner = emit(node.node, state)
  const repeated = `${node.node.kind === 'repeat' ? `(?:${inner})` : inner}${countOf(node.least, node.most)}`
  return node.possessive ? atomic(repeated, state) : `${repeated}${node.lazy ? '?' : ''}`
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

/** How many unbounded repetitions lie in each other. */
function height(alternatives: readonly (readonly PatternNode[])[]): number {
  return Math.max(0, ...alternatives.flat().map((node) => {
    if (node.kind === 'group') return height(node.alternatives)
    return node.kind === 'repeat' ? height([[node.node]]) + (node.most === Infinity ? 1 : 0) : 0
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
