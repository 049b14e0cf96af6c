import { bytesOfNode, bytesOfSet, type Bytes } from './byte-class.ts'
import { countsBytes } from './emit.ts'
import type { ByteSet, Node } from './node.ts'

/**
 * A pattern as a program of a machine that is in many places at once. `take`: a byte of the set, then `next`; `either`: on to `next` and to `other`; `assert`: on to `next` where it holds; `match`: here it matches.
 * Begins at its last place.
 */
export type Program = readonly Instruction[]

export type Instruction =
  | { readonly kind: 'take'; readonly of: Bytes; readonly next: number }
  | { readonly kind: 'either'; next: number; readonly other: number }
  | { readonly kind: 'assert'; readonly is: (Node & { kind: 'assert' })['is']; readonly next: number }
  | { readonly kind: 'match' }

/** A program that is longer would make too many states. */
const longest = 1000

class TooLong extends Error {}

/** What the emitted pattern (emit.ts) matches, as a program; null where it would be too long, or has ends of lines, which V8's flag sees elsewhere. */
export function programOf(ways: readonly (readonly Node[])[]): Program | null {
  const program: Instruction[] = []
  const add = (one: Instruction): number => {
    if (program.length >= longest) throw new TooLong()
    return program.push(one) - 1
  }

  // Each is written behind what follows it.
  const waysBefore = (all: readonly (readonly Node[])[], next: number): number => all.map((row) => rowBefore(row, next)).reduce((other, way) => add({ kind: 'either', next: other, other: way }))
  const rowBefore = (row: readonly Node[], next: number): number => row.reduceRight((after, node) => nodeBefore(node, after), next)

  function nodeBefore(node: Node, next: number): number {
    switch (node.kind) {
      case 'byte':
        return add({ kind: 'take', of: bytesOfNode(node), next })
      case 'set':
        return setBefore(node.set, next)
      case 'group':
        return waysBefore(node.ways, next)
      case 'repeat':
        return repeatBefore(node, next)
      default:
        if (node.is === 'line-end') throw new TooLong()
        return add({ kind: 'assert', is: node.is, next })
    }
  }

  /** One character: its one byte, or all that it has. */
  function setBefore(set: ByteSet, next: number): number {
    const one = add({ kind: 'take', of: set.open ? bytesOfSet(set) : bytesOfSet({ ...set, sequences: [] }), next })
    if (set.open) {
      const last = { kind: 'take' as const, of: between(0x80, 0xbf), next: 0 }
      const tail = add(last)
      last.next = add({ kind: 'either', next, other: tail })
      return add({ kind: 'either', next: one, other: add({ kind: 'take', of: between(0xc2, 0xf4), next: tail }) })
    }
    return set.sequences.map((row) => row.reduceRight((after, [from, to]) => add({ kind: 'take', of: between(from, to), next: after }), next)).reduce((other, way) => add({ kind: 'either', next: other, other: way }), one)
  }

  function repeatBefore({ node, least, most }: Node & { kind: 'repeat' }, next: number): number {
    const isBytes = node.kind === 'set' && node.set.open && countsBytes(least, most)
    const once = (after: number): number => (isBytes ? add({ kind: 'take', of: bytesOfNode(node), next: after }) : nodeBefore(node, after))
    let start = next
    if (most === Infinity) {
      const again: Instruction = { kind: 'either', next: 0, other: next }
      const place = add(again)
      again.next = once(place)
      start = place
    } else for (let count = least; count < most; count++) start = add({ kind: 'either', next: once(start), other: next })
    for (let count = 0; count < least; count++) start = once(start)
    return start
  }

  try {
    const start = waysBefore(ways, add({ kind: 'match' }))
    // So that it begins at its last place.
    add({ kind: 'either', next: start, other: start })
    return program
  } catch (error) {
    if (error instanceof TooLong) return null
    throw error
  }
}

function between(from: number, to: number): Bytes {
  return new Uint8Array(256).fill(1, from, to + 1)
}
