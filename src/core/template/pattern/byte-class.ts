import type { ByteSet, Node } from './node.ts'

/** One for each byte that may be, zero for each other. */
export type Bytes = Uint8Array

/** Whatever byte a character of the set may have in it: one beyond ASCII may have all that are beyond. */
export function bytesOfSet({ ascii, open, sequences }: ByteSet): Bytes {
  const bytes = new Uint8Array(256)
  for (const [from, to] of ascii) bytes.fill(1, from, to + 1)
  if (open || sequences.length > 0) bytes.fill(1, 0x80)
  return bytes
}

export function joinedBytes(one: Bytes, other: Bytes): Bytes {
  const bytes = one.slice()
  for (let byte = 0; byte < 256; byte++) bytes[byte]! |= other[byte]!
  return bytes
}

/** All bytes that may be in what it matches. */
export function bytesOfNode(node: Node): Bytes {
  if (node.kind === 'set') return bytesOfSet(node.set)
  if (node.kind === 'repeat') return bytesOfNode(node.node)
  if (node.kind === 'group') return node.ways.flat().map(bytesOfNode).reduce(joinedBytes, new Uint8Array(256))
  const bytes = new Uint8Array(256)
  if (node.kind === 'assert') return bytes
  bytes[node.byte.charCodeAt(0)] = 1
  if (node.fold) bytes[node.byte.charCodeAt(0) ^ 0x20] = 1
  return bytes
}
