import type { Plan } from '#core/template/plan.ts'
import type { Profile } from '#core/profile.ts'
import type { Callbacks } from '../../callback/callbacks.ts'
import type { Sight } from '../../probe.ts'
import { loopbackProfile, withTools } from '../../testing.ts'
import { libraryOf } from '../testing.ts'
import { runPort } from './port-run.ts'

type Match = Extract<Sight, { kind: 'match' }>
export type Looked = Readonly<{ matches: readonly Match[]; asked: readonly number[]; notes: readonly Extract<Sight, { kind: 'noted' }>[] }>
export type PortOptions = Readonly<{ service?: string; tls?: boolean; product?: string; proto?: 'tcp' | 'udp'; name?: string; open?: readonly number[]; profile?: Partial<Profile>; callbacks?: Callbacks; address?: string }>

/** Everything that templates say of one loopback port, with the real network. */
export function lookPort(port: number, plans: readonly Plan[], options: PortOptions = {}): Promise<Looked> {
  const address = options.address ?? '127.0.0.1'
  const library = libraryOf(plans)
  return withTools(async (bare, signal) => {
    const tools = { ...bare, templates: library, callbacks: options.callbacks ?? null, open: new Set(options.open ?? []), names: options.name === undefined ? [] : [options.name] }
    const at = { asset: address, address, port, proto: options.proto ?? 'tcp' } as const
    const data = { name: options.service ?? 'unknown', tls: options.tls ?? false, ...(options.product === undefined ? {} : { product: options.product }), facts: {} }
    const found: { matches: Match[]; asked: number[]; notes: Extract<Sight, { kind: 'noted' }>[] } = { matches: [], asked: [], notes: [] }
    for await (const sight of runPort({ kind: 'service', at, seen: 0, by: 'service@1', data }, library, tools, signal)) {
      if (sight.kind === 'match') found.matches.push(sight)
      else if (sight.kind === 'asked') found.asked.push(...sight.signatures)
      else if (sight.kind === 'noted') found.notes.push(sight)
    }
    return found
  }, { ...loopbackProfile, templates: 'fitting', ...options.profile })
}
