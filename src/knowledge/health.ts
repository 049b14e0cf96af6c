import { join } from 'node:path'
import type { SourceName } from '#core/knowledge/record.ts'
import { readJson, writeJson } from './folder.ts'

/** How the last import of a feed went, beside the releases: an import that failed makes none. */
export type HealthEntry = Readonly<{ source: SourceName; feed: string; problem: string | null; at: string }>

export function readHealth(folder: string): readonly HealthEntry[] {
  return readJson<{ feeds: HealthEntry[] }>(join(folder, 'health.json'), (value) => Array.isArray(value.feeds))?.feeds ?? []
}

/** Only what failed is kept; an import that went well clears it. */
export function recordHealth(folder: string, entries: readonly HealthEntry[]): void {
  const known = new Map(readHealth(folder).map((one) => [`${one.source} ${one.feed}`, one] as const))
  for (const one of entries) {
    if (one.problem === null) known.delete(`${one.source} ${one.feed}`)
    else known.set(`${one.source} ${one.feed}`, one)
  }
  writeJson(join(folder, 'health.json'), { feeds: [...known.values()] })
}
