import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fail, VigilError } from '#core/errors.ts'
import { nextRelease, lockFolder, publish, readCurrent, type Current } from '../folder.ts'
import { recordHealth, type HealthEntry } from '../health.ts'
import type { ReadAnswer, ReadJob } from '../import/reader-thread.ts'
import { allSources } from '../sources.ts'
import { feedOf, sourceOrder } from '../source-bit.ts'
import { openAssembly, type Assembly } from './assembly.ts'
import type { BuildReport, FeedReport, Import, Progress, ThreadData } from './build.ts'
import { readFeeds } from './read-feeds.ts'
import { countsOf, releaseName, sealContent } from './seal.ts'

type Read = Extract<ReadAnswer, { outcome: 'read' }>
type Known = ReadonlyMap<string, Readonly<{ input: string; records: number }>>

/** A feed that holds less than this of what it held is not believed. */
const leastShare = 0.7
const fewToJudge = 20

/** The work of `build`, in its thread. */
export async function buildRelease(data: ThreadData, tell: (progress: Progress) => void): Promise<BuildReport> {
  const started = performance.now()
  const steps: Record<string, number> = {}
  const timed: Timed = (step, work) => {
    const from = performance.now()
    try {
      return work()
    } finally {
      steps[step] = (steps[step] ?? 0) + performance.now() - from
    }
  }
  const unlock = lockFolder(data.folder)
  const work = join(data.folder, `building-${process.pid}`)
  try {
    mkdirSync(work, { mode: 0o700 })
    const current = readCurrent(data.folder)
    const base = current === null ? null : join(data.folder, current.file)
    const known = base === null ? new Map<string, never>() : knownInputs(base)
    const jobs = jobsOf(data.imports, work, known)
    const at = { release: nextRelease(data.folder), at: data.at ?? new Date().toISOString() }
    const reports = new Map<number, FeedReport>()
    const spools = new Map<number, Read>()
    const began = new Map<number, number>()

    const report = (job: ReadJob, state: FeedReport['state'], problem: string | null, read?: Read): void => {
      const totals = read?.totals
      reports.set(job.id, {
        source: job.source, feed: job.feed, state, problem, records: totals?.records ?? 0, statements: totals?.statements ?? 0, ranges: totals?.ranges ?? 0,
        unused: Object.fromEntries(Object.entries(totals?.unused ?? {}).map(([reason, { count }]) => [reason, count])), milliseconds: Math.round(performance.now() - (began.get(job.id) ?? started)),
      })
      tell({ step: state === 'imported' ? 'loaded' : state, source: job.source, feed: job.feed, ...(problem === null ? {} : { text: problem }), ...(totals === undefined ? {} : { done: totals.records }) })
    }

    // Loaded in the order they were started in, whichever is read first: the same feeds make the same release on every machine.
    let assembly: Assembly | null = null
    let isSpoilt = false
    let next = 0
    const drain = (): void => {
      for (; next < jobs.length && !isSpoilt; next++) {
        const job = jobs[next]!
        const read = spools.get(job.id)
        if (read === undefined) {
          if (reports.has(job.id)) continue
          return
        }
        assembly ??= timed('copying', () => openAssembly(join(work, 'release.sqlite'), base, at))
        const problem = timed('loading', () => load(assembly!, job, read, at))
        if (problem === null) report(job, 'imported', null, read)
        else {
          report(job, 'failed', problem)
          spools.delete(job.id)
          isSpoilt = true
        }
      }
    }
    let later: NodeJS.Immediate | null = null
    let broken: unknown = null
    await readFeeds(jobs, data.readers, (job, answer) => {
      if (broken !== null) throw broken
      if (answer.outcome === 'same') report(job, 'same', null)
      else if (answer.outcome === 'failed') {
        if (answer.ours) throw new Error(answer.problem)
        report(job, 'failed', answer.problem)
      } else {
        const shrunk = data.force ? null : shrinkage(job, answer, known)
        if (shrunk === null) {
          spools.set(job.id, answer)
          tell({ step: 'read', source: job.source, feed: job.feed, done: answer.totals.records })
        } else report(job, 'failed', shrunk)
      }
      // The thread that just finished is given its next feed first.
      later ??= setImmediate(() => {
        later = null
        try {
          drain()
        } catch (error) {
          broken = error
        }
      })
    }, (job, records) => {
      if (!began.has(job.id)) began.set(job.id, performance.now())
      tell({ step: 'reading', source: job.source, feed: job.feed, done: records })
    })
    if (later !== null) clearImmediate(later)
    if (broken !== null) throw broken
    steps['reading'] = performance.now() - started
    drain()
    while (isSpoilt) {
      // A feed broke while it was loaded: begin again without it.
      isSpoilt = false
      assembly!.close()
      rmSync(join(work, 'release.sqlite'), { force: true })
      assembly = null
      next = 0
      for (const job of jobs) if (spools.has(job.id)) reports.delete(job.id)
      drain()
    }
    const release = assembly === null ? null : await finish(assembly, data.folder, join(work, 'release.sqlite'), at, tell, timed)
    recordHealth(data.folder, [...reports.values()].map((one): HealthEntry => ({ source: one.source, feed: one.feed, problem: one.problem, at: at.at })))
    return { release, feeds: jobs.map((job) => reports.get(job.id)!), milliseconds: Math.round(performance.now() - started), steps: rounded(steps) }
  } finally {
    rmSync(work, { recursive: true, force: true })
    unlock()
  }
}

