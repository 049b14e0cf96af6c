import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { fail } from '#core/errors.ts'
import type { Store } from '#store/store.ts'

/** Failures before a lock, the first lock, and its limit; it doubles with each further failure. Forgotten after a day. */
const rules = { account: { free: 5, first: 60_000, most: 900_000 }, address: { free: 100, first: 60_000, most: 900_000 } } as const
const day = 86_400_000

/**
 * Counts a failed attempt before the password is looked at, so that many at once cannot all pass as the first, and takes it back
 * after success. An account that does not exist locks just the same: the answer tells nothing.
 */
export async function guarded<T>(store: Store, email: string, ip: string, now: number, attempt: () => Promise<T>): Promise<T> {
  const subjects = [[subject('account', email.toLowerCase()), rules.account], [subject('address', ip), rules.address]] as const
  for (const [key, rule] of subjects) {
    const until = await count(store, key, rule, now)
    if (until > now) fail('sign_in.locked', { minutes: Math.ceil((until - now) / 60_000) })
  }
  const result = await evenly(attempt)
  await store.platform(async ({ sql }) => {
    await sql`delete from login_attempt where subject = ${subjects[0][0]}`
    await sql`update login_attempt set failures = greatest(failures - 1, 0) where subject = ${subjects[1][0]}`
  })
  return result
}

/** A failure is told at whole tenths of a second, so that how long it took does not say whether the account exists. */
async function evenly<T>(attempt: () => Promise<T>): Promise<T> {
  const started = performance.now()
  try {
    return await attempt()
  } catch (error) {
    const spent = performance.now() - started
    await setTimeout(Math.ceil(spent / step) * step - spent)
    throw error
  }
}

const step = 100

/** Returns until when the subject was locked already, or 0 after counting one more failure. */
async function count(store: Store, key: Buffer, rule: Readonly<{ free: number; first: number; most: number }>, now: number): Promise<number> {
  return store.platform(async ({ sql }) => {
    const at = new Date(now)
    const [row] = await sql<{ failures: number; locked_until: Date | null }[]>`
      insert into login_attempt (subject, failures, locked_until, last_at) values (${key}, 0, null, ${at})
      on conflict (subject) do update set failures = case when login_attempt.last_at < ${new Date(now - day)} then 0 else login_attempt.failures end
      returning failures, locked_until`
    const { failures, locked_until: locked } = row!
    if (locked !== null && locked.getTime() > now) return locked.getTime()
    const over = failures + 1 - rule.free
    const until = over < 0 ? null : new Date(now + Math.min(rule.most, rule.first * 2 ** Math.min(over, 10)))
    await sql`update login_attempt set failures = ${failures + 1}, locked_until = ${until}, last_at = ${at} where subject = ${key}`
    return 0
  })
}

/** A hash, so that the table is no list of who tried to sign in. */
function subject(kind: string, text: string): Buffer {
  return createHash('sha256').update(`${kind}\0${text}`).digest()
}
