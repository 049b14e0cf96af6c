import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { contentSums, rootOf } from './build/seal.ts'
import type { Current } from './folder.ts'

export type Verified = Readonly<{ problems: readonly string[]; root: string }>

/** Reads a release to the last byte: the file's own structure, then the content of every source against its hash, then the root. */
export function verifyRelease(folder: string, current: Current): Verified {
  const db = new DatabaseSync(join(folder, current.file), { readOnly: true })
  try {
    db.exec('pragma trusted_schema = off; pragma query_only = on')
    const problems = (db.prepare('pragma integrity_check(20)').all() as { integrity_check: string }[]).map((row) => row.integrity_check).filter((text) => text !== 'ok')
    if (problems.length > 0) return { problems, root: '' }
    const sources = db.prepare('select id, name, feed, content from source').all() as { id: number; name: string; feed: string; content: string }[]
    const sums = contentSums(db, new Set(sources.map((source) => source.id)))
    for (const source of sources) {
      if (sums.get(source.id) !== source.content) problems.push(`what ${source.name}${source.feed === '' ? '' : ` ${source.feed}`} holds is not what was sealed`)
    }
    const root = rootOf(db)
    if (root !== current.root) problems.push('the root is not the one in current.json')
    return { problems, root }
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)], root: '' }
  } finally {
    db.close()
  }
}