async function finish(assembly: Assembly, folder: string, path: string, at: Readonly<{ release: number; at: string }>, tell: (progress: Progress) => void, timed: Timed): Promise<Current> {
  const { db } = assembly
  assembly.finish((done, all) => tell({ step: 'merging', done, all }), timed)
  tell({ step: 'sealing' })
  const root = sealContent(db, await assembly.settle())
  const facts = { number: at.release, name: releaseName(at.at, at.release), root, at: at.at, counts: countsOf(db) }
  const write = db.prepare('insert or replace into fact (name, value) values (?, ?)')
  for (const [name, value] of Object.entries({ ...facts, sources: allSources() })) write.run(name, JSON.stringify(value))
  timed('committing', () => db.exec('commit; pragma optimize'))
  const found = timed('checking', () => db.prepare('pragma quick_check(1)').get() as { quick_check: string })
  assembly.close()
  if (found.quick_check !== 'ok') fail('knowledge.damaged', { release: facts.name, problem: found.quick_check })
  return timed('publishing', () => publish(folder, path, facts))
}

type Timed = <T>(step: string, work: () => T) => T

/** What is wrong with the feed, or null. A disk that is full is not the feed's fault and is thrown. */
function load(assembly: Assembly, job: ReadJob, read: Read, at: Readonly<{ release: number; at: string }>): string | null {
  try {
    assembly.load({ source: job.source, feed: job.feed, input: read.input, spool: job.spool, totals: read.totals, ...at })
    return null
  } catch (error) {
    const { errcode } = error as { errcode?: number }
    // SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, or a value that cannot be bound: it lies in the rows.
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError || (errcode !== undefined && [18, 19, 20, 25].includes(errcode & 0xff))) {
      return `A record of it cannot be kept: ${(error as Error).message}`
    }
    throw error
  }
}

function shrinkage(job: ReadJob, read: Read, known: Known): string | null {
  const before = known.get(`${job.source} ${job.feed}`)?.records ?? 0
  if (!read.totals.whole || before < fewToJudge || read.totals.records >= before * leastShare) return null
  try {
    return fail('feed.shrunk', { path: job.feed === '' ? job.source : `${job.source} ${job.feed}`, now: read.totals.records, before })
  } catch (error) {
    return (error as VigilError).message
  }
}

function knownInputs(base: string): Known {
  const db = new DatabaseSync(base, { readOnly: true })
  try {
    return new Map((db.prepare('select name, feed, input, records from source').all() as { name: string; feed: string; input: string; records: number }[])
      .map((row) => [`${row.name} ${row.feed}`, { input: row.input, records: row.records }] as const))
  } finally {
    db.close()
  }
}

/** One job a feed; several files of the same feed are read one after another. Heaviest first, then by name. */
function jobsOf(imports: readonly Import[], work: string, known: Known): readonly ReadJob[] {
  const feeds = new Map<string, { source: Import['source']; feed: string; paths: string[] }>()
  for (const one of imports) {
    for (const path of one.paths) {
      const feed = feedOf(one.source, path)
      const key = `${one.source} ${feed}`
      const known = feeds.get(key) ?? { source: one.source, feed, paths: [] }
      known.paths.push(path)
      feeds.set(key, known)
    }
  }
  const weighed = [...feeds.values()].map((one) => ({ ...one, bytes: one.paths.reduce((sum, path) => sum + sizeOf(path), 0) }))
  weighed.sort((a, b) => b.bytes - a.bytes || sourceOrder.indexOf(a.source) - sourceOrder.indexOf(b.source) || (a.feed < b.feed ? -1 : 1))
  return weighed.map(({ source, feed, paths }, id) => ({ id, source, feed, paths, spool: join(work, `${id}.spool`), known: known.get(`${source} ${feed}`)?.input ?? null }))
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

function rounded(steps: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(steps).map(([step, time]) => [step, Math.round(time)]))
}
