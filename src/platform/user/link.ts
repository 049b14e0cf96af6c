import { fail } from '#core/errors.ts'
import type { PlatformTx, Store } from '#store/store.ts'
import { hashSecret, newSecret } from './secret-token.ts'

const hour = 3_600_000
export const linkLife = { firstRun: 24 * hour, reset: 24 * hour, invitation: 7 * 24 * hour } as const

/** The page that takes all one-time links. The token stands behind `#`, so that no server and no log sees it. */
export function linkTo(origin: string, token: string): string {
  return `${origin}/welcome#token=${token}`
}

/**
 * The token of the link with which the first account of a new server is made; null once there is an account. Each call makes the
 * former link worthless, so that only what is on the screen now works.
 */
export async function issueFirstRunLink(store: Store, now: number = Date.now()): Promise<string | null> {
  return store.platform(async ({ sql }) => {
    if (await hasAccounts({ sql })) return null
    const token = newSecret()
    await sql`delete from one_time_link where purpose = 'first_run'`
    await sql`
      insert into one_time_link (hash, purpose, user_id, expires_at, created_at)
      values (${hashSecret(token)}, 'first_run', null, ${new Date(now + linkLife.firstRun)}, ${new Date(now)})`
    return token
  })
}

export async function hasAccounts({ sql }: Pick<PlatformTx, 'sql'>): Promise<boolean> {
  return (await sql`select from app_user limit 1`).length > 0
}

/** A link to set a new password, for `vigil reset EMAIL` and for managers. Null when there is no such account. */
export async function issueResetLink({ sql }: Pick<PlatformTx, 'sql'>, by: Readonly<{ email: string } | { user: string }>, now: number): Promise<string | null> {
  const [person] = await sql<{ id: string }[]>`
    select id from app_user where ${'email' in by ? sql`email = ${by.email.toLowerCase()}` : sql`id = ${by.user}`}`
  if (person === undefined) return null
  const token = newSecret()
  await sql`delete from one_time_link where purpose = 'reset' and user_id = ${person.id}`
  await sql`
    insert into one_time_link (hash, purpose, user_id, expires_at, created_at)
    values (${hashSecret(token)}, 'reset', ${person.id}, ${new Date(now + linkLife.reset)}, ${new Date(now)})`
  return token
}

export type Link = Readonly<{ purpose: 'first_run' | 'reset'; user: string | null; email: string | null; name: string | null }>

/** Looks at a link, or (`take`) uses it up. Unknown, used and expired are the same. */
export async function readLink({ sql }: Pick<PlatformTx, 'sql'>, token: string, now: number, take: boolean): Promise<Link> {
  const hash = hashSecret(token)
  const [link] = take
    ? await sql<{ purpose: Link['purpose']; user_id: string | null }[]>`
        delete from one_time_link where hash = ${hash} and expires_at > ${new Date(now)} returning purpose, user_id`
    : await sql<{ purpose: Link['purpose']; user_id: string | null }[]>`
        select purpose, user_id from one_time_link where hash = ${hash} and expires_at > ${new Date(now)}`
  if (link === undefined) return fail('link.invalid')
  if (link.purpose === 'first_run' && (await hasAccounts({ sql }))) return fail('link.invalid')
  if (link.user_id === null) return { purpose: link.purpose, user: null, email: null, name: null }
  const [person] = await sql<{ id: string; name: string; email: string }[]>`select id, name, email from app_user where id = ${link.user_id}`
  return person === undefined ? fail('link.invalid') : { purpose: link.purpose, user: person.id, email: person.email, name: person.name }
}
