import { parseIpSet } from '#core/ip-set.ts'
import type { Shapes } from '#core/observation.ts'
import { standard } from '#core/profile.ts'
import type { Profile } from '#core/profile.ts'
import { openNet } from './net/open.ts'
import type { Tools } from './probe.ts'
import type { Service, Sighting, UdpService, WebService } from './service.ts'
import { targetOf, udpTargetOf, webTargetOf } from './target.ts'

/** Profile for tests on loopback: short waits, small budgets. */
export const loopbackProfile: Profile = {
  ...standard,
  limits: { ...standard.limits, connect: 1000, answer: 800, host: 60_000 },
}

/** Runs `work` with real tools whose scope is loopback alone. */
export async function withTools<T>(work: (tools: Tools, signal: AbortSignal) => Promise<T>, profile: Profile = loopbackProfile): Promise<T> {
  const controller = new AbortController()
  const net = openNet({ scope: parseIpSet('127.0.0.0/8,::1'), exclude: [], profile, signal: controller.signal, now: Date.now })
  try {
    return await work({ net, profile, asks: [], names: [], host: {}, open: new Set(), credentials: [], callbacks: null, now: Date.now }, controller.signal)
  } finally {
    net.close()
  }
}

/** `names`: what the host is called, as `tools.names` holds it. */
export type LookOptions = Readonly<{ tls?: boolean; address?: string; profile?: Profile; greeting?: Uint8Array; names?: readonly string[] }>

/** One service against one loopback port, with the real network. */
export function lookAt(service: Service, port: number, options: LookOptions = {}): Promise<Sighting | null> {
  const address = options.address ?? '127.0.0.1'
  return withTools(async (bare, signal) => {
    const tools = { ...bare, names: options.names ?? [] }
    const target = targetOf({ asset: address, address, port, proto: 'tcp' }, options.tls ?? false, options.greeting ?? new Uint8Array(), tools, signal)
    try {
      return await service.look(target)
    } finally {
      target.close()
    }
  }, options.profile)
}

export function askUdp(service: UdpService, port: number, options: LookOptions = {}): Promise<Sighting | null> {
  const address = options.address ?? '127.0.0.1'
  return withTools((tools, signal) => service.look(udpTargetOf({ asset: address, address, port, proto: 'udp' }, tools, signal)), options.profile)
}

/** `root` is the page the service hints at; only `look` is run. */
export function lookAtWeb(service: WebService, port: number, root: Shapes['http'], options: LookOptions = {}): Promise<Sighting | null> {
  const address = options.address ?? '127.0.0.1'
  return withTools((tools, signal) => service.look(webTargetOf({ asset: address, address, port, proto: 'tcp' }, root, tools, signal)), options.profile)
}
