import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fail } from '#core/errors.ts'
import { lockFolder, pointTo, readCurrent, releasesOf, type Current } from './folder.ts'

/** Puts an older release that is kept in force again: by default the one before. Throws `knowledge.no_release`, `knowledge.damaged`, `knowledge.busy`. */
export function rollback(folder: string, to?: number): Current {
  const unlock = lockFolder(folder)
  try {
    const current = readCurrent(folder)
    const kept = releasesOf(folder)
    const wanted = to === undefined ? kept.find((one) => one.number < (current?.number ?? Number.POSITIVE_INFINITY)) : kept.find((one) => one.number === to)
    if (wanted === undefined) return fail('knowledge.no_release', { wanted: to ?? 'before', kept: kept.map((one) => one.number).join(', ') })
    const next = { ...factsIn(join(folder, wanted.file), wanted.file), file: wanted.file }
    pointTo(folder, next)
    return next
  } finally {
    unlock()
  }
}

/** The facts as the file itself tells them. */
function factsIn(path: string, name: string): Omit<Current, 'file'> {
  try {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const facts = Object.fromEntries((db.prepare('select name, value from fact').all() as { name: string; value: string }[]).map((row) => [row.name, JSON.parse(row.value) as unknown]))
      const { number, name: called, root, at, counts } = facts as unknown as Omit<Current, 'file'>
      return { number, name: called, root, at, counts }
    } finally {
      db.close()
    }
  } catch (error) {
    return fail('knowledge.damaged', { release: name, problem: error instanceof Error ? error.message : String(error) })
  }
}
