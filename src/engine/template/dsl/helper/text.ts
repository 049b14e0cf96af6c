import { bytesOf, lowered, raised, textOf } from '#core/template/bytes.ts'
import { regexOf } from '../regex.ts'
import { longestText, type Value } from '../scope.ts'
import type { Helper } from '../call.ts'
import { integer, none, sizeOf, text } from './argument.ts'

/** Helpers over texts. Positions and lengths are those of bytes, as in Go. */
export const textHelpers: Readonly<Record<string, Helper>> = {
  tolower: ([of]) => lowered(text(of)),
  toupper: ([of]) => raised(text(of)),
  totitle: ([of]) => text(of).replace(/(^|[^A-Za-z0-9_'])([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase()),
  tostring: ([of]) => text(of),
  concat: (of) => of.map(text).join(''),
  contains: ([of, part]) => text(of).includes(text(part)),
  containsall: ([of, ...parts]) => parts.every((part) => text(of).includes(text(part))),
  containsany: ([of, ...parts]) => parts.some((part) => text(of).includes(text(part))),
  startswith: ([of, ...parts]) => parts.some((part) => text(of).startsWith(text(part))),
  endswith: ([of, ...parts]) => parts.some((part) => text(of).endsWith(text(part))),
  linestartswith: ([of, ...parts]) => text(of).split('\n').some((line) => parts.some((part) => line.startsWith(text(part)))),
  lineendswith: ([of, ...parts]) => text(of).split('\n').some((line) => parts.some((part) => line.endsWith(text(part)))),
  equalsany: ([of, ...parts]) => parts.flat().some((part) => text(of) === text(part)),
  repeat: ([of, count]) => repeated(text(of), sizeOf(count)),
  replace: ([of, old, now]) => replaced(text(of), text(old), text(now)),
  replaceregex: ([of, pattern, now]) => replacedByPattern(text(of), text(pattern), text(now)),
  regex: ([pattern, of]) => regexOf(text(pattern)).test(text(of)),
  regexall: ([of, ...patterns]) => patterns.flat().every((pattern) => regexOf(text(pattern)).test(text(of))),
  regexany: ([of, ...patterns]) => patterns.flat().some((pattern) => regexOf(text(pattern)).test(text(of))),
  trim: ([of, set]) => trimmed(text(of), text(set), true, true),
  trimleft: ([of, set]) => trimmed(text(of), text(set), true, false),
  trimright: ([of, set]) => trimmed(text(of), text(set), false, true),
  trimspace: ([of]) => trimmed(text(of), '\t\n\v\f\r ', true, true),
  trimprefix: ([of, part]) => (text(of).startsWith(text(part)) ? text(of).slice(text(part).length) : text(of)),
  trimsuffix: ([of, part]) => (text(part) !== '' && text(of).endsWith(text(part)) ? text(of).slice(0, -text(part).length) : text(of)),
  removebadchars: ([of, set]) => without(text(of), text(set)),
  reverse: ([of]) => bytesOf([...textOf(text(of))].reverse().join('')),
  substr: ([of, from, to]) => part(text(of), integer(from), to),
  padding: ([of, by, size]) => padded(text(of), text(by), sizeOf(size)),
  countwords: ([of]) => text(of).split(/\s+/).filter((word) => word !== '').length,
  printdebug: () => true,
}

function repeated(of: string, count: number): string {
  return of.length * count > longestText ? none('a text that is too long') : of.repeat(count)
}

function replaced(of: string, old: string, now: string): string {
  const times = old === '' ? of.length + 1 : now.length > old.length ? of.split(old).length - 1 : 0
  return times * now.length + of.length > longestText ? none('a text that is too long') : of.replaceAll(old, () => now)
}

/** In Go's replacement `$1x` is the group of the name 1x: digits and letters go as far as they go. */
function replacedByPattern(of: string, pattern: string, now: string): string {
  const all = new RegExp(regexOf(pattern).source, `${regexOf(pattern).flags}g`)
  let size = of.length
  return of.replace(all, (...found: readonly unknown[]) => {
    const made = now.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, bare?: string) => {
      if (dollar !== undefined) return '$'
      const name = braced ?? bare!
      const group = /^\d+$/.test(name) ? found[Number(name)] : undefined
      return typeof group === 'string' ? group : ''
    })
    if ((size += made.length) > longestText) none('a text that is too long')
    return made
  })
}

function trimmed(of: string, set: string, left: boolean, right: boolean): string {
  let from = 0
  let to = of.length
  while (left && from < to && set.includes(of[from]!)) from++
  while (right && to > from && set.includes(of[to - 1]!)) to--
  return of.slice(from, to)
}

export function without(of: string, set: string): string {
  return [...textOf(set)].reduce((rest, letter) => rest.replaceAll(bytesOf(letter), ''), of)
}

function part(of: string, from: number, to: Value | undefined): string {
  const end = to === undefined ? of.length : integer(to)
  if (of === '' || from < 0 || from > of.length || end < from || end > of.length) none('a part beyond the text')
  return of.slice(from, end)
}

function padded(of: string, by: string, size: number): string {
  if (size === 0 || by === '') none('padding by nothing')
  let out = of
  for (let at = of.length; at < size; at++) out += by[at % by.length]!
  return out
}
