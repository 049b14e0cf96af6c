import type { Profile } from '#core/profile.ts'
import type { Failure, Net, Swept } from '../net.ts'
import type { Packets } from '../packet/packets.ts'
import { connectSweep } from './connect-sweep.ts'
import type { Turnstile } from './gate.ts'

type SweptHost = Readonly<{ address: string; gate: Turnstile; cuts: Set<(why: Failure) => void> }>

/** Sweeps by packets, and where none may be sent by connections. What cuts the host (its budget, the end of the scan) cuts the sweep at once. */
export async function* sweepOver(packets: Packets, host: SweptHost, net: Pick<Net, 'knock' | 'patience'>, profile: Profile, ports: Iterable<number>, stop: AbortSignal): AsyncGenerator<Swept> {
  const list = Uint16Array.from(ports)
  const controller = new AbortController()
  const cut = (why: Failure): void => controller.abort(why)
  if (host.gate.over !== null) cut(host.gate.over)
  host.cuts.add(cut)
  try {
    const found = await packets.sweep(host.address, list, AbortSignal.any([controller.signal, stop]))
    yield* found ?? connectSweep(net, profile, host.address, list, stop)
  } finally {
    host.cuts.delete(cut)
  }
}
