import { bytesOfNode, joinedBytes, type Bytes } from './byte-class.ts'
import { demandTexts } from './demand-texts.ts'
import { unwrapped, type Node } from './node.ts'

/**
 * What must be true of a body in which a pattern matches. It may be true of others as well: it only says where a regex need not be tried.
 * `text`: one of these stands in it, at `isFirst` where the match begins; `pair`: one of these pairs of adjacent bytes (first · 256 + second);
 * `run`: so many bytes of a class in a row; `any`: all that one of these rows asks for.
 */
export type Demand =
  | Readonly<{ kind: 'text'; texts: readonly string[]; isFirst: boolean }>
  | Readonly<{ kind: 'pair'; pairs: Uint16Array }>
  | Readonly<{ kind: 'run'; of: Bytes; length: number }>
  | Readonly<{ kind: 'any'; rows: readonly (readonly Demand[])[] }>

/** A shorter run stands on most pages. */
const [shortestRun, longRun] = [4, 10]
/** More pairs than these are on every page, and take longer to look up than the regex takes. */
const mostPairs = 2100
const mostPairDemands = 8
const mostWays = 12

/** What all bodies have in common in which one of the ways matches; where there is one way, texts first and in the order in which they stand. */
export function demandsOf(all: readonly (readonly Node[])[]): readonly Demand[] {
  const ways = unwrapped(all)
  if (ways.length === 1) return rowDemands(ways[0]!)
  const rows = ways.length <= mostWays ? ways.map(rowDemands) : []
  return rows.length > 0 && rows.every((row) => row.length > 0) ? [{ kind: 'any', rows }] : []
}

function rowDemands(row: readonly Node[]): readonly Demand[] {
  const texts = demandTexts(row)
  const { demands } = rowShape(row)
  // What is one pair alone is part of a text, if there are texts.
  const pairs = demands.filter((one) => one.kind === 'pair').filter((one) => texts.length === 0 || one.pairs.length > 1).sort((a, b) => a.pairs.length - b.pairs.length)
  const others = demands.filter((one) => one.kind !== 'pair').sort((a, b) => lengthOf(b) - lengthOf(a))
  // A run that is long is on the fewest pages; one that is short costs most.
  return [...texts, ...others.filter((one) => lengthOf(one) >= longRun), ...pairs.slice(0, mostPairDemands), ...others.filter((one) => lengthOf(one) < longRun)]
}

/** The bytes with which a text may begin in which a pattern matches that is bound to the begin of the text; null where one is not, or where it may match nothing. */
export function beginOf(ways: readonly (readonly Node[])[]): Bytes | null {
  const rows = unwrapped(ways)
  const shapes = rows.map(rowShape)
  if (!rows.every(([first]) => first?.kind === 'assert' && first.is === 'start') || shapes.some(({ mayBeEmpty }) => mayBeEmpty)) return null
  return shapes.map(({ first }) => first).reduce(joinedBytes)
}

/** The run of a class, all of ASCII, that is all that a pattern asks for: where there is one, it matches. */
export function soleRun(ways: readonly (readonly Node[])[]): Readonly<{ of: Bytes; length: number }> | null {
  const rows = unwrapped(ways)
  const only = rows.length === 1 && rows[0]!.length === 1 ? rows[0]![0]! : null
  if (only === null || only.kind === 'assert') return null
  if (only.kind !== 'repeat') return only.kind === 'set' && isAscii(only) ? { of: bytesOfNode(only), length: 1 } : null
  const inner = soleRun([[only.node]])
  return inner === null || only.least === 0 ? null : { of: inner.of, length: inner.length * only.least }
}

function isAscii({ set }: Node & { kind: 'set' }): boolean {
  return !set.open && set.sequences.length === 0
}

function lengthOf(demand: Demand): number {
  return demand.kind === 'run' ? demand.length : 0
}

/** How it may begin and end, and what it asks for between; `plain`: it is so many bytes of one class and nothing else. */
type Shape = Readonly<{ first: Bytes; last: Bytes; mayBeEmpty: boolean; plain: Readonly<{ of: Bytes; least: number }> | null; demands: readonly Demand[] }>

const none: Bytes = new Uint8Array(256)

