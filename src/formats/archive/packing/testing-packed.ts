import { spawnSync } from 'node:child_process'
import type { Packing } from './packing.ts'

/** Packs bytes with the tool that everybody packs them with: Debian's bzip2, xz-utils and zstd. */
export function packedBy(packing: Exclude<Packing, 'gzip'>, bytes: Uint8Array, ...options: readonly string[]): Buffer {
  const tool = packing === 'zstd' ? 'zstd' : packing === 'xz' ? 'xz' : 'bzip2'
  const { stdout, status, error, stderr } = spawnSync(tool, ['-c', ...options], { input: bytes, maxBuffer: 1e9 })
  if (error !== undefined || status !== 0) throw new Error(`${tool} (Debian package ${packing === 'xz' ? 'xz-utils' : tool}): ${error?.message ?? stderr.toString()}`)
  return stdout
}
