import type { Sql as Pool } from 'postgres'
import type { Passwords } from './embedded/server.ts'

/**
 * Makes the two roles the program works as. On the embedded server they log in with passwords of their own; on a given server
 * (`passwords` null) they cannot log in, and the given user becomes them at connection start.
 */
export async function ensureRoles(owner: Pool, passwords: Passwords | null): Promise<void> {
  for (const [role, password] of [['vigil_app', passwords?.app], ['vigil_platform', passwords?.platform]] as const) {
    const known = await owner`select rolcanlogin from pg_roles where rolname = ${role}`
    if (known.length === 0) {
      await owner.unsafe(`create role ${role} ${password === undefined ? 'nologin' : `login password '${literal(password)}'`}`)
    } else if (password !== undefined) {
      await owner.unsafe(`alter role ${role} login password '${literal(password)}'`)
    }
    if (passwords === null) await owner.unsafe(`grant ${role} to current_user`).catch(alreadyGranted)
  }
}

/** Passwords are base64url, made by us: anything else is a damaged file, not something to quote. */
function literal(password: string): string {
  if (!/^[A-Za-z0-9_-]{16,}$/.test(password)) throw new Error('database.json holds a password that this program did not make.')
  return password
}

function alreadyGranted(error: unknown): void {
  if (!/permission denied|already|circular|member of itself/.test(String(error))) throw error
}
