import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'
import type { Store } from '#store/store.ts'
import type { Mailer } from '../mail/mailer.ts'
import { digestHtml, digestText, titleOf } from './digest-text.ts'
import { readWeek } from './digest.ts'
import { lastWeeks } from './week.ts'

export type DigestSubscription = Readonly<{ subscribed: boolean; failure: string | null }>

export async function digestSubscription(store: Store, user: string): Promise<DigestSubscription> {
  const [row] = await store.platform(({ sql }) => sql<{ failure: string | null }[]>`select failure from digest_subscription where user_id = ${user}`)
  return { subscribed: row !== undefined, failure: row?.failure ?? null }
}

/** The first one comes when the running week is over. */
export async function subscribeToDigest(store: Store, user: string, subscribed: boolean, now: Date): Promise<void> {
  await store.platform(async ({ sql }) => {
    if (!subscribed) await sql`delete from digest_subscription where user_id = ${user}`
    else await sql`insert into digest_subscription (user_id, last_week, since) values (${user}, ${lastWeeks(2, now)[1]!}, ${now}) on conflict (user_id) do nothing`
  })
}

const atOnce = 200
/** Tries come an hour apart. */
const mostTries = 24
/** A server that refuses so many in a row is down. */
const mostFailures = 5

/**
 * Sends the digest of the week that is over to whoever wants it and has not got it, and notes each: a process that dies in between sends one message twice at most, under the
 * same Message-ID. A quiet week is not sent. Asked every hour, so that a platform or a mail server that was down on Monday makes up for it. Answers how many were sent.
 */
export async function sendDigests(store: Store, base: KnowledgeBase, mailer: Mailer, origin: string, now: Date, signal?: AbortSignal): Promise<number> {
  const week = lastWeeks(2, now)[1]!
  const digest = await readWeek(store, base, week)
  if (digest === null || digest.counts.updates === 0) return 0
  const mail = { subject: titleOf(digest), text: digestText(digest, origin), html: digestHtml(digest, origin), unsubscribe: `${origin}/kb/updates` }
  const host = new URL(origin).hostname
  let sent = 0
  let failures = 0
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const people = await store.platform(({ sql }) => sql<{ id: string; email: string }[]>`
      select u.id, u.email from digest_subscription d join app_user u on u.id = d.user_id
      where d.last_week < ${week} and u.id > ${after} and exists (select from membership m where m.user_id = u.id and m.state = 'active') order by u.id limit ${atOnce}`)
    for (const { id, email } of people) {
      if (signal?.aborted === true || failures >= mostFailures) return sent
      const outcome = await mailer.send({ ...mail, to: email, id: `digest.${week}.${id}@${host}` })
      await store.platform(({ sql }) => outcome === 'sent'
        ? sql`update digest_subscription set last_week = ${week}, tries = 0, failure = null where user_id = ${id}`
        : sql`
          update digest_subscription set failure = ${outcome.failure}, tries = case when ${outcome.gone} or tries + 1 >= ${mostTries} then 0 else tries + 1 end,
            last_week = case when ${outcome.gone} or tries + 1 >= ${mostTries} then ${week} else last_week end where user_id = ${id}`)
      sent += outcome === 'sent' ? 1 : 0
      failures = outcome === 'sent' || outcome.gone ? 0 : failures + 1
    }
    const last = people.at(-1)
    if (last === undefined) return sent
    after = last.id
  }
}
