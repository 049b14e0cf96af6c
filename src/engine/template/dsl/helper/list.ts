import { bytesOf, textOf } from '#core/template/bytes.ts'
import type { Helper } from '../call.ts'
import type { Value } from '../scope.ts'
import { integer, none, text } from './argument.ts'

const mostItems = 1_000_000

/** Helpers that take or make lists. */
export const listHelpers: Readonly<Record<string, Helper>> = {
  len: ([of]) => (typeof of === 'object' ? of.length : text(of).length),
  index: ([of, at]) => {
    const place = integer(at)
    return (typeof of === 'object' ? of : [...text(of)])[place < 0 ? -1 : place] ?? none('beyond the end')
  },
  sort: (of) => (of.length === 1 && typeof of[0] !== 'object' ? bytesOf([...textOf(text(of[0]))].sort(byCode).join('')) : texts(of).sort(byCode)),
  uniq: (of) => (of.length === 1 && typeof of[0] !== 'object' ? bytesOf([...new Set(textOf(text(of[0])))].join('')) : [...new Set(texts(of))]),
  join: ([by, ...of]) => texts(of).join(text(by)),
  split: ([of, by, count]) => bounded(count === undefined ? splitBy(text(of), text(by)) : cut(text(of), text(by), integer(count))),
}

function byCode(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function texts(of: readonly Value[]): string[] {
  return of.flatMap((one) => (typeof one === 'object' ? [...one] : [text(one)]))
}

/** By a separator, or into pieces of so many bytes. */
function splitBy(of: string, by: string): readonly string[] {
  if (!/^[+-]?\d+$/.test(by)) return of.split(by)
  const size = Number(by)
  if (size <= 0 || size >= of.length) return [of]
  return of.length / size > mostItems ? none('too many pieces') : (of.match(new RegExp(`[^]{1,${Math.min(size, 1_000_000)}}`, 'g')) ?? [of])
}

/** As Go's SplitN: the last piece keeps the rest. */
function cut(of: string, by: string, count: number): readonly string[] {
  if (count === 0) return []
  const all = of.split(by)
  return count < 0 || all.length <= count ? all : [...all.slice(0, count - 1), all.slice(count - 1).join(by)]
}

function bounded(list: readonly string[]): readonly string[] {
  return list.length > mostItems ? none('too many pieces') : list
}
