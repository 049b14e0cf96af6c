import { recordPosture } from '#platform/dashboard/dashboard.ts'
import { expireIgnores } from '#platform/finding/ignore.ts'
import type { Knowledge } from '#platform/kb/knowledge.ts'
import { forgetGone } from '#platform/observation/retention.ts'
import { makeReport } from '#platform/report/make.ts'
import { dropExpiredReports, reportQueue } from '#platform/report/report.ts'
import { sweepIdentity } from '#platform/user/session.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import type { Jobs } from '#store/jobs.ts'
import type { Store } from '#store/store.ts'

export type HousekeepingOptions = Readonly<{ store: Store; jobs: Jobs; blobs: BlobStore; knowledge: () => Knowledge }>

/** Background work: reports as they are asked for, ignores that end by the minute, and by the hour the trend and what has run out. */
export async function startHousekeeping({ store, jobs, blobs, knowledge }: HousekeepingOptions): Promise<void> {
  await jobs.work(reportQueue, async (data, signal) => {
    await makeReport({ store, blobs, release: knowledge().release, now: Date.now }, { tenant: String(data['tenant']), report: String(data['report']) }, signal)
  })
  await jobs.work('every-minute', async () => void (await expireIgnores(store, new Date())))
  await jobs.schedule('every-minute', '* * * * *', {})
  await jobs.work('every-hour', async () => {
    const now = new Date()
    await recordPosture(store, now)
    await dropExpiredReports(store, blobs, now)
    await sweepIdentity({ store, now: Date.now })
    await forgetGone(store, now)
  })
  await jobs.schedule('every-hour', '17 * * * *', {})
}
