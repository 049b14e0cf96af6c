import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where all state lives: `--data`, else VIGIL_DATA, else a place by who we are. Root gets /var/lib/vigil, since its home is closed to the
 * unprivileged user that the database runs as.
 */
export function dataFolder(given: string | undefined, environment = process.env): string {
  const wanted = given ?? environment['VIGIL_DATA']
  if (wanted !== undefined && wanted !== '') return resolve(wanted)
  if (process.getuid?.() === 0) return '/var/lib/vigil'
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'vigil')
}
