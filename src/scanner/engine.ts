import { compileFingerprints } from '#core/fingerprint/fingerprints.ts'
import { contains, emptyIpSet, normalise, parseIpRange, parseIpSet, type IpSet } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import { compileJudge, type Judge } from '#core/judge.ts'
import type { Observation } from '#core/observation.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import type { Profile } from '#core/profile.ts'
import type { Signature } from '#core/signature.ts'
import { poolAsks } from '#engine/http/asks.ts'
import { probes } from '#engine/probes.ts'
import type { Listener } from '#engine/callback/listener.ts'
import { recogniseWith, type Recognise } from '#engine/recognise/recognise.ts'
import { runScan } from '#engine/run.ts'
import type { SliceEngine } from './scanner.ts'
import { libraryOf } from './template-library.ts'

/** The engine with no listener for targets to call. */
export const sliceEngine: SliceEngine = sliceEngineWith(null)

/** The engine over one slice: the slice's hosts are the whole scope, its exclusions the holes in it; only they may call the listener, and only while the slice runs. */
export function sliceEngineWith(listener: Listener | null): SliceEngine {
  return async (slice, board, sink, signal) => {
    const scope = normalise(slice.hosts.map((host) => parseIpRange(host.address)))
    const leave = listener?.admit(scope)
    try {
      await runSlice(slice, board, sink, signal, scope, listener)
    } finally {
      leave?.()
    }
  }
}

async function runSlice(...[slice, board, sink, signal, scope, callbacks]: [...Parameters<SliceEngine>, IpSet, Listener | null]): Promise<void> {
  await runScan({
    hosts: slice.hosts,
    scope,
    callbacks,
    exclude: slice.exclude === '' ? emptyIpSet : parseIpSet(slice.exclude),
    profile: slice.profile,
    asks: pooled(board.signatures, slice.profile),
    probes,
    recognise: () => recogniseOf(board.fingerprints()),
    templates: () => libraryOf(board.templates(), slice.profile),
    proves: provingBy(board.signatures),
    credentials: (host) => (board.credentials ?? []).filter((one) => contains(parseIpSet(one.targets), parseIp(host.address)!)),
    now: Date.now,
    sink,
    signal,
  })
}

const prepared = new WeakMap<readonly Fingerprint[], Recognise>()

/** Made ready once for each list that is in force; slices side by side share it. */
function recogniseOf(fingerprints: readonly Fingerprint[]): Recognise | undefined {
  if (fingerprints.length === 0) return undefined
  const known = prepared.get(fingerprints) ?? recogniseWith(compileFingerprints(fingerprints))
  prepared.set(fingerprints, known)
  return known
}

/** What may become a finding: what a check holds at here, what a template matched, and what names a version, which the platform compares. */
function provingBy(signatures: () => readonly Signature[]): () => (seen: Observation) => boolean {
  return () => {
    const list = signatures()
    const judge = judges.get(list) ?? compileJudge(list)
    judges.set(list, judge)
    return (seen) => seen.kind === 'match' || (seen.kind === 'service' && seen.data.version !== undefined) || judge(seen).length > 0
  }
}
const judges = new WeakMap<readonly Signature[], Judge>()

/** What the signatures in force need to be asked, pooled anew only when they are others. */
function pooled(signatures: () => readonly Signature[], profile: Profile): () => ReturnType<typeof poolAsks> {
  let of: readonly Signature[] | null = null
  let asks: ReturnType<typeof poolAsks> = []
  return () => {
    const now = signatures()
    if (now !== of) {
      of = now
      asks = poolAsks(chosen(now, profile))
    }
    return asks
  }
}

/** The profile's signatures: only what they need is asked. */
function chosen(signatures: readonly Signature[], profile: Profile): readonly Signature[] {
  const wanted = profile.signatures === 'all' ? null : new Set(profile.signatures)
  const unwanted = new Set(profile.exclude)
  return signatures.filter(({ id }) => !unwanted.has(id) && (wanted === null || wanted.has(id)))
}
