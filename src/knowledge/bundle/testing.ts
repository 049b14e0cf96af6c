import { hash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { publish } from '../folder.ts'
import type { ReleaseFacts } from '../knowledge-base.ts'

const schema = readFileSync(new URL('../schema.sql', import.meta.url), 'utf8')

export function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bundle-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function factsFor(number: number, root = hash('sha256', `root ${number}`)): ReleaseFacts {
  return {
    number, name: `2026.11.24-${number}`, root, at: '2026-11-24T10:00:00.000Z',
    counts: { vulnerabilities: 3000, checks: 0, ranges: 0, statements: 0, fingerprints: 0 },
  }
}

/** A release with `rows` texts that do not pack well, as the first or as a change of the one before, in force in `folder`. Returns its path. */
export function makeRelease(folder: string, facts: ReleaseFacts, rows: number, before?: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'building-test')
  if (before !== undefined) copyFileSync(before, path)
  const db = new DatabaseSync(path)
  if (before === undefined) db.exec(schema)
  const add = db.prepare('insert or replace into library (key, source, body) values (?, 1, ?)')
  db.exec('begin')
  for (let n = 0; n < rows; n++) add.run(`library-${n}`, Buffer.from(`${hash('sha512', `${facts.number}:${n}`)}${hash('sha512', `${n}`)}`))
  const fact = db.prepare('insert or replace into fact (name, value) values (?, ?)')
  for (const [name, value] of Object.entries(facts)) fact.run(name, JSON.stringify(value))
  db.exec('commit')
  db.close()
  return join(folder, publish(folder, path, facts).file)
}

/** The same numbers on every run. */
export function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
