import type { Text } from '../dsl.ts'
import { parseText } from '../parse-text.ts'
import type { Payloads } from '../plan.ts'
import { fieldsOf, refuse, scalarOf, textsOf, wordOf, type Fields } from './fields.ts'

/** The text of a file beside the templates, or null when it is not there. */
export type FileOf = (name: string) => string | null

const attacks = ['batteringram', 'pitchfork', 'clusterbomb'] as const
const mostValues = 30_000

export function payloadsOf(block: Fields, files: FileOf): Payloads | null {
  const sets = Object.entries(fieldsOf(block.payloads)).map(([name, value]) => ({ name, values: valuesOf(name, value, files) }))
  if (sets.length === 0) return null
  return { attack: wordOf(block.attack, attacks, 'batteringram', 'attack'), sets }
}

/** A list, several lines, or the name of a file with one value a line. */
function valuesOf(name: string, value: unknown, files: FileOf): readonly Text[] {
  const lines = linesOf(name, value, files)
  if (lines.length > mostValues) refuse('too large', `${lines.length} payloads`)
  return lines.map(parseText)
}

function linesOf(name: string, value: unknown, files: FileOf): readonly string[] {
  if (Array.isArray(value)) return textsOf(value)
  const text = scalarOf(value)
  if (text === null) return refuse('field', `payloads ${name.slice(0, 40)} are neither a list nor a file`)
  if (text.includes('\n')) return text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const file = files(text.trim()) ?? refuse('missing payload', text.trim().slice(0, 200))
  return file.split('\n').map((line) => line.replace(/\r$/, '')).filter((line) => line !== '')
}

/** How often all requests of a block are made over its payloads. */
export function timesOf(payloads: Payloads | null): number {
  if (payloads === null) return 1
  const sizes = payloads.sets.map(({ values }) => values.length)
  if (payloads.attack === 'clusterbomb') return sizes.reduce((product, size) => Math.min(1e9, product * size), 1)
  return payloads.attack === 'pitchfork' ? Math.min(...sizes) : sizes.reduce((sum, size) => sum + size, 0)
}