function waysShape(ways: readonly (readonly Node[])[]): Shape {
  const shapes = ways.map(rowShape)
  if (shapes.length === 1) return shapes[0]!
  const isAsking = shapes.length <= mostWays && shapes.every(({ demands }) => demands.length > 0)
  return {
    first: shapes.map(({ first }) => first).reduce(joinedBytes, none), last: shapes.map(({ last }) => last).reduce(joinedBytes, none), mayBeEmpty: shapes.some(({ mayBeEmpty }) => mayBeEmpty),
    plain: null, demands: isAsking ? [{ kind: 'any', rows: shapes.map(({ demands }) => demands) }] : [],
  }
}

function rowShape(row: readonly Node[]): Shape {
  const shapes = row.filter(({ kind }) => kind !== 'assert').map(nodeShape)
  if (shapes.length === 1) return shapes[0]!
  const demands: Demand[] = shapes.flatMap((shape) => shape.demands)
  for (const [place, shape] of shapes.entries()) {
    if (shape.mayBeEmpty) continue
    const after = firstOf(shapes, place + 1)
    const pair = after.isSure ? pairOf(shape.last, after.of) : null
    if (pair !== null) demands.push(pair)
    if (shape.plain !== null && shape.plain.least > 1) demands.push(...longerRun(shapes, place, shape.plain))
  }
  return { first: firstOf(shapes).of, last: firstOf(shapes.toReversed(), 0, 'last').of, mayBeEmpty: shapes.every((shape) => shape.mayBeEmpty), plain: null, demands }
}

/** What may stand first from a place of a row on; `isSure`: something does. */
function firstOf(shapes: readonly Shape[], from = 0, end: 'first' | 'last' = 'first'): Readonly<{ of: Bytes; isSure: boolean }> {
  let of = none
  for (let place = from; place < shapes.length; place++) {
    const shape = shapes[place]!
    of = of === none ? shape[end] : joinedBytes(of, shape[end])
    if (!shape.mayBeEmpty) return { of, isSure: true }
  }
  return { of, isSure: false }
}

/** Neighbours of the same class make a run longer: `4[0-9]{12}` is thirteen digits. */
function longerRun(shapes: readonly Shape[], place: number, plain: Readonly<{ of: Bytes; least: number }>): readonly Demand[] {
  const isIn = (shape: Shape | undefined): boolean => shape !== undefined && shape.plain !== null && shape.plain.of.every((member, byte) => member === 0 || plain.of[byte] === 1)
  let from = place
  let to = place
  while (isIn(shapes[from - 1])) from--
  while (isIn(shapes[to + 1])) to++
  const length = shapes.slice(from, to + 1).reduce((sum, shape) => sum + shape.plain!.least, 0)
  return length > plain.least && length >= shortestRun ? [{ kind: 'run', of: plain.of, length }] : []
}

function nodeShape(node: Node): Shape {
  switch (node.kind) {
    case 'byte':
    case 'set':
      return single(bytesOfNode(node))
    case 'group':
      return waysShape(node.ways)
    case 'repeat':
      return repeatShape(nodeShape(node.node), node.least)
    default:
      return { first: none, last: none, mayBeEmpty: true, plain: null, demands: [] }
  }
}

function single(of: Bytes): Shape {
  return { first: of, last: of, mayBeEmpty: false, plain: { of, least: 1 }, demands: [] }
}

/** Only what is repeated at least once asks for anything. */
function repeatShape(shape: Shape, least: number): Shape {
  const { first, last, plain } = shape
  if (least === 0) return { first, last, mayBeEmpty: true, plain: plain === null ? null : { of: plain.of, least: 0 }, demands: [] }
  const pair = least > 1 && !shape.mayBeEmpty ? pairOf(last, first) : null
  const length = plain === null ? 0 : plain.least * least
  const demands: Demand[] = [...shape.demands, ...(pair === null ? [] : [pair]), ...(length >= shortestRun ? [{ kind: 'run', of: plain!.of, length } as const] : [])]
  return { ...shape, plain: plain === null ? null : { of: plain.of, least: length }, demands }
}

function pairOf(before: Bytes, after: Bytes): Demand | null {
  const [left, right] = [members(before), members(after)]
  if (left.length === 0 || right.length === 0 || left.length * right.length > mostPairs) return null
  return { kind: 'pair', pairs: pairsOf(left, right) }
}

function members(bytes: Bytes): readonly number[] {
  const all: number[] = []
  for (let byte = 0; byte < 256; byte++) if (bytes[byte] === 1) all.push(byte)
  return all
}

function pairsOf(left: readonly number[], right: readonly number[]): Uint16Array {
  const pairs = new Uint16Array(left.length * right.length)
  let at = 0
  for (const one of left) for (const other of right) pairs[at++] = one * 256 + other
  return pairs
}
