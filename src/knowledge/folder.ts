import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fail } from '#core/errors.ts'
import type { ReleaseFacts } from './knowledge-base.ts'

/**
 * The folder of the KnowledgeBase: `release-7.sqlite` and the two before it, `current.json` which names the one in force, `health.json` which says how the last import
 * of each source went, and while something is built `lock`, `lock.sqlite` and `building-…`. Whatever is written comes into force by the rename of `current.json`.
 */
export type Current = ReleaseFacts & Readonly<{ file: string }>

const kept = 3

export function knowledgeFolder(data: string): string {
  return join(data, 'knowledge')
}

/** The release in force, or null when there is none (or nothing readable). */
export function readCurrent(folder: string): Current | null {
  return readJson<Current>(join(folder, 'current.json'), (value) => typeof value.file === 'string' && /^release-[0-9]+\.sqlite$/.test(value.file) && Number.isSafeInteger(value.number))
}

/** Releases that are there, newest first. */
export function releasesOf(folder: string): readonly Readonly<{ number: number; file: string }>[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((file) => ({ file, number: Number(/^release-([0-9]+)\.sqlite$/.exec(file)?.[1] ?? Number.NaN) }))
    .filter((one) => Number.isSafeInteger(one.number)).sort((a, b) => b.number - a.number)
}

/** The number that the next release gets: above all that are there, also those that were rolled back. */
export function nextRelease(folder: string): number {
  return Math.max(0, readCurrent(folder)?.number ?? 0, ...releasesOf(folder).map((one) => one.number)) + 1
}

/**
 * Brings a finished file into force: it becomes `release-N.sqlite`, then the pointer is renamed. The caller holds the lock, and has closed the file.
 * Releases older than the last three go.
 */
export function publish(folder: string, unfinished: string, facts: ReleaseFacts): Current {
  const file = `release-${facts.number}.sqlite`
  chmodSync(unfinished, 0o600)
  sync(unfinished)
  renameSync(unfinished, join(folder, file))
  sync(folder)
  const current = { ...facts, file }
  pointTo(folder, current)
  const keep = new Set([file, ...releasesOf(folder).slice(0, kept).map((one) => one.file)])
  for (const old of releasesOf(folder)) if (!keep.has(old.file)) rmSync(join(folder, old.file), { force: true })
  return current
}

export function pointTo(folder: string, current: Current): void {
  writeJson(join(folder, 'current.json'), current)
}

/** Writes whole or not at all: beside it, synced, renamed. */
export function writeJson(path: string, value: unknown): void {
  const unfinished = `${path}.${process.pid}`
  const file = openSync(unfinished, 'w', 0o600)
  try {
    // Not writeSync: on a full disk it writes a part of the text and says nothing.
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
    fsyncSync(file)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  renameSync(unfinished, path)
  sync(join(path, '..'))
}

export function readJson<T>(path: string, isWhole: (value: T) => boolean): T | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as T
    return value !== null && typeof value === 'object' && isWhole(value) ? value : null
  } catch {
    return null
  }
}

export function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Takes the folder for one writer. The lock is the kernel's, on a file that SQLite holds: it ends with its holder, however that dies, and holds between containers that share
 * the folder, where the number of a process says nothing. What a dead holder left half-done is swept. Throws `knowledge.busy` with the process that holds it.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Who holds it, for people; it decides nothing.
  const note = join(folder, 'lock')
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    lock.close()
    if (!/locked|busy/i.test(error instanceof Error ? error.message : '')) throw error
    return fail('knowledge.busy', { holder: holderOf(note) })
  }
  writeFileSync(note, String(process.pid), { mode: 0o600 })
  sweep(folder)
  return () => {
    rmSync(note, { force: true })
    lock.close()
  }
}

function holderOf(note: string): string {
  try {
    return `process ${/^[0-9]+/.exec(readFileSync(note, 'utf8'))![0]}`
  } catch {
    return 'another process'
  }
}

/** What a build that was killed left behind. Only the holder of the lock may call it. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^building-|^(current|health|published)\.json\.[0-9]+$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}
