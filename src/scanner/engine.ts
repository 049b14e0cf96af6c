import { askKey, type Ask } from '#core/ask.ts'
import { emptyIpSet, normalise, parseIpRange, parseIpSet } from '#core/ip-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Signature } from '#core/signature.ts'
import { probes } from '#engine/probes.ts'
import type { Tools } from '#engine/probe.ts'
import { runScan } from '#engine/run.ts'
import type { SliceEngine } from './scanner.ts'

/** The engine over one slice: the slice's hosts are the whole scope, its exclusions the holes in it. */
export const sliceEngine: SliceEngine = async (slice, signatures, sink, signal) => {
  await runScan({
    hosts: slice.hosts,
    scope: normalise(slice.hosts.map((host) => parseIpRange(host.address))),
    exclude: slice.exclude === '' ? emptyIpSet : parseIpSet(slice.exclude),
    profile: slice.profile,
    asks: asksOf(signatures, slice.profile),
    probes,
    now: Date.now,
    sink,
    signal,
  })
}

/** The requests that the profile's signatures need; equal ones once, with all the signatures that read the answer. */
export function asksOf(signatures: readonly Signature[], profile: Profile): Tools['asks'] {
  const pooled = new Map<string, { ask: Ask; signatures: number[] }>()
  const wanted = profile.signatures === 'all' ? null : new Set(profile.signatures)
  const unwanted = new Set(profile.exclude)
  for (const { id, ask } of signatures) {
    if (ask === undefined || unwanted.has(id) || (wanted !== null && !wanted.has(id))) continue
    const key = askKey(ask)
    const known = pooled.get(key)
    if (known === undefined) pooled.set(key, { ask, signatures: [id] })
    else known.signatures.push(id)
  }
  return [...pooled.values()]
}
