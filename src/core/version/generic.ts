/**
 * Versions as servers write them in banners: `2.4.52`, `1.0.2k`, `9.2p1`, `8.0.36-0ubuntu0.22.04.1`, `7.0-rc2`. One total order
 * over all of them; orderings of package systems (dpkg, rpm, …) have rules of their own and files of their own beside this one.
 */
export type Version = Readonly<{
  text: string
  /** Dotted numbers as written: `2.4.0` has three. */
  release: readonly number[]
  /** What follows the numbers; empty for a plain release. */
  tail: readonly Item[]
}>

/** One step of comparison. Kinds in order: before the release (`rc`), end of text, after it (`p1`, `-0ubuntu`), a number. */
type Item = Readonly<{ kind: typeof before | typeof after | typeof number; word: string; value: number }>

const before = 0
const end = 1
const after = 2
const number = 3

/** Words that stand for something not yet released, in the order they come. */
const unreleased: Readonly<Record<string, number>> = {
  '~': 0,
  dev: 1,
  snapshot: 2,
  nightly: 2,
  canary: 2,
  preview: 3,
  pre: 3,
  alpha: 4,
  a: 4,
  beta: 5,
  b: 5,
  milestone: 6,
  m: 6,
  rc: 7,
  cr: 7,
}

const longest = 128
/** Beyond this a number is no longer exact. */
const mostDigits = 15

/** Parses; null when the text does not start with a number (a leading `v` aside) or is longer than any real version. */
export function parseVersion(text: string): Version | null {
  const source = text.trim()
  if (source.length > longest || isCommit(source)) return null
  const head = /^[vV]?(\d+(?:\.\d+)*)/.exec(source)
  if (head === null) return null
  const numbers = head[1]!.split('.')
  if (numbers.some((digits) => digits.length > mostDigits)) return null
  const release = numbers.map(Number)
  const tail = readTail(source.slice(head[0].length).toLowerCase())
  return tail === null ? null : { text: source, release, tail }
}

/** `9404c4145542`: a commit of git may begin with a digit, and is no version. */
function isCommit(text: string): boolean {
  return text.length >= 12 && /^[0-9a-f]{12,64}$/i.test(text) && /[a-f]/i.test(text)
}

function readTail(rest: string): readonly Item[] | null {
  const items: Item[] = []
  let separated = false
  for (const found of rest.matchAll(/[a-z]+|\d+|~|[^a-z\d~]+/g)) {
    const token = found[0]
    if (/^\d/.test(token)) {
      if (token.length > mostDigits) return null
      // `1.2-3` is a revision of 1.2 and comes before 1.2.1.
      if (items.length === 0 && separated) items.push({ kind: after, word: '', value: 0 })
      items.push({ kind: number, word: '', value: Number(token) })
    } else if (/^[a-z~]/.test(token)) {
      const rank = Object.hasOwn(unreleased, token) ? unreleased[token] : undefined
      // `1.0.2a` is the first fix of 1.0.2, `1.0a1` its first alpha.
      const isLetter = token.length === 1 && token !== '~'
      const isBefore = rank !== undefined && (!isLetter || /\d/.test(rest.charAt(found.index + 1)))
      items.push(isBefore ? { kind: before, word: '', value: rank } : { kind: after, word: token, value: 0 })
    } else separated = true
  }
  return items
}

/** Negative when `a` is older, positive when newer, 0 when they are the same: `1.2` and `1.2.0` are. */
export function compareVersions(a: Version, b: Version): number {
  const left = stepsOf(a)
  const right = stepsOf(b)
  for (let index = 0; ; index++) {
    const one = left[index]
    const other = right[index]
    const kinds = (one?.kind ?? end) - (other?.kind ?? end)
    if (kinds !== 0) return kinds
    if (one === undefined || other === undefined) return 0
    if (one.value !== other.value) return one.value < other.value ? -1 : 1
    if (one.word !== other.word) return one.word < other.word ? -1 : 1
  }
}

function stepsOf(version: Version): readonly Item[] {
  let length = version.release.length
  while (length > 1 && version.release[length - 1] === 0) length--
  return [...version.release.slice(0, length).map((value): Item => ({ kind: number, word: '', value })), ...version.tail]
}
