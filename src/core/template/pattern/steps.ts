import { bytesOfNode, joinedBytes, type Bytes } from './byte-class.ts'
import { unwrapped, type Node } from './node.ts'

/**
 * The beginning of each way of a pattern as at most 31 steps, each one bit: a step is reached from the one before by a byte of `take`, and is not left by a byte of `stay`. Whatever the pattern matches goes from
 * one of `first` to one of `last`; other texts may as well, as what is hard to say is said by the bytes that may be in it.
 */
export type Steps = Readonly<{ take: Int32Array; stay: Int32Array; first: number; last: number }>

const most = 31
const none: Bytes = new Uint8Array(256)

type Step = { readonly take: Bytes; stay: Bytes }

/** Null where nothing is asked for. */
export function stepsOf(whole: readonly (readonly Node[])[]): Steps | null {
  const ways = unwrapped(whole)
  const room = Math.floor(most / ways.length)
  if (room < 1) return null
  const all = ways.map((row) => stepsOfRow(row).slice(0, room))
  if (all.some((row) => row.length === 0)) return null
  const take = new Int32Array(256)
  const stay = new Int32Array(256)
  let first = 0
  let last = 0
  let bit = 0
  for (const row of all) {
    first |= 1 << bit
    for (const step of row) {
      for (let byte = 0; byte < 256; byte++) {
        if (step.take[byte] === 1) take[byte]! |= 1 << bit
        if (step.stay[byte] === 1) stay[byte]! |= 1 << bit
      }
      bit += 1
    }
    last |= 1 << (bit - 1)
  }
  return { take, stay, first, last }
}

function stepsOfRow(row: readonly Node[]): Step[] {
  const steps: Step[] = []
  for (const node of row) addSteps(node, steps)
  return steps
}

function addSteps(node: Node, steps: Step[]): void {
  if (node.kind === 'assert' || steps.length > most) return
  if (node.kind === 'byte') steps.push({ take: bytesOfNode(node), stay: none })
  else if (node.kind === 'group' && node.ways.length === 1) for (const one of node.ways[0]!) addSteps(one, steps)
  else if (node.kind === 'repeat' && node.least > 0) {
    for (let count = 0; count < Math.min(node.least, most); count++) addSteps(node.node, steps)
    if (node.most > node.least) linger(steps, bytesOfNode(node.node))
  } else {
    const bytes = bytesOfNode(node)
    // A character beyond ASCII is several bytes; of ways at least one byte is there, unless one of them is nothing.
    if (node.kind === 'set' || (node.kind === 'group' && !mayBeEmpty(node))) steps.push({ take: bytes, stay: node.kind === 'set' && bytes[0x80] === 0 ? none : bytes })
    else linger(steps, bytes)
  }
}

/** Bytes that may follow and need not; before the first step they decide nothing. */
function linger(steps: Step[], bytes: Bytes): void {
  const step = steps.at(-1)
  if (step !== undefined) step.stay = joinedBytes(step.stay, bytes)
}

function mayBeEmpty(node: Node): boolean {
  if (node.kind === 'group') return node.ways.some((row) => row.every(mayBeEmpty))
  return node.kind === 'assert' || (node.kind === 'repeat' && (node.least === 0 || mayBeEmpty(node.node)))
}

/** Whether some part of a text goes through all steps. */
export function isWalked({ take, stay, first, last }: Steps, bytes: Uint8Array, size: number): boolean {
  let steps = 0
  for (let at = 0; at < size; at++) {
    const byte = bytes[at]!
    steps = (((steps << 1) | first) & take[byte]!) | (steps & stay[byte]!)
    if ((steps & last) !== 0) return true
  }
  return false
}
