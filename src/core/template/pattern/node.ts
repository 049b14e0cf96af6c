/** An RE2 pattern over bytes, taken apart. */
export type Node =
  /** One byte; `fold`: either case of it. */
  | Readonly<{ kind: 'byte'; byte: string; fold: boolean }>
  | Readonly<{ kind: 'set'; set: ByteSet }>
  | Readonly<{ kind: 'assert'; is: 'start' | 'end' | 'line-start' | 'line-end' | 'word' | 'no-word' }>
  | Readonly<{ kind: 'group'; captures: boolean; ways: readonly (readonly Node[])[] }>
  | Readonly<{ kind: 'repeat'; node: Node; least: number; most: number; lazy: boolean }>

/**
 * What one character may be: ASCII by its codes, and beyond it nothing, everything (`open`: any character, or a byte that is part of none), or these sequences of bytes,
 * each a row of ranges.
 */
export type ByteSet = Readonly<{ ascii: readonly (readonly [number, number])[]; open: boolean; sequences: readonly (readonly (readonly [number, number])[])[] }>

/** The ways of a pattern that is one group and nothing else. */
export function unwrapped(ways: readonly (readonly Node[])[]): readonly (readonly Node[])[] {
  const only = ways.length === 1 && ways[0]!.length === 1 ? ways[0]![0]! : null
  return only?.kind === 'group' ? unwrapped(only.ways) : ways
}

/** What is no RE2 pattern, or one that could not be matched in bounded time. */
export class BadPattern extends Error {}
