import type { Evidence } from '#core/observation.ts'
import type { Exchange } from '#core/proof.ts'

/** One HTTP answer, bounded. */
export type HttpAnswer = Readonly<{
  /** `1.1`, `1.0`; `0.9` when the bytes had no status line (then status is 0). */
  version: string
  status: number
  reason: string
  /** Names lower-case; repeated headers joined by `, ` except set-cookie, which joins by newline. */
  headers: Readonly<Record<string, string>>
  /** Decoded (chunked, gzip, deflate, br, zstd), at most 65,536 bytes. */
  body: Uint8Array
  /** `body` as text: UTF-8, or Latin-1 where it says so or is not UTF-8; at most 65,536 characters. */
  text: string
  /** Bytes of the body as received, before decoding and cut. */
  length: number
  /** More body was there than was taken. */
  cut: boolean
  evidence: Evidence
  /** Bytes for a proof. */
  exchange(note?: string): Exchange
}>
