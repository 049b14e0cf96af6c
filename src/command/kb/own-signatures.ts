import { fileURLToPath } from 'node:url'
import type { Import } from '#knowledge/build/build.ts'

/** The signatures that came with this program: part of every release. */
export function ownSignatures(): readonly Import[] {
  return [{ source: 'vigil', paths: [fileURLToPath(new URL('../../../content', import.meta.url))] }]
}
