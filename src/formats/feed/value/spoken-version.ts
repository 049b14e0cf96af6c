import type { Interval } from '#core/knowledge/affected.ts'

const spoken = /^(?:n\/?a|unspecified|unknown|various|none|not specified|not available|see .*|-|)$/i
const every = /^(?:\*|all(?: versions?)?|any(?: version)?|vers:all\/\*)$/i
const version = /^[vV]?\d[\w.+~:()-]{0,120}$/
/** `8.0 SP1`, `3.1 build 20240712`, `2.4.1 (LTS)` */
const versionWords = /^[vV]?\d[\w.+~:()-]{0,60}(?: (?:sp|update|u|hf|hotfix|patch|p|build|rev|r|beta|alpha|rc|b)\.? ?\d[\w.]{0,30}){1,3}$/i

/** Whether it says nothing at all: `n/a`, `unspecified`. */
export function isSilent(text: string): boolean {
  return spoken.test(text)
}

export function isEvery(text: string): boolean {
  return every.test(text)
}

/** A version as it stands in the text, without a leading `v`; null when it is prose or a name. */
export function plainVersion(text: string): string | null {
  // `12.2\(1\)` comes escaped as in a CPE.
  const trimmed = text.trim().replace(/\\(?=[()+~])/g, '')
  if (trimmed.length > 128) return null
  if (version.test(trimmed) || versionWords.test(trimmed)) return /^[vV]\d/.test(trimmed) ? trimmed.slice(1) : trimmed
  return null
}

/** `5.10.*` and `5.10.x`: from 5.10 until before 5.11. Null for anything else. */
export function wildcard(text: string): Readonly<{ from: string; before: string }> | null {
  const parts = /^[vV]?((?:\d{1,9}\.){0,5})(\d{1,9})\.[*xX]$/.exec(text.trim())
  return parts === null ? null : { from: `${parts[1]}${parts[2]}`, before: `${parts[1]}${Number(parts[2]) + 1}` }
}

const prefix = /^(?:all (?:bios |firmware )?versions?|all|versions?|firmware|firmware versions?)\s+(?=[<>=vV\d]|prior|before|up to|through|earlier)/i
const earlier = /^(?:before|prior to|versions? (?:before|prior to)|earlier than)\s+(?:version\s+)?(.+)$/i
const through = /^(?:up to(?: and including)?|through|<=)\s+(?:version\s+)?(.+)$/i
const andEarlier = /^(.+?)\s+(?:and|or)\s+(?:earlier|prior|below|older|lower)(?: versions?)?$/i
const between = /^(.{1,40}?)\s+(?:to|through|-)\s+(.{1,40})$/i
const andLater = /^(.+?)\s+(?:and|or)\s+(?:later|above|newer|higher)(?: versions?)?$/i

/**
 * Ranges as people write them where a version is asked for: `< 1.2.3`, `>= 1.0, < 2.0`, `vers:all/>=V1.0|<V2.0`, `All versions < V4.1`, `1.2.x`, `before 3.2`,
 * `3.2 and earlier`, `1.0 to 1.4`. Null when it is not one of these: prose is never guessed at.
 */
export function spokenRange(text: string): readonly Interval[] | null {
  let rest = text.trim()
  if (rest.length > 200) return null
  const vers = /^vers:[a-z]{2,20}\/(.*)$/i.exec(rest)
  if (vers !== null) rest = vers[1]!.trim()
  if (isEvery(rest)) return [{}]
  rest = rest.replace(prefix, '')
  const wild = wildcard(rest)
  if (wild !== null) return [wild]
  if (/[<>=]/.test(rest)) return operators(rest)
  const words = prose(rest)
  if (words !== null) return words
  const plain = plainVersion(rest)
  if (plain !== null) return [{ from: plain, upTo: plain }]
  return alternatives(rest)
}

function prose(text: string): readonly Interval[] | null {
  const before = earlier.exec(text)
  if (before !== null) return made(null, { before: plainVersion(before[1]!) })
  const upTo = through.exec(text) ?? andEarlier.exec(text)
  if (upTo !== null) return made(null, { upTo: plainVersion(upTo[1]!) })
  const later = andLater.exec(text)
  if (later !== null) return made(plainVersion(later[1]!), {})
  const both = between.exec(text)
  if (both === null) return null
  const from = plainVersion(both[1]!)
  return from === null ? null : made(from, { upTo: plainVersion(both[2]!) })
}

function made(from: string | null, to: Readonly<{ before?: string | null; upTo?: string | null }>): readonly Interval[] | null {
  const end = to.before ?? to.upTo
  if (end === null || (end === undefined && from === null)) return null
  return [{ ...(from === null ? {} : { from }), ...(end === undefined ? {} : to.before === undefined ? { upTo: end } : { before: end }) }]
}

/** `>= 1.0, < 2.0` is one stretch, `>=1.0|<1.4|>=2.0|<2.2` two: a lower bound opens one, an upper bound closes it. */
function operators(text: string): readonly Interval[] | null {
  const intervals: Interval[] = []
  let open: Interval | null = null
  for (const part of text.split(/[,|;&]|\s(?=[<>])|(?<=[\w.)])(?=[<>])/).slice(0, 100)) {
    const piece = part.trim().replace(/(?:^|\s+)and$/i, '')
    if (piece === '') continue
    const parts = /^(<=|>=|<|>|==?|=<|=>)?\s*(.+)$/.exec(piece)
    const bound = parts === null ? null : plainVersion(parts[2]!)
    if (parts === null || bound === null) return null
    const operator = parts[1] ?? '='
    if (operator === '<' || operator === '<=' || operator === '=<') {
      intervals.push({ ...open, ...(operator === '<' ? { before: bound } : { upTo: bound }) })
      open = null
    } else {
      if (open !== null) intervals.push(open)
      open = null
      if (operator === '=' || operator === '==') intervals.push({ from: bound, upTo: bound })
      else open = operator === '>' ? { from: bound, fromExclusive: true } : { from: bound }
    }
  }
  if (open !== null) intervals.push(open)
  return intervals.length === 0 ? null : intervals
}

/** `7.1 | 7.2` and `1.0, 1.1`: all of them versions, or none is believed. */
function alternatives(text: string): readonly Interval[] | null {
  const parts = text.split(/[|,;]/).slice(0, 200).map((part) => plainVersion(part))
  return parts.length < 2 || parts.includes(null) ? null : (parts as string[]).map((at) => ({ from: at, upTo: at }))
}
