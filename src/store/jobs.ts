import { PgBoss } from 'pg-boss'
import type { Sql as Pool } from 'postgres'
import { newId } from './id.ts'
import type { PlatformTx, Tx } from './store.ts'

/** Background work that belongs to no scanner: reports, clean-up, notices. Scan slices have their own table (slices.ts). */
export type Jobs = Readonly<{
  /**
   * Queues a job in the caller's transaction: it exists if and only if the transaction commits. `once` keeps a second job of the
   * same key from being queued while one waits.
   */
  queue(tx: Tx | PlatformTx, name: string, data: JobData, options?: Readonly<{ once?: string; after?: Date }>): Promise<void>
  /** Registers the worker of a queue. A job that throws is tried again three times, with growing pauses, then kept as failed. */
  work(name: string, run: (data: JobData, signal: AbortSignal) => Promise<void>, options?: Readonly<{ concurrency?: number; seconds?: number }>): Promise<void>
  /** Runs a job by cron expression (UTC). */
  schedule(name: string, cron: string, data: JobData): Promise<void>
  stop(): Promise<void>
}>

export type JobData = Readonly<Record<string, string | number | boolean | null>>

/**
 * pg-boss over our own pool, in a schema of its own. Queues are made when a worker registers, so a `queue` before that fails loudly
 * instead of losing the job.
 */
export async function openJobs(owner: Pool, onError: (error: unknown) => void): Promise<Jobs> {
  const boss = new PgBoss({
    schema: 'job',
    db: { executeSql: (text, values) => runAlone(owner, text, values) },
    // Our own pool has no session-pinned listener to lend; polling every two seconds is quick enough for reports.
    useListenNotify: false,
  } as ConstructorParameters<typeof PgBoss>[0])
  boss.on('error', onError)
  await boss.start()
  await owner.unsafe('grant usage on schema job to vigil_app, vigil_platform')
  return {
    async queue(tx, name, data, options = {}) {
      const id = await boss.send(name, data, {
        db: { executeSql: (text: string, values?: unknown[]) => run(tx.sql, text, values) },
        // The queue's policy keeps one waiting job a key; without a wish each job has a key of its own.
        singletonKey: options.once ?? newId(),
        ...(options.after === undefined ? {} : { startAfter: options.after }),
      })
      if (id === null && options.once === undefined) throw new Error(`The job ${name} could not be queued`)
    },
    async work(name, work, options = {}) {
      await boss.createQueue(name, { policy: 'short', retryLimit: 3, retryBackoff: true, expireInSeconds: options.seconds ?? 900 })
      await grantQueue(owner)
      await boss.work(name, { batchSize: 1, pollingIntervalSeconds: 1, localConcurrency: options.concurrency ?? 1 } as object, async ([job]) => {
        await work((job as { data: JobData }).data, (job as unknown as { signal: AbortSignal }).signal)
      })
    },
    async schedule(name, cron, data) {
      await boss.schedule(name, cron, data)
    },
    stop: () => boss.stop({ graceful: true, timeout: 5000 }),
  }
}

/** Jobs are queued inside tenants' transactions, which run as vigil_app: it may add jobs and read queue settings, nothing more. */
async function grantQueue(owner: Pool): Promise<void> {
  const tables = await owner<{ name: string; has_id: boolean }[]>`
    select c.oid::regclass::text as name, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id' and attnum > 0) as has_id
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'job' and c.relkind in ('r', 'p') and c.relname like 'job%'`
  for (const table of tables) {
    await owner.unsafe(`grant insert on ${table.name} to vigil_app, vigil_platform`)
    // `returning id` needs to read the id, and only that: the payload of another tenant's job stays closed.
    if (table.has_id) await owner.unsafe(`grant select (id) on ${table.name} to vigil_app, vigil_platform`)
  }
  await owner.unsafe('grant select on job.queue to vigil_app, vigil_platform')
  await owner.unsafe('grant execute on all functions in schema job to vigil_app, vigil_platform')
}

type Executor = Readonly<{ unsafe: Tx['sql']['unsafe'] }>

async function run(sql: Executor, text: string, values: unknown[] = []): Promise<{ rows: never[] }> {
  const result = await sql.unsafe(text, values as never[])
  // Several statements in one text answer with a list of results; pg-boss wants the rows of all.
  return { rows: [...result].flat() as never[] }
}

const transaction = /^\s*BEGIN\s*;([\s\S]*)COMMIT\s*;?\s*$/i

/**
 * pg-boss sends whole transactions as one text: these run in one of the driver's, which rolls back what fails. No connection is reserved: one that dies while it
 * is waited for would be given to nobody, and kept from all (docs/decisions/037-driver.md).
 */
async function runAlone(owner: Pool, text: string, values: unknown[] = []): Promise<{ rows: never[] }> {
  const inner = values.length === 0 ? transaction.exec(text)?.[1] : undefined
  return inner === undefined ? run(owner, text, values) : owner.begin((sql) => run(sql, inner))
}
