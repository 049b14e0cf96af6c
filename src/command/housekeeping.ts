import { recordPosture } from '#platform/dashboard/dashboard.ts'
import { recordFixPlans } from '#platform/finding/fix-plan.ts'
import { expireIgnores } from '#platform/finding/ignore.ts'
import { settleFindings } from '#platform/finding/settle.ts'
import { sendDigests } from '#platform/kb/digest-mail.ts'
import { settleQueue } from '#platform/kb/edit.ts'
import type { KnowledgeHolder } from '#platform/kb/holder.ts'
import { refreshThreats } from '#platform/kb/threat.ts'
import { recordTopTen } from '#platform/kb/top-ten.ts'
import type { Mailer } from '#platform/mail/mailer.ts'
import { forgetGone } from '#platform/observation/retention.ts'
import { makeReport } from '#platform/report/make.ts'
import { dropExpiredReports, reportQueue } from '#platform/report/report.ts'
import { sweepIdentity } from '#platform/user/session.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import type { Jobs } from '#store/jobs.ts'
import type { Store } from '#store/store.ts'

export type HousekeepingOptions = Readonly<{
  store: Store; jobs: Jobs; blobs: BlobStore; knowledge: KnowledgeHolder; onError: (error: unknown) => void
  /** Where messages leave, and the address that their links begin with; absent: none is sent. */
  mail?: Readonly<{ mailer: Mailer; origin: string }>
}>

/** Scores follow the release: one job at a time, and one that waits. */
const scoreQueue = 'scores'

/**
 * Background work: reports as they are asked for, scores when a release came into force, ignores that end by the minute, and by the hour the trend, the Top 10, large fix
 * plans and what has run out; digests, where there is a mail server.
 */
export async function startHousekeeping({ store, jobs, blobs, knowledge, onError, mail }: HousekeepingOptions): Promise<Readonly<{ score(): Promise<void> }>> {
  await jobs.work(reportQueue, async (data, signal) => {
    await makeReport({ store, blobs, release: knowledge.ofLine('general').release, now: Date.now }, { tenant: String(data['tenant']), report: String(data['report']) }, signal)
  })
  await jobs.work(settleQueue, async (data, signal) => void (await settleFindings(store, String(data['tenant']), { checks: [Number(data['check'])], signal })), { seconds: 3600 })
  await jobs.work(scoreQueue, async (_, signal) => void (await refreshThreats(store, knowledge.base(), new Date(), signal)), { seconds: 7200 })
  const score = (): Promise<void> => store.platform((tx) => jobs.queue(tx, scoreQueue, {}, { once: scoreQueue }))
  knowledge.heard(() => void score().catch(onError))
  await score()
  await jobs.work('every-minute', async () => void (await expireIgnores(store, new Date())))
  await jobs.schedule('every-minute', '* * * * *', {})
  await jobs.work('every-hour', async () => {
    const now = new Date()
    await recordPosture(store, now)
    await dropExpiredReports(store, blobs, now)
    await sweepIdentity({ store, now: Date.now })
    await forgetGone(store, now)
    await score()
    await recordTopTen(store, now)
    await recordFixPlans(store, now)
  })
  await jobs.schedule('every-hour', '17 * * * *', {})
  if (mail !== undefined) {
    await jobs.work('digest', async (_, signal) => void (await sendDigests(store, knowledge.base(), mail.mailer, mail.origin, new Date(), signal)), { seconds: 3600 })
    await jobs.schedule('digest', '47 * * * *', {})
  }
  return { score }
}
