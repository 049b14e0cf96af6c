import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { SourceName } from '#core/knowledge/record.ts'
import { unpackText } from './body.ts'
import type { Current } from './folder.ts'
import { sourceNames } from './read/rows.ts'

export type ExportOptions = Readonly<{ source?: SourceName }>

/** Writes the records of a release as lines of JSON that `import` reads back, one source's or (for reading) all with their source named. Returns how many. */
export async function exportRecords(folder: string, current: Current, path: string, { source }: ExportOptions): Promise<number> {
  const db = new DatabaseSync(join(folder, current.file), { readOnly: true })
  const unfinished = `${path}.${process.pid}.part`
  try {
    const names = sourceNames(db)
    const file = createWriteStream(unfinished, { mode: 0o600 })
    const out = path.endsWith('.gz') ? createGzip() : file
    if (out !== file) out.pipe(file)
    let lines: string[] = []
    let count = 0
    const flush = async (): Promise<void> => {
      if (lines.length > 0 && !out.write(`${lines.join('\n')}\n`)) await once(out, 'drain')
      lines = []
    }
    const add = async (from: number | SourceName, text: string): Promise<void> => {
      const name = typeof from === 'number' ? names.get(from) : from
      if (source !== undefined && name !== source) return
      lines.push(source === undefined ? `{"source":${JSON.stringify(name)},${text.slice(1)}` : text)
      count++
      if (lines.length >= 1000) await flush()
    }
    if (source !== undefined) {
      const about = db.prepare('select max(snapshot) as snapshot, sum(records) as records from source where name = ?').get(source) as { snapshot: string | null; records: number | null }
      lines.push(JSON.stringify({ record: 'head', ...(about.snapshot === null ? {} : { snapshot: about.snapshot }), whole: true }), JSON.stringify({ record: 'counted', records: about.records ?? 0 }))
    }
    for (const [table, order] of [['statement', 'vulnerability, source, key'], ['affected', 'id'], ['"check"', 'id'], ['lifecycle', 'key'], ['fingerprint', 'file, position'], ['benchmark', 'key'], ['rule', 'benchmark, key']] as const) {
      const only = table === '"check"' ? `where kind in ('template', 'library')` : ''
      for (const row of db.prepare(`select source, body from ${table} ${only} order by ${order}`).iterate() as Iterable<{ source: number; body: Uint8Array }>) await add(row.source, unpackText(row.body))
    }
    const rows = db.prepare('select v.name as vulnerability, p.probability, p.percentile from probability p join vulnerability v on v.id = p.vulnerability order by p.vulnerability')
    for (const row of rows.iterate()) await add('epss', JSON.stringify({ record: 'probability', ...row }))
    for (const row of db.prepare('select source, prefix, organization from hardware order by prefix').iterate() as Iterable<{ source: number; prefix: string; organization: string }>) {
      await add(row.source, JSON.stringify({ record: 'hardware', prefix: row.prefix, organization: row.organization }))
    }
    lines.push('{"record":"end"}')
    await flush()
    out.end()
    await finished(file)
    await rename(unfinished, path)
    return count
  } finally {
    db.close()
  }
}
