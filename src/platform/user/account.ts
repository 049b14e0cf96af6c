import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { PlatformTx, Sql } from '#store/store.ts'
import { hashSecret, newPaperCodes, normalPaperCode } from './secret-token.ts'

type Reach = Pick<PlatformTx, 'sql'>
export type NewAccount = Readonly<{ name: string; email: string; passwordHash: string }>

/** Makes a person with a password. The hash is made before the transaction, since it takes its time. */
export async function createAccount({ sql }: Reach, { name, email, passwordHash }: NewAccount, now: Date): Promise<string> {
  const id = newId(now.getTime())
  const made = await sql`
    insert into app_user (id, name, email, email_verified, two_factor_enabled, created_at, updated_at)
    values (${id}, ${name.trim()}, ${email.toLowerCase()}, false, false, ${now}, ${now}) on conflict (email) do nothing returning id`
  if (made.length === 0) fail('email.taken', { email })
  await sql`
    insert into account (id, account_id, provider_id, user_id, password, created_at, updated_at)
    values (${newId(now.getTime())}, ${id}, 'credential', ${id}, ${passwordHash}, ${now}, ${now})`
  return id
}

/** Sets the password and ends every session: whoever held one may not be who now holds the password. */
export async function replacePassword({ sql }: Reach, user: string, passwordHash: string, now: Date): Promise<void> {
  await sql`update account set password = ${passwordHash}, updated_at = ${now} where user_id = ${user} and provider_id = 'credential'`
  await endSessions(sql, user)
}

export async function endSessions(sql: Sql, user: string, except: string | null = null): Promise<number> {
  const ended = await sql`delete from session where user_id = ${user} ${except === null ? sql`` : sql`and id <> ${except}`}`
  return ended.count
}

/** Replaces the codes that stand in for a forgotten password. They are shown this once. */
export async function renewRecoveryCodes({ sql }: Reach, user: string, now: Date): Promise<readonly string[]> {
  const codes = newPaperCodes()
  await sql`delete from recovery_code where user_id = ${user}`
  for (const code of codes) await sql`insert into recovery_code (hash, user_id, created_at) values (${hashSecret(normalPaperCode(code))}, ${user}, ${now})`
  return codes
}

/** Uses a code up and returns the person whose it was, if it belongs to that address. */
export async function useRecoveryCode({ sql }: Reach, email: string, code: string): Promise<Readonly<{ id: string; name: string; email: string }> | null> {
  const [person] = await sql<{ id: string; name: string; email: string }[]>`
    delete from recovery_code r using app_user u
    where r.hash = ${hashSecret(normalPaperCode(code))} and u.id = r.user_id and u.email = ${email.toLowerCase()}
    returning u.id, u.name, u.email`
  return person ?? null
}

export async function countRecoveryCodes({ sql }: Reach, user: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*) as count from recovery_code where user_id = ${user}`
  return row!.count
}
