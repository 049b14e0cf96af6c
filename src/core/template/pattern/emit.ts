import { BadPattern } from './node.ts'
import type { ByteSet, Node } from './node.ts'

export type Emitted = Readonly<{ source: string; flags: string; groups: number }>

/** What V8's engine without backtracking repeats at most, over all repetitions that lie in each other. */
const mostReplication = 16
const longestWritten = 40_000

/** `spread`: counts beyond what the engine without backtracking repeats are written out. `lineEnds`: `$` at line ends is the flag m, which that engine knows. */
type State = { readonly spread: boolean; readonly lineEnds: boolean; groups: number; length: number; factor: number }

/**
 * The pattern for V8. Whatever repeats without bound is written so that the engine without backtracking can take over where backtracking gets out of hand (bin/vigil.js turns that on): no flag i, no
 * looking ahead, no large counts. What cannot be written so within bounds is refused.
 */
export function emitPattern(ways: readonly (readonly Node[])[]): Emitted {
  const spread = needsLinear(ways)
  const lineEnds = some(ways, (node) => node.kind === 'assert' && node.is === 'line-end')
  if (lineEnds && some(ways, (node) => node.kind === 'assert' && node.is === 'end') && spread) throw new BadPattern('ends of lines and of the text at once')
  const state: State = { spread, lineEnds, groups: 0, length: 0, factor: 1 }
  const source = waysOf(ways, state)
  return { source: source === '' ? '(?:)' : source, flags: lineEnds ? 'm' : '', groups: state.groups }
}

/** Whether backtracking could take more than a small multiple of the text: anything unbounded, or large counts in each other or side by side. */
function needsLinear(ways: readonly (readonly Node[])[]): boolean {
  const cost = (nodes: readonly (readonly Node[])[]): number => nodes.reduce((sum, row) => sum + row.reduce((product, node) => Math.min(1e9, product * costOf(node)), 1), 0)
  const costOf = (node: Node): number => {
    if (node.kind === 'group') return cost(node.ways)
    if (node.kind !== 'repeat') return 1
    if (node.most === Infinity) return 1e9
    const once = costOf(node.node)
    return (node.most - node.least + 1) * (once === 1 ? 1 : once ** Math.min(node.most, 12))
  }
  return cost(ways) > 2000
}

function some(ways: readonly (readonly Node[])[], test: (node: Node) => boolean): boolean {
  return ways.some((row) => row.some((node) => test(node) || (node.kind === 'group' ? some(node.ways, test) : node.kind === 'repeat' && some([[node.node]], test))))
}

function waysOf(ways: readonly (readonly Node[])[], state: State): string {
  return ways.map((row) => row.map((node) => emit(node, state)).join('')).join('|')
}

function emit(node: Node, state: State): string {
  switch (node.kind) {
    case 'byte':
      return node.fold ? `[${node.byte.toLowerCase()}${node.byte.toUpperCase()}]` : quoted(node.byte)
    case 'set':
      return setOf(node.set, true)
    case 'assert':
      return assertion(node.is, state)
    case 'group':
      if (node.captures) state.groups++
      return `(${node.captures ? '' : '?:'}${waysOf(node.ways, state)})`
    case 'repeat':
      return repeatOf(node, state)
    default:
      return node satisfies never
  }
}

function assertion(is: (Node & { kind: 'assert' })['is'], state: State): string {
  switch (is) {
    case 'start':
      return state.lineEnds ? '(?<![^])' : '^'
    case 'end':
      return state.lineEnds ? '(?![^])' : '$'
    case 'line-start':
      return '(?<![^\\n])'
    case 'line-end':
      return state.spread ? '$' : '(?![^\\n])'
    case 'word':
      return '\\b'
    default:
      return '\\B'
  }
}

function repeatOf(node: Node & { kind: 'repeat' }, state: State): string {
  const { least, most } = node
  const lazy = node.lazy ? '?' : ''
  const room = Math.max(1, Math.floor(mostReplication / state.factor))
  const copies = most === Infinity ? least + 1 : most
  const isWritten = state.spread && copies > 1 && copies > room
  const outer = state.factor
  state.factor = isWritten ? outer : outer * Math.max(1, Math.min(copies, room))
  const before = state.groups
  const once = onceOf(node.node, !countsBytes(least, most), state)
  state.factor = outer
  if (!isWritten) return `${once}${countOf(least, most)}${countOf(least, most) === '' ? '' : lazy}`
  // A group that is written several times would be several groups; what it captured last is its last copy, which cannot be told apart.
  if (state.groups > before) throw new BadPattern('a group that is repeated too often')
  state.length += once.length * copies
  if (state.length > longestWritten) throw new BadPattern('repetitions that are too long')
  const head = once.repeat(least)
  if (most === Infinity) return `(?:${head}${once}*${lazy})`
  return `(?:${head}${`(?:${once}`.repeat(most - least)}${`)?${lazy}`.repeat(most - least)})`
}

/** Whether what repeats so often counts bytes, not characters: the difference is not worth what it takes. */
export function countsBytes(least: number, most: number): boolean {
  const copies = most === Infinity ? least + 1 : most
  return copies !== 1 && (copies > 8 || most === Infinity)
}

function onceOf(node: Node, byRune: boolean, state: State): string {
  if (node.kind === 'set') return setOf(node.set, byRune)
  if (node.kind === 'assert' || node.kind === 'repeat') return `(?:${emit(node, state)})`
  return emit(node, state)
}

function countOf(least: number, most: number): string {
  if (most === Infinity) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
  if (least === most) return least === 1 ? '' : `{${least}}`
  return least === 0 && most === 1 ? '?' : `{${least},${most}}`
}

/** `byRune`: one character is all its bytes; where any number is taken anyway, bytes will do. */
function setOf(set: ByteSet, byRune: boolean): string {
  const plain = set.open ? openClass(set) : `[${set.ascii.map(rangeOf).join('')}]`
  if (set.open) return byRune ? `(?:[\\xc2-\\xf4][\\x80-\\xbf]+|${plain})` : plain
  if (set.sequences.length === 0) return plain
  const rows = set.sequences.map((row) => row.map((range) => `[${rangeOf(range)}]`).join(''))
  return `(?:${[...(set.ascii.length === 0 ? [] : [plain]), ...rows].join('|')})`
}

/** Everything but the ASCII that is missing. */
function openClass(set: ByteSet): string {
  const missing: (readonly [number, number])[] = []
  let next = 0
  for (const [from, to] of set.ascii) {
    if (from > next) missing.push([next, from - 1])
    next = to + 1
  }
  if (next < 0x80) missing.push([next, 0x7f])
  return missing.length === 0 ? '[^]' : `[^${missing.map(rangeOf).join('')}]`
}

function rangeOf([from, to]: readonly [number, number]): string {
  return from === to ? quoted(String.fromCharCode(from)) : `${quoted(String.fromCharCode(from))}${to === from + 1 ? '' : '-'}${quoted(String.fromCharCode(to))}`
}

/** A byte as it may stand anywhere in a JavaScript pattern. */
function quoted(byte: string): string {
  const code = byte.charCodeAt(0)
  if (code === 10) return '\\n'
  if (code < 32 || code > 126) return `\\x${code.toString(16).padStart(2, '0')}`
  return /[\\^$.*+?()[\]{}|/-]/.test(byte) ? `\\${byte}` : byte
}
