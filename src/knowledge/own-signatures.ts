import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { build, type BuildReport, type Import } from './build/build.ts'
import { readCurrent } from './folder.ts'
import { fingerprintOf } from './import/fingerprint.ts'

/** The signatures that came with this program, as the feed they are in a release; `content` holds `signatures/…yaml`. */
export function ownSignatures(content: string): Import {
  return { source: 'vigil', paths: [content] }
}

/**
 * Makes the release in force hold the signatures that came with this program: the first release of a new installation, or one after an update of the program. Null when
 * it does already, which is found out without a thread, in milliseconds. To be called after the start, not before.
 */
export async function keepOwnSignatures(folder: string, content: string): Promise<BuildReport | null> {
  const current = readCurrent(folder)
  if (current !== null && inputIn(join(folder, current.file)) === (await fingerprintOf([content]))) return null
  return build(folder, [ownSignatures(content)])
}

function inputIn(path: string): string | null {
  try {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      return (db.prepare(`select input from source where name = 'vigil'`).get() as { input: string } | undefined)?.input ?? null
    } finally {
      db.close()
    }
  } catch {
    return null
  }
}
