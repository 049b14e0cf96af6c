import type { Node } from './node.ts'

/** How many bytes whatever the ways match has at most; and whether they ask for the begin or the end of a text or a line. */
export type Span = Readonly<{ most: number; hasEnds: boolean }>

export function spanOf(ways: readonly (readonly Node[])[]): Span {
  const rows = ways.map((row) => row.map(nodeSpan))
  return { most: Math.max(0, ...rows.map((row) => row.reduce((sum, { most }) => sum + most, 0))), hasEnds: rows.flat().some(({ hasEnds }) => hasEnds) }
}

function nodeSpan(node: Node): Span {
  switch (node.kind) {
    case 'byte':
      return { most: 1, hasEnds: false }
    case 'set':
      // Of a byte that begins a character beyond ASCII, all that follow it are taken.
      return { most: node.set.open ? Infinity : Math.max(1, ...node.set.sequences.map(({ length }) => length)), hasEnds: false }
    case 'group':
      return spanOf(node.ways)
    case 'repeat': {
      const { most, hasEnds } = nodeSpan(node.node)
      return { most: most === 0 || node.most === 0 ? 0 : most * node.most, hasEnds }
    }
    default:
      return { most: 0, hasEnds: node.is !== 'word' && node.is !== 'no-word' }
  }
}
