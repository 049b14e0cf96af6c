import type { DatabaseSync } from 'node:sqlite'
import { constants, zstdCompressSync } from 'node:zlib'
import { packFile, planFile } from '#core/template/pack.ts'
import { unpackText } from '../body.ts'

const params = { [constants.ZSTD_c_compressionLevel]: 6, [constants.ZSTD_c_windowLog]: 22 }

/**
 * Packs the plans of all templates that are run into the one file that scanners are given (src/core/template/pack.ts): lines of JSON in the order of their checks. Returns the source that the
 * file counts to, to be sealed with it; nothing where there are no templates.
 */
export function packTemplates(db: DatabaseSync): readonly number[] {
  const owner = db.prepare(`select min(source) as source from "check" where kind = 'template'`).get() as { source: number | null }
  db.prepare('delete from file where key = ?').run(packFile)
  if (owner.source === null) return []
  const rows = db.prepare(`select c.id, f.bytes from "check" c join file f on f.key = ? || substr(c.key, 10) where c.kind = 'template' and c.runnable = 1 order by c.id`)
  const lines: Buffer[] = []
  for (const { id, bytes } of rows.iterate(planFile) as Iterable<{ id: number; bytes: Uint8Array }>) lines.push(Buffer.from(`{"check":${id},"plan":${unpackText(bytes)}}\n`))
  if (lines.length > 0) db.prepare('insert into file (key, source, bytes) values (?, ?, ?)').run(packFile, owner.source, zstdCompressSync(Buffer.concat(lines), { params }))
  return [owner.source]
}
