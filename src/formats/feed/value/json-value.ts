/** What JSON of a stranger holds: asked for by kind, never believed. Nothing here throws. */
export type Fields = Readonly<Record<string, unknown>>

const nothing: Fields = Object.freeze(Object.create(null) as Fields)
const none: readonly unknown[] = Object.freeze([])

/** The object, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : nothing
}

/** Whether it is an object with fields of its own. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The list, cut at `most`; what is no list is an empty one. */
export function listOf(value: unknown, most = 20_000): readonly unknown[] {
  if (!Array.isArray(value)) return none
  return value.length > most ? value.slice(0, most) : value
}

/** The texts of a list that are one line each; anything else in it is left out. */
export function wordsOf(value: unknown, most = 1000): readonly string[] {
  return listOf(value, most).map((one) => wordOf(one)).filter((one) => one !== undefined)
}

/** A name, id or version: one line of at most `most` characters, or nothing at all. */
export function wordOf(value: unknown, most = 300): string | undefined {
  if (typeof value !== 'string' || value.length > most + 20) return undefined
  const text = value.trim()
  // oxlint-disable-next-line no-control-regex
  return text === '' || text.length > most || /[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed() ? undefined : text
}

/** The longest text that is kept of anything. */
export const longestText = 16_384

/** Text for people, cut at `most`, without characters that no database keeps. */
export function textOf(value: unknown, most = longestText): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = (value.length > most ? `${value.slice(0, most - 1)}…` : value).toWellFormed().trim()
  if (text === '') return undefined
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text) ? text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]+/g, ' ').trim() : text
}

const timeForm = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,12})?)?\s?(Z|[+-]\d\d:?\d\d)?)?$/

/** ISO 8601 in UTC to the second; a time that says no zone is UTC. The year 1 and the like mean that it is not set. */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined
  const parts = timeForm.exec(value.trim())
  if (parts === null) return undefined
  const year = Number(parts[1])
  if (year < 1980 || year > 2200) return undefined
  const zone = parts[7] ?? 'Z'
  const text = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4] ?? '00'}:${parts[5] ?? '00'}:${parts[6] ?? '00'}`
  const at = new Date(zone === 'Z' ? `${text}Z` : `${text}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
  if (Number.isNaN(at.getTime())) return undefined
  return `${at.toISOString().slice(0, 19)}Z`
}

/** The later of two such times. */
export function later(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one
}

const cveForm = /^CVE-(19|20)\d\d-\d{4,7}$/

export function isCve(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 20 && cveForm.test(text)
}

/** CVE ids in a text, each once. */
export function cvesIn(text: string): readonly string[] {
  return [...new Set(text.slice(0, 100_000).match(/\bCVE-(?:19|20)\d\d-\d{4,7}\b/g) ?? [])]
}

/** `CWE-79` from an id or from a text that names it. */
export function cweOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const found = /\bCWE-(\d{1,5})\b/.exec(value.slice(0, 500))
  return found === null ? undefined : `CWE-${Number(found[1])}`
}

/** The same without fields that are undefined, as our types want it. */
export function known<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key]
  return value as { [K in keyof T]: Exclude<T[K], undefined> }
}

export function unique<T>(values: readonly T[]): readonly T[] {
  return values.length < 2 ? values : [...new Set(values)]
}
