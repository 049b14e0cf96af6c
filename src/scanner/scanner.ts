import { VigilError } from '#core/errors.ts'
import type { Credential } from '#core/credential.ts'
import type { ScanEvent } from '#core/event.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import type { Signature } from '#core/signature.ts'
import type { Slice } from '#core/slice.ts'
import type { TemplatePack } from '#core/template/pack.ts'
import type { Answer, ContentPack, ScannerChannel } from '#channel/channel.ts'
import { openCredential, type ScannerKey } from '#channel/seal.ts'
import { openOutbox, pause } from './outbox.ts'
import type { Spool } from './spool.ts'

/** What a slice is looked at with. Asked anew for each host, since what is in force may change while a slice runs. */
export type Board = Readonly<{
  signatures(): readonly Signature[]
  /** Patterns that name software, if there are any. */
  fingerprints(): readonly Fingerprint[]
  templates(): TemplatePack | undefined
  /** Logins of the slice, opened. Absent: none. */
  credentials?: readonly Credential[]
}>

/** Looks at the hosts of a slice and says what it sees; ends early, without `done` for the hosts under way, when the signal fires. */
export type SliceEngine = (slice: Slice, board: Board, sink: (event: ScanEvent) => Promise<void>, signal: AbortSignal) => Promise<void>

export type ScannerOptions = Readonly<{
  channel: ScannerChannel
  engine: SliceEngine
  id: string
  software: string
  /** Slices at once. */
  capacity: number
  /** Opens the logins that are sealed to it. Absent: it is given none. */
  key?: ScannerKey
  spool: Spool | null
  /** How often a quiet slice reports: the time within which a pause or cancel takes effect. */
  heartbeatMs: number
  tell(text: string): void
  onError(error: unknown): void
}>

export type RunningScanner = Readonly<{
  /** Hands its slices back and ends; at most `graceMs`, then whatever is left is found lost by the platform. */
  stop(graceMs?: number): Promise<void>
  /** Resolves when the platform no longer knows this scanner. */
  dismissed: Promise<void>
}>

/** The scanner's role: lease, run, report, finish; content is renewed between slices and between the hosts of one, with no restart. */
export function startScanner(options: ScannerOptions): RunningScanner {
  const { channel, tell, onError } = options
  const running = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  const giveUp = new AbortController()
  const content = contentOf(channel)
  let slotFreed = new AbortController()
  let dismiss: () => void = () => {}
  const dismissed = new Promise<void>((resolve) => (dismiss = resolve))

  async function leaseLoop(): Promise<void> {
    await sendLeftovers(options, giveUp.signal)
    await content.renew('general').catch(onError)
    for (let failures = 0; !stopping.signal.aborted; ) {
      const most = Math.max(0, options.capacity - running.size)
      slotFreed = new AbortController()
      try {
        const me = { id: options.id, software: options.software, content: content.release(), holds: [...running.keys()],
          capacity: options.capacity, ...(options.key === undefined ? {} : { key: options.key.publicKey }) }
        // Only a wait for something urgent is cut short by a free slot: cutting any other could lose a lease on its way.
        const signal = most > 0 ? stopping.signal : AbortSignal.any([stopping.signal, slotFreed.signal])
        for (const slice of await channel.lease(me, most, signal)) start(slice)
        failures = 0
        // An answer also comes when other checks are in force: what runs goes on with them.
        if (running.size > 0) await content.renewAll().catch(onError)
      } catch (error) {
        if (stopping.signal.aborted) return
        if (slotFreed.signal.aborted) continue
        if (error instanceof VigilError && error.code === 'scanner.bad_token') return dismiss()
        onError(error)
        await pause(Math.min(30_000, 500 * 2 ** failures++), stopping.signal)
      }
    }
  }

  function start(slice: Slice): void {
    if (running.has(slice.id)) return
    const run = runSlice(options, slice, content, stopping.signal, giveUp.signal)
      .catch(onError)
      .finally(() => {
        running.delete(slice.id)
        slotFreed.abort()
      })
    running.set(slice.id, run)
  }

  const loop = leaseLoop().catch(onError)
  return {
    dismissed,
    async stop(graceMs = 10_000) {
      tell('stopping: handing back what is under way')
      stopping.abort()
      const timer = setTimeout(() => giveUp.abort(), graceMs)
      await loop
      await Promise.all(running.values())
      clearTimeout(timer)
    },
  }
}

