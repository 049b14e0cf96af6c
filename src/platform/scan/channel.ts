import { fail } from '#core/errors.ts'
import type { ScannerChannel } from '#channel/channel.ts'
import type { Slice } from '#core/slice.ts'
import type { TemplatePack } from '#core/template/pack.ts'
import { claimSlices, slicesOf, sliceChannel, tenantOfSlice, type Claimant } from '#store/slices.ts'
import type { SecretBox } from '#store/secrets.ts'
import type { Store } from '#store/store.ts'
import { credentialsFor } from '../credential/hand-out.ts'
import type { FingerprintSet } from '../kb/fingerprints.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { heartbeat, sealingKey, touch } from '../scanner/registry.ts'
import { takeReport } from './ingest.ts'
import { dispatchSlice, expireSlice, finishSlice } from './slice.ts'

/** How long a lease call waits for work, and how often it looks without being woken. */
const longPollMs = 25_000
const pollMs = 2000

export type PlatformChannelOptions = Readonly<{
  store: Store
  /** The checks in force, for everybody or, with `tenant`, for one organisation; may be others at any time. */
  knowledge: (tenant?: string) => Knowledge
  /** Which organisations are scanned for other checks than everybody, and what those checks are. Absent: none. */
  lines?: Readonly<{ of(tenant: string): string; knowledge(line: string): Knowledge }>
  /** How software names itself, the same for everybody. Absent or null: scanners know what their probes know. */
  fingerprints?: () => FingerprintSet | null
  /** Templates of the release in force. */
  templates?: () => TemplatePack | null
  /** Opens the logins of organisations, to seal them to scanners. Absent: no scanner is given any. */
  secrets?: SecretBox
  now?: () => number
}>

export type PlatformChannel = Readonly<{
  /** The platform's end for one scanner, which the caller has made sure of. `address` is where it calls from. */
  of(who: Claimant, address?: string | null): ScannerChannel
  /** The checks in force, with which scans are cut and judged. */
  knowledge(tenant?: string): Knowledge
  /** Other checks are in force: whoever waits for work is answered, and fetches them. */
  swapped(): void
  stop(): Promise<void>
}>

/** The platform's end of what scanners say: used directly by the built-in scanner, and behind HTTPS by the others. */
export async function openPlatformChannel(options: PlatformChannelOptions): Promise<PlatformChannel> {
  const { store, knowledge, lines } = options
  const now = options.now ?? Date.now
  /** What a scanner has on board: checks, and fingerprints and templates where there are any. */
  const packed = (release: string): string => [release, options.fingerprints?.()?.version, options.templates?.()?.digest.slice(0, 12)].filter((part) => part !== undefined).join('.')
  const waiting = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  const unlisten = await store.listen(sliceChannel, wakeAll, wakeAll)
  const tenants = new Map<string, string>()
  const touched = new Map<string, number>()
  let stopped = false
  let swaps = 0

  async function tenantOf(slice: string): Promise<string | null> {
    const isId = /^[0-9a-f-]{36}$/.test(slice)
    const known = tenants.get(slice) ?? (isId ? await store.platform((tx) => tenantOfSlice(tx, slice)) : null)
    if (known !== null) {
      // A cache only: a slice never changes its tenant.
      if (tenants.size > 10_000) tenants.clear()
      tenants.set(slice, known)
    }
    return known
  }

  function sleep(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, pollMs)
      waiting.add(done)
      signal.addEventListener('abort', done)
    })
  }

  /** Reports are heartbeats too, but one a second is no news. */
  async function alive(who: Claimant): Promise<void> {
    if (now() - (touched.get(who.id) ?? 0) < 10_000) return
    touched.set(who.id, now())
    if (!(await store.platform((tx) => touch(tx, who.id, now())))) fail('scanner.bad_token')
  }

  async function claim(who: Claimant, most: number, key: string | null): Promise<Slice[]> {
    const slices: Slice[] = []
    for (const row of await store.platform((tx) => claimSlices(tx, who, most, now()))) {
      tenants.set(row.id, row.tenant_id)
      const slice = await store.write(row.tenant_id, (tx) => dispatchSlice(tx, row.id, who.id, now(), { content: packed(knowledge(row.tenant_id).release), line: lines?.of(row.tenant_id) ?? 'general' }))
      if (slice !== null) slices.push(await withLogins(slice, row.tenant_id, key))
    }
    return slices
  }

  async function withLogins(slice: Slice, tenant: string, key: string | null): Promise<Slice> {
    if (options.secrets === undefined || key === null || slice.profile.login === false) return slice
    const credentials = await credentialsFor(store, options.secrets, tenant, slice, key)
    return credentials.length === 0 ? slice : { ...slice, credentials }
  }

  const of = (who: Claimant, address: string | null = null): ScannerChannel => ({
    async lease(me, most, signal) {
      if (!(await store.platform((tx) => heartbeat(tx, who.id, me, address, now())))) fail('scanner.bad_token')
      const holds = new Set(me.holds)
      for (const lost of await store.platform((tx) => slicesOf(tx, who.id))) {
        if (holds.has(lost.id)) continue
        await store.write(lost.tenant, (tx) => expireSlice(tx, lost.id, (slice) => slice.leased_by === who.id, now()))
      }
      const key = options.secrets === undefined ? null : await store.platform((tx) => sealingKey(tx, who.id, me))
      const until = now() + longPollMs
      const before = swaps
      for (;;) {
        const slices = signal.aborted || stopped ? [] : await claim(who, Math.min(most, 64), key)
        if (slices.length > 0 || signal.aborted || stopped || now() >= until || swaps !== before) return slices
        await sleep(signal)
      }
    },
    async report(slice, seq, batch) {
      const tenant = await tenantOf(slice)
      if (tenant === null) return 'stop'
      await alive(who)
      return store.write(tenant, (tx) => takeReport(tx, who.id, slice, seq, batch, () => knowledge(tenant), now()))
    },
    async finish(slice, outcome) {
      const tenant = await tenantOf(slice)
      if (tenant !== null) await store.write(tenant, (tx) => finishSlice(tx, slice, who.id, outcome, now()))
      tenants.delete(slice)
    },
    async content(have, line) {
      const { release, signatures } = line === undefined || lines === undefined ? knowledge() : lines.knowledge(line)
      const named = options.fingerprints?.() ?? null
      const offered = packed(release)
      const templates = options.templates?.() ?? null
      return offered === have ? null : {
        release: offered, signatures: [...signatures.values()], ...(named === null ? {} : { fingerprints: named.list }), ...(templates === null ? {} : { templates: { digest: templates.digest } }),
      }
    },
    async templates(digest) {
      const held = options.templates?.() ?? null
      return held?.digest === digest ? held.bytes : null
    },
  })

  return {
    of,
    knowledge,
    swapped() {
      swaps++
      wakeAll()
    },
    async stop() {
      stopped = true
      wakeAll()
      await unlisten()
    },
  }
}
