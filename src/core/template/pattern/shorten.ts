import type { Node } from './node.ts'

type Row = readonly Node[]

/** A row that matches where the given one does, somewhere, with no more at its ends than it must have there, and without captures. */
export function shortened(row: Row): Row {
  return fromEnd(fromEnd(row.map(uncaptured), 'left'), 'right')
}

/** What is at this end of the whole pattern: nothing that may be missing, and nothing more often than it must be. */
function fromEnd(row: Row, side: 'left' | 'right'): Row {
  const rest = side === 'left' ? row.slice(row.findIndex(isNeeded)) : row.slice(0, row.findLastIndex(isNeeded) + 1)
  if (!row.some(isNeeded)) return []
  const node = side === 'left' ? rest[0]! : rest.at(-1)!
  const inner = side === 'left' ? rest.slice(1) : rest.slice(0, -1)
  const join = (few: Row): Row => (side === 'left' ? [...few, ...inner] : [...inner, ...few])
  if (node.kind === 'repeat') return node.least === 1 ? join(fromEnd([node.node], side)) : join([{ ...node, most: node.least }])
  return node.kind === 'group' ? join([{ ...node, ways: node.ways.map((way) => fromEnd(way, side)) }]) : rest
}

function isNeeded(node: Node): boolean {
  return node.kind !== 'repeat' || node.least > 0
}

function uncaptured(node: Node): Node {
  if (node.kind === 'group') return { ...node, captures: false, ways: node.ways.map((way) => way.map(uncaptured)) }
  return node.kind === 'repeat' ? { ...node, node: uncaptured(node.node) } : node
}
