import { makeReport } from '#platform/report/make.ts'
import { dropExpiredReports, reportQueue } from '#platform/report/report.ts'
import type { Knowledge } from '#platform/kb/knowledge.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import type { Jobs } from '#store/jobs.ts'
import type { Store } from '#store/store.ts'

export type HousekeepingOptions = Readonly<{ store: Store; jobs: Jobs; blobs: BlobStore; knowledge: () => Knowledge; onError: (error: unknown) => void }>

/** Background work: reports as they are asked for, and once an hour what has run out. */
export async function startHousekeeping({ store, jobs, blobs, knowledge }: HousekeepingOptions): Promise<void> {
  await jobs.work(reportQueue, async (data, signal) => {
    await makeReport({ store, blobs, release: knowledge().release, now: Date.now }, { tenant: String(data['tenant']), report: String(data['report']) }, signal)
  })
  await jobs.work('housekeeping', async () => {
    await dropExpiredReports(store, blobs, new Date())
  })
  await jobs.schedule('housekeeping', '17 * * * *', {})
}
