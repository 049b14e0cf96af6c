import type { Failure, Net } from '../../net.ts'
import type { HttpExchange } from '../wire.ts'
import type { Pool } from './pool.ts'

/** What all sessions with one host share, and what goes with the host: connections, and answers that were just got. */
export type Kept = Readonly<{ pools: Map<string, Pool>; recent: Map<string, Recent> }>
export type Recent = Readonly<{ answer: Promise<HttpExchange | Failure>; at: number }>

const hosts = new WeakMap<object, WeakMap<Net, Kept>>()

export function keptOf(host: object, net: Net): Kept {
  const nets = hosts.get(host) ?? new WeakMap<Net, Kept>()
  hosts.set(host, nets)
  const known = nets.get(net)
  if (known !== undefined) return known
  const kept: Kept = { pools: new Map(), recent: new Map() }
  nets.set(net, kept)
  return kept
}
