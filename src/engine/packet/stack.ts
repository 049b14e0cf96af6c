import type { Shapes } from '#core/observation.ts'

/** What a SYN-ACK shows of the stack that sent it. `options`: their order, as letters: M segment size, S selective acknowledgement, T time stamp, N padding, W window scale, E end. */
export type StackSight = Readonly<{ ttl: number; window: number; options: string; segment: number; scale: number; id: number; dontFragment: boolean; clock: number | null }>

const letters: Readonly<Record<number, string>> = { 2: 'M', 3: 'W', 4: 'S', 8: 'T' }

/** Reads it in place; `end` bounds it. */
export function stackSight(bytes: Uint8Array, network: number, transport: number, end: number, version: 4 | 6): StackSight {
  const word = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
  let options = ''
  let segment = 0
  let scale = -1
  let clock: number | null = null
  const last = Math.min(end, transport + (bytes[transport + 12]! >>> 4) * 4)
  for (let at = transport + 20; at < last && options.length < 12;) {
    const kind = bytes[at]!
    const length = kind <= 1 ? 1 : bytes[at + 1]!
    if (kind !== 1 && (length < 2 || at + length > last) && kind !== 0) break
    options += kind === 0 ? 'E' : kind === 1 ? 'N' : letters[kind] ?? '?'
    if (kind === 0) break
    if (kind === 2 && length === 4) segment = word(at + 2)
    if (kind === 3 && length === 3) scale = bytes[at + 2]!
    if (kind === 8 && length === 10) clock = ((word(at + 2) << 16) | word(at + 4)) >>> 0
    at += length
  }
  return {
    ttl: version === 4 ? bytes[network + 8]! : bytes[network + 7]!,
    window: word(transport + 14),
    options, segment, scale, clock,
    id: version === 4 ? word(network + 4) : 0,
    dontFragment: version === 4 && (bytes[network + 6]! & 0x40) !== 0,
  }
}

type Known = Readonly<{ name: string; family: string; ttl: number; options: RegExp; scale?: readonly number[]; window?: readonly number[]; confidence: number }>

/**
 * How systems answer a SYN that offers everything, by their published defaults: first hops, the order of options, the offered window and its scale. It is a guess: a load balancer or a firewall
 * answers with its own stack, and settings change all but the order. Sources: Linux net/ipv4/tcp_output.c (tcp_synack_options), FreeBSD tcp_output.c (tcp_addoptions), Microsoft's TCP/IP registry documentation (DefaultTTL 128).
 */
const known: readonly Known[] = [
  { name: 'Linux', family: 'Linux', ttl: 64, options: /^MSTNW$/, scale: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14], confidence: 75 },
  { name: 'Linux', family: 'Linux', ttl: 64, options: /^MNNSNW$/, confidence: 60 },
  { name: 'Windows', family: 'Windows', ttl: 128, options: /^MNW(NNS|ST|NNT|NNTS|NNTNNS)$/, window: [8192, 65535, 64240, 16384], confidence: 75 },
  { name: 'Windows', family: 'Windows', ttl: 128, options: /^M/, confidence: 50 },
  { name: 'FreeBSD', family: 'BSD', ttl: 64, options: /^MNWST$/, window: [65535], confidence: 60 },
  { name: 'macOS', family: 'Apple', ttl: 64, options: /^MNWNNTSE+$/, window: [65535], confidence: 65 },
  { name: 'OpenBSD', family: 'BSD', ttl: 64, options: /^MNNSNWNNT$/, window: [16384], confidence: 65 },
  { name: 'Solaris', family: 'Solaris', ttl: 64, options: /^(STM|NNTM|MNWNNTNNS)/, confidence: 50 },
  { name: 'network equipment', family: 'Embedded', ttl: 255, options: /^M/, confidence: 40 },
  { name: 'lwIP', family: 'Embedded', ttl: 255, options: /^M$/, confidence: 45 },
]

/** Hops a system sends with, by what is left of them: the next of the usual ones. */
export function firstHops(ttl: number): number {
  return [32, 64, 128, 255].find((usual) => ttl <= usual) ?? 255
}

/**
 * What a host seems to be, by the SYN-ACKs of its ports, and what does not fit one host: answers with different hops, options or clocks come from different machines behind one address, and a host
 * that answers on nearly every port has something before it that answers in its stead. Null of nothing.
 */
export function systemOf(sights: readonly (readonly [port: number, sight: StackSight])[], everythingOpen: boolean): Shapes['system'] | null {
  const first = sights[0]?.[1]
  if (first === undefined) return null
  const distinct = (of: (sight: StackSight) => string | number): number => new Set(sights.map(([, sight]) => of(sight))).size
  const differing = [
    ...(distinct((sight) => sight.ttl) > 1 ? ['hops'] : []),
    ...(distinct((sight) => sight.options) > 1 ? ['options'] : []),
    ...(distinct((sight) => sight.scale) > 1 ? ['scale'] : []),
  ]
  const hops = firstHops(first.ttl)
  const guess = known.find((one) => one.ttl === hops && one.options.test(first.options)
    && (one.scale === undefined || one.scale.includes(first.scale)) && (one.window === undefined || one.window.includes(first.window)))
  const isShared = differing.length > 0 || everythingOpen
  const facts = {
    hops: first.ttl, distance: hops - first.ttl, window: first.window, options: first.options, segment: first.segment, scale: first.scale, dontFragment: first.dontFragment,
    severalStacks: differing, answersEverything: everythingOpen,
  }
  return { source: 'stack', name: guess?.name ?? 'unknown', ...(guess === undefined ? {} : { family: guess.family }), confidence: guess === undefined ? 0 : isShared ? Math.floor(guess.confidence / 2) : guess.confidence, facts }
}
