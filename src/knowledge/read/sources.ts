import type { DatabaseSync } from 'node:sqlite'
import type { Source, SourceName } from '#core/knowledge/record.ts'
import { readHealth } from '../health.ts'
import type { SourceHealth } from '../knowledge-base.ts'

/** After how many days without an import a source that changes is stale. */
const staleAfter: Readonly<Partial<Record<SourceName, number>>> = { kev: 7, epss: 4, nuclei: 30, cve: 7, vulnrichment: 14, nvd: 7, 'nvd-overrides': 30, osv: 14, ghsa: 14, debian: 7, ubuntu: 7, redhat: 7, alpine: 7 }
const mostExamples = 20

type Row = Readonly<{ id: number; name: SourceName; feed: string; snapshot: string | null; version: string | null; importedAt: string; records: number; statements: number; ranges: number }>

/** Every source there was a reader for when the release was built, with how its last import went. Parts of a source are counted together; the oldest snapshot counts. */
export function readSources(db: DatabaseSync, folder: string, now: number): readonly SourceHealth[] {
  const rows = db.prepare('select id, name, feed, snapshot, version, imported_at as importedAt, records, statements, ranges from source order by name, feed').all() as Row[]
  const unused = db.prepare('select reason, count, examples from unused where source = ? order by count desc')
  const failures = readHealth(folder)
  const known = JSON.parse((db.prepare(`select value from fact where name = 'sources'`).get() as { value: string }).value) as Source[]
  return known.map((source): SourceHealth => {
    const parts = rows.filter((row) => row.name === source.name)
    const failed = failures.filter((one) => one.source === source.name && one.problem !== null)
    const importedAt = parts.map((part) => part.importedAt).sort()[0] ?? null
    const days = staleAfter[source.name]
    const isStale = importedAt !== null && days !== undefined && now - Date.parse(importedAt) > days * 86_400_000
    const reasons = new Map<string, { count: number; examples: [string, string][] }>()
    for (const part of parts) {
      for (const { reason, count, examples } of unused.all(part.id) as { reason: string; count: number; examples: string }[]) {
        const before = reasons.get(reason) ?? { count: 0, examples: [] }
        reasons.set(reason, { count: before.count + count, examples: [...before.examples, ...(JSON.parse(examples) as [string, string][])].slice(0, mostExamples) })
      }
    }
    const sum = (field: 'records' | 'statements' | 'ranges'): number => parts.reduce((total, part) => total + part[field], 0)
    return {
      ...source, snapshot: parts.map((part) => part.snapshot).filter((one) => one !== null).sort()[0] ?? null,
      version: parts.length === 1 ? parts[0]!.version : null, importedAt, records: sum('records'), statements: sum('statements'), ranges: sum('ranges'),
      unused: [...reasons].map(([reason, { count, examples }]) => ({ reason, count, examples })).toSorted((a, b) => b.count - a.count),
      state: failed.length > 0 ? 'failed' : parts.length === 0 ? 'never' : isStale ? 'stale' : 'ok',
      problem: failed.length === 0 ? null : failed.map((one) => (one.feed === '' ? one.problem : `${one.feed}: ${one.problem}`)).join(' '), failedAt: failed.map((one) => one.at).sort().at(-1) ?? null,
    }
  })
}
