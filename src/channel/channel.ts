import type { ScanEvent } from '#core/event.ts'
import type { Signature } from '#core/signature.ts'
import type { Slice } from '#core/slice.ts'

/** What a scanner says of itself with every call. */
export type ScannerInfo = Readonly<{
  id: string
  software: string
  /** KnowledgeBase release on board, or '' for none. */
  content: string
  /** Slices under way. */
  running: number
  capacity: number
}>

export type Answer = 'go on' | 'pause' | 'stop'

export type ContentPack = Readonly<{ release: string; signatures: readonly Signature[] }>

/**
 * What platform and scanner say to each other: one contract, an in-process end and an HTTPS end. The scanner always calls;
 * nothing ever connects to it.
 */
export interface ScannerChannel {
  /** Waits up to 30 s for work. Counts as a heartbeat. */
  lease(me: ScannerInfo, most: number, signal: AbortSignal): Promise<readonly Slice[]>
  /**
   * Delivers batch `seq` (from the slice's `seq` on, without gaps) and renews the lease. Idempotent: a batch already taken is
   * acknowledged again and not stored twice. `stop` also answers a slice that was leased to somebody else meanwhile.
   */
  report(slice: string, seq: number, batch: readonly ScanEvent[]): Promise<Answer>
  finish(slice: string, outcome: 'done' | 'partial' | 'paused' | 'lost'): Promise<void>
  /** The content release to run with, or null when `have` is it. */
  content(have: string): Promise<ContentPack | null>
}
