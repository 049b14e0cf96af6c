import { compareDigits, compareText, isDigit, plainText, withoutZeros, type Order } from './order.ts'

/**
 * A number, a qualifier, or a list: each dash, and each change between digits and letters, opens a list inside the one before.
 */
type Item = Readonly<{ number: string }> | Readonly<{ word: string }> | readonly Item[]

/** In their order; '' is the release itself, all others come after `sp` in the order of their letters. */
const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const release = String(qualifiers.indexOf(''))
const aliases: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' }
const letters: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' }

/** As Maven's ComparableVersion (3.9); Maven takes any text for a version, here one that holds a digit. */
export const maven: Order<readonly Item[]> = {
  read(text) {
    const plain = plainText(text)?.toLowerCase()
    return plain === undefined || !/\d/.test(plain) ? null : readItems(plain)
  },
  compare: compareLists,
}

function readItems(text: string): readonly Item[] {
  const root: Item[] = []
  const opened: Item[][] = [root]
  let list = root
  const open = (): void => {
    const inner: Item[] = []
    list.push(inner)
    opened.push(inner)
    list = inner
  }
  let inDigits = false
  let start = 0
  const add = (end: number, beforeDigit: boolean): void => {
    const part = text.slice(start, end)
    list.push(part === '' ? { number: '0' } : inDigits ? { number: withoutZeros(part) } : { word: qualifier(part, beforeDigit) })
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '.' || character === '-') {
      add(at, false)
      start = at + 1
      if (character === '-') open()
      continue
    }
    const digit = isDigit(text.charCodeAt(at))
    if (digit !== inDigits && at > start) {
      if (digit && list.length > 0) open()
      add(at, digit)
      start = at
      open()
    }
    inDigits = digit
  }
  if (text.length > start) {
    if (!inDigits && list.length > 0) open()
    add(text.length, false)
  }
  while (opened.length > 0) dropNothings(opened.pop()!)
  return root
}

function qualifier(part: string, beforeDigit: boolean): string {
  const word = beforeDigit && Object.hasOwn(letters, part) ? letters[part]! : part
  return Object.hasOwn(aliases, word) ? aliases[word]! : word
}

/** Zeros and release words say nothing at the end, nor before lists at the end. */
function dropNothings(list: Item[]): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const item = list[index]!
    if (isNothing(item)) list.splice(index, 1)
    else if (!isList(item)) return
  }
}

function isNothing(item: Item): boolean {
  if (isList(item)) return item.length === 0
  return 'number' in item ? item.number === '0' : item.word === ''
}

function isList(item: Item): item is readonly Item[] {
  return Array.isArray(item)
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const one = a[index]
    const other = b[index]
    const order = one === undefined ? -compareToNothing(other!) : other === undefined ? compareToNothing(one) : compareItems(one, other)
    if (order !== 0) return order
  }
  return 0
}

function compareToNothing(item: Item): number {
  if (isList(item)) {
    for (const inner of item) {
      const order = compareToNothing(inner)
      if (order !== 0) return order
    }
    return 0
  }
  return 'number' in item ? (item.number === '0' ? 0 : 1) : compareText(rank(item.word), release)
}

/** A number is newer than a list, a list newer than a word: `1.1` > `1-1` > `1-sp`. */
function compareItems(a: Item, b: Item): number {
  const kinds = kindOf(a) - kindOf(b)
  if (kinds !== 0) return kinds
  if (isList(a)) return compareLists(a, b as readonly Item[])
  if ('number' in a) return compareDigits(a.number, (b as { number: string }).number)
  return compareText(rank(a.word), rank((b as { word: string }).word))
}

function kindOf(item: Item): number {
  return isList(item) ? 1 : 'number' in item ? 2 : 0
}

function rank(word: string): string {
  const index = qualifiers.indexOf(word)
  return index < 0 ? `${qualifiers.length}-${word}` : String(index)
}