async function runSlice(
  options: ScannerOptions,
  slice: Slice,
  content: Content,
  stopping: AbortSignal,
  giveUp: AbortSignal,
): Promise<void> {
  const { channel, onError } = options
  const told = new AbortController()
  let answer: Answer = 'go on'
  const spool = options.spool?.of(slice.id) ?? null
  const outbox = openOutbox({
    report: (seq, batch) => channel.report(slice.id, seq, batch),
    seq: slice.seq,
    spool,
    heartbeatMs: options.heartbeatMs,
    hear(said) {
      answer = said
      if (said !== 'go on') told.abort()
    },
    refused(error) {
      onError(error)
      told.abort()
    },
    onError,
  })
  // Outside its window no packet leaves, whether or not the platform can be reached to say so.
  const window = slice.windowEnds === null ? null : setTimeout(() => {
    answer = 'pause'
    told.abort()
  }, Math.max(0, Math.min(slice.windowEnds - Date.now(), 2_147_483_647)))
  let outcome: 'done' | 'partial' | 'lost' = 'done'
  try {
    const signal = AbortSignal.any([stopping, told.signal])
    const line = slice.line ?? 'general'
    const there = await patiently(() => content.need(line, slice.content), onError, signal)
    if (there !== null && !signal.aborted) await options.engine(slice, { ...content.board(line), credentials: opened(slice, options) }, (event) => outbox.put(event), signal)
    if (signal.aborted) outcome = 'partial'
  } catch (error) {
    onError(error)
    outcome = 'lost'
  } finally {
    if (window !== null) clearTimeout(window)
  }
  const delivered = await outbox.close(giveUp)
  // What was spooled and could not be sent yet is sent by the next start; the slice is finished then.
  if (!delivered && !told.signal.aborted) return
  if (!delivered) await spool?.clear()
  await finish(options, slice.id, (answer as Answer) === 'pause' && outcome === 'partial' ? 'paused' : outcome, giveUp)
}

/** One that does not open was sealed to another scanner, or changed on its way: it is said, and the scan goes on without. */
function opened(slice: Slice, { key, onError }: ScannerOptions): readonly Credential[] {
  return (slice.credentials ?? []).flatMap((sealed) => {
    const credential = key === undefined ? null : openCredential(sealed, key)
    if (credential === null) onError(new Error(`The login "${sealed.title.slice(0, 80)}" does not open with the key of this scanner.`))
    return credential === null ? [] : [credential]
  })
}

async function finish(options: ScannerOptions, slice: string, outcome: 'done' | 'partial' | 'paused' | 'lost',
  giveUp: AbortSignal): Promise<void> {
  await patiently(() => options.channel.finish(slice, outcome), options.onError, giveUp)
}

/** Tries until it works, is refused for good (null) or is no longer wanted (null). */
async function patiently<T>(work: () => Promise<T>, onError: (error: unknown) => void, signal: AbortSignal): Promise<T | null> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      onError(error)
      if ((error instanceof VigilError && error.status < 500) || signal.aborted) return null
      await pause(Math.min(10_000, 250 * 2 ** attempt), signal)
      if (signal.aborted) return null
    }
  }
}

/** Batches that a killed process had spooled: the platform takes what it has not, then gets the rest of the slice back. */
async function sendLeftovers(options: ScannerOptions, giveUp: AbortSignal): Promise<void> {
  for (const slice of (await options.spool?.left()) ?? []) {
    const spool = options.spool!.of(slice)
    await patiently(async () => {
      for await (const entry of spool.read()) {
        if ((await options.channel.report(slice, entry.seq, entry.batch)) === 'stop') break
      }
      await options.channel.finish(slice, 'partial')
    }, options.onError, giveUp)
    // Refused for good is as good as delivered; a stop before either leaves the file for the next start.
    if (!giveUp.aborted) await spool.clear()
  }
}

type Content = Readonly<{
  /** The release on board, of the line that everybody is scanned for. */
  release(): string
  renew(line: string): Promise<void>
  /** Every line on board. */
  renewAll(): Promise<void>
  /** Makes this release of the line be on board, or a newer one. */
  need(line: string, release: string): Promise<true>
  board(line: string): Board
}>

const noFingerprints: readonly Fingerprint[] = []

/** The checks on board, by line; replaced whole when others are in force. */
function contentOf(channel: ScannerChannel): Content {
  const none: ContentPack = { release: '', signatures: [] }
  const boards = new Map<string, ContentPack>()
  // Large, and the same for every line.
  let templates: TemplatePack | undefined
  const fetching = new Map<string, Promise<void>>()
  const renew = (line: string): Promise<void> => {
    const known = fetching.get(line)
    if (known !== undefined) return known
    const fetch = channel.content((boards.get(line) ?? none).release, line === 'general' ? undefined : line)
      .then(async (pack) => {
        if (pack === null) return
        if (pack.templates !== undefined && pack.templates.digest !== templates?.digest) {
          const { digest } = pack.templates
          const bytes = await channel.templates(digest)
          // Null: the platform has moved on, and the next renewal brings what is in force.
          if (bytes !== null) templates = { digest, bytes }
        }
        boards.set(line, pack)
      })
      .finally(() => fetching.delete(line))
    fetching.set(line, fetch)
    return fetch
  }
  return {
    release: () => (boards.get('general') ?? none).release,
    renew,
    async renewAll() {
      await Promise.all([...boards.keys()].map(renew))
    },
    async need(line, release) {
      // Once: when the platform has moved on since the slice was leased, its newest is what is right.
      if (boards.get(line)?.release !== release) await renew(line)
      return true
    },
    board(line) {
      const of = (): ContentPack => boards.get(line) ?? none
      return {
        signatures: () => of().signatures,
        fingerprints: () => of().fingerprints ?? noFingerprints,
        templates: () => (templates !== undefined && of().templates?.digest === templates.digest ? templates : undefined),
      }
    },
  }
}
