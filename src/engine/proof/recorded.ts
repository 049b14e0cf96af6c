import type { Exchange } from '#core/proof.ts'
import type { Endpoint } from '../net.ts'

/** A conversation as it lies in a proof, turn by turn: `[sent, received, sent, received, …]`. */
export type Recorded = Readonly<{ over: Exchange['over']; to: string; turns: readonly Uint8Array[]; ended: boolean; at: number }>

export function recordedOf(exchange: Exchange): Recorded {
  const [sent, received] = [Buffer.from(exchange.sent, 'base64'), Buffer.from(exchange.received, 'base64')]
  const lengths = exchange.turns ?? [sent.length, received.length]
  const turns: Uint8Array[] = []
  const from = [0, 0]
  for (const [place, length] of lengths.entries()) {
    const side = place % 2
    const bytes = side === 0 ? sent : received
    turns.push(bytes.subarray(from[side]!, from[side]! + length))
    from[side]! += length
  }
  return { over: exchange.over, to: exchange.to, turns, ended: exchange.ended ?? exchange.turns === undefined, at: exchange.at }
}

export function endpointText({ address, port }: Endpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

export type Shelf = Readonly<{
  pick(to: string, said: Uint8Array): Recorded | null
  follow(to: string, before: readonly Uint8Array[], said: Uint8Array): Readonly<{ talk: Recorded; turn: number }> | null
  has(to: string): boolean
  datagrams(to: string, asked: readonly Uint8Array[]): readonly Uint8Array[]
}>

/**
 * Picks the conversation that begins with what is said now: one not used yet that says the very same, else one that was used, else one that differs only in what chance
 * chose (runs of ten letters and digits or more). Null: the proof holds none. `follow`: one of those in which the other side spoke first, and
 * where in it the same is said: after the same turns of ours, or after any.
 */
export function openShelf(exchanges: readonly Exchange[]): Shelf {
  const all = exchanges.map(recordedOf)
  const used = new Set<Recorded>()
  const take = (one: Recorded | undefined): Recorded | null => {
    if (one === undefined) return null
    used.add(one)
    return one
  }
  return {
    has: (to) => all.some((one) => one.to === to),
    pick(to, said) {
      const here = all.filter((one) => one.over !== 'udp' && one.to === to)
      const fits = here.filter((one) => startsAs(one.turns[0], said))
      const alike = fits.length > 0 ? fits : here.filter((one) => one.turns[0] !== undefined && masked(one.turns[0]) === masked(said))
      return take(alike.find((one) => !used.has(one)) ?? alike[0])
    },
    follow(to, before, said) {
      const here = all.filter((one) => one.over !== 'udp' && one.to === to && one.turns[0]?.length === 0)
      const same = here.find((one) => startsAs(one.turns[before.length], said) && before.every((turn, place) => place % 2 === 1 || masked(one.turns[place]!) === masked(turn)))
      const other = same === undefined ? here.find((one) => one.turns.some((turn, place) => place % 2 === 0 && startsAs(turn, said))) : same
      if (other === undefined) return null
      used.add(other)
      return { talk: other, turn: same === undefined ? other.turns.findIndex((turn, place) => place % 2 === 0 && startsAs(turn, said)) : before.length }
    },
    datagrams(to, asked) {
      const here = all.filter((one) => one.over === 'udp' && one.to === to)
      const first = here.find((one) => !used.has(one) && startsAs(one.turns[0], asked[0] ?? new Uint8Array())) ?? here.find((one) => !used.has(one) && one.turns[0]?.length === asked[0]?.length)
      if (first === undefined) return []
      const together = here.filter((one) => one.at === first.at)
      for (const one of together) used.add(one)
      return together.flatMap((one) => (one.turns[1] === undefined || one.turns[1].length === 0 ? [] : [one.turns[1]]))
    },
  }
}

/** What was recorded may be the longer one: several writes were one turn. Nothing said fits who spoke first. */
function startsAs(recorded: Uint8Array | undefined, said: Uint8Array): boolean {
  if (recorded === undefined || recorded.length < said.length || (said.length === 0) !== (recorded.length === 0)) return false
  return Buffer.compare(recorded.subarray(0, said.length), said) === 0
}

function masked(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').replace(/[0-9A-Za-z]{10,}/g, (run) => '#'.repeat(run.length))
}
