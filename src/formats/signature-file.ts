import { load } from 'js-yaml'
import type { Signature } from '#core/signature.ts'
import { readSignature } from './signature-entry.ts'
import { readFixtures, type Fixture } from './signature-fixture.ts'

/** What is wrong with a content file; `signature` is the id, or 0 when it has none. */
export type Problem = Readonly<{ file: string; signature: number; field: string; text: string }>

/** A signature with the observations that prove it: it must fire on each of `fires` and on none of `spares`. */
export type SignatureEntry = Readonly<{
  file: string
  signature: Signature
  fires: readonly Fixture[]
  spares: readonly Fixture[]
  /** Other checks on whose fixtures it may fire too; asked when it is tried on all of them (src/platform/kb/regression.ts). */
  also: readonly number[]
}>

const mostBytes = 256 * 1024

/** Reads one file: a YAML list of signatures. */
export function readSignatureFile(
  file: string,
  text: string,
): Readonly<{ entries: readonly SignatureEntry[]; problems: readonly Problem[] }> {
  const problems: Problem[] = []
  const entries: SignatureEntry[] = []
  const found = parse(file, text, problems)
  for (const [index, item] of found.entries()) {
    const id = typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'number' ? item.id : 0
    const report = (field: string, what: string): void => {
      problems.push({ file, signature: id, field: id === 0 ? `[${index}].${field}` : field, text: what })
    }
    const before = problems.length
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      report('', 'is not a signature')
      continue
    }
    const { fires, spares, also, ...fields } = item as Readonly<Record<string, unknown>>
    const signature = readSignature(fields, report)
    if (signature === null) continue
    const entry = {
      file,
      signature,
      fires: readFixtures(fires, signature, 'fires', report),
      spares: readFixtures(spares, signature, 'spares', report),
      also: readNumbers(also, report),
    }
    if (problems.length === before) entries.push(entry)
  }
  return { entries, problems }
}

function readNumbers(value: unknown, report: (field: string, text: string) => void): readonly number[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.length <= 100 && value.every(Number.isSafeInteger)) return value as readonly number[]
  report('also', 'must be a list of numbers of checks')
  return []
}

/** More than any file in content/ has, aliases followed: a few lines of them can stand for billions. */
const mostNodes = 50_000

function isSmall(value: unknown): boolean {
  let left = mostNodes
  const walk = (node: unknown, depth: number): boolean => {
    if (--left < 0 || depth > 60) return false
    if (typeof node !== 'object' || node === null) return true
    return Object.values(node).every((inner) => walk(inner, depth + 1))
  }
  return walk(value, 0)
}

function parse(file: string, text: string, problems: Problem[]): readonly unknown[] {
  if (text.length > mostBytes) {
    problems.push({ file, signature: 0, field: '', text: `is larger than ${mostBytes} bytes` })
    return []
  }
  try {
    const found = load(text, { filename: file })
    if (!isSmall(found)) {
      problems.push({ file, signature: 0, field: '', text: 'is nested too deep, or grows too large when its aliases are followed' })
      return []
    }
    if (Array.isArray(found)) return found as readonly unknown[]
    problems.push({ file, signature: 0, field: '', text: 'is not a list of signatures' })
  } catch (error) {
    problems.push({ file, signature: 0, field: '', text: (error as Error).message.split('\n')[0]! })
  }
  return []
}
