import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readCurrent } from './folder.ts'
import { fingerprintOf } from './import/fingerprint.ts'

/**
 * Whether the release in force holds other signatures than these, or there is none yet: a new installation, or one whose program was updated. Found out without a
 * thread, in milliseconds.
 */
export async function lacksSignatures(folder: string, paths: readonly string[]): Promise<boolean> {
  const current = readCurrent(folder)
  return current === null || inputIn(join(folder, current.file)) !== (await fingerprintOf(paths, 'vigil'))
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
