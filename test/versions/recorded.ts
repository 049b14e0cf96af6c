import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { VersionScheme } from '#core/knowledge/affected.ts'
import { versionPairs } from './pairs.ts'
import type { Answers, Pairs } from './tools.ts'

/**
 * What tools too heavy for every test run said once. The pairs are made again (test/versions/pairs.ts), so that only the answers
 * are kept: one character each, `<`, `=`, `>`, or `x` for no version.
 */
export const recorded: readonly Readonly<{ scheme: VersionScheme; name: string; count: number; seed: number }>[] = [
  { scheme: 'maven', name: 'maven-artifact 3.9.11, ComparableVersion', count: 20_000, seed: 41 },
  { scheme: 'go', name: 'golang.org/x/mod v0.42.0, semver.Compare', count: 20_000, seed: 42 },
]

export function recordedFile(scheme: VersionScheme): string {
  return fileURLToPath(new URL(`../golden/versions/${scheme}.txt`, import.meta.url))
}

export function recordedPairs(scheme: VersionScheme): Pairs {
  const { count, seed } = recorded.find((one) => one.scheme === scheme)!
  return versionPairs(scheme, count, seed)
}

export function digestOf(pairs: Pairs): string {
  return createHash('sha256').update(pairs.map(([a, b]) => `${a}\t${b}\n`).join('')).digest('hex')
}

/** Throws when the pairs are no longer those that were asked about. */
export function readRecorded(scheme: VersionScheme): Answers {
  const text = readFileSync(recordedFile(scheme), 'utf8')
  const pairs = recordedPairs(scheme)
  if (!text.includes(`pairs sha256 ${digestOf(pairs)}`)) throw new Error(`test/golden/versions/${scheme}.txt is about other pairs: record it again (test/versions/record.ts)`)
  const answers = text.split('\n').filter((line) => !line.startsWith('#')).join('')
  if (answers.length !== pairs.length) throw new Error(`test/golden/versions/${scheme}.txt has ${answers.length} answers to ${pairs.length} pairs`)
  return [...answers].map((mark) => (mark === '<' ? -1 : mark === '>' ? 1 : mark === '=' ? 0 : null))
}
