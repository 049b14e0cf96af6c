import type { ScanEvent } from '#core/event.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import type { Signature } from '#core/signature.ts'
import type { Slice } from '#core/slice.ts'

/** What a scanner says of itself with every call. */
export type ScannerInfo = Readonly<{
  id: string
  software: string
  /** KnowledgeBase release on board, or '' for none. */
  content: string
  /**
   * Slices it holds. One leased to it that is not among them was lost, with a process that died or an answer that never came,
   * and returns to the queue at once.
   */
  holds: readonly string[]
  /** Slices it takes at once. */
  capacity: number
  /** Its X25519 key, 32 bytes as base64, to which logins are sealed. Absent: it is given none. */
  key?: string
}>

export type Answer = 'go on' | 'pause' | 'stop'

export type ContentPack = Readonly<{
  release: string
  signatures: readonly Signature[]
  /** Patterns that name software, without their examples. Absent: none are known, and services are named by their probes alone. */
  fingerprints?: readonly Fingerprint[]
  /** Templates of the release, to be fetched apart when this digest is not the one on board. Absent: there are none. */
  templates?: Readonly<{ digest: string }>
}>

/**
 * What platform and scanner say to each other: one contract, an in-process end and an HTTPS end. The scanner always calls;
 * nothing ever connects to it.
 */
export interface ScannerChannel {
  /**
   * Waits up to 30 s for work; with `most` 0 only for something urgent, like the verification of one finding. Counts as a
   * heartbeat. Throws `scanner.bad_token` when the scanner is not registered (any more).
   */
  lease(me: ScannerInfo, most: number, signal: AbortSignal): Promise<readonly Slice[]>
  /**
   * Delivers batch `seq` (from the slice's `seq` on, without gaps) and renews the lease. Idempotent: a batch already taken is
   * acknowledged again and not stored twice; an empty one only renews the lease and takes no number. `stop` also answers a slice
   * that was leased to somebody else meanwhile. A throw with a catalogue error below 500 is final, any other throw may be tried
   * again.
   */
  report(slice: string, seq: number, batch: readonly ScanEvent[]): Promise<Answer>
  finish(slice: string, outcome: 'done' | 'partial' | 'paused' | 'lost'): Promise<void>
  /** The content release to run with, or null when `have` is it. `line`: as the slice says, `general` when absent. */
  content(have: string, line?: string): Promise<ContentPack | null>
  /** The packed templates of this digest (src/core/template/pack.ts), or null when they are not in force any more. */
  templates(digest: string): Promise<Uint8Array | null>
}
