import type { DatabaseSync } from 'node:sqlite'
import type { SourceName } from '#core/knowledge/record.ts'
import type { Test } from '#core/query/query.ts'
import { aliasNumber } from '../read/rows.ts'
import { detectionBits, sourceBit, sourceOrder } from '../source-bit.ts'
import { flagBits, noTime, placeOf, type Columns, type WordList } from './columns.ts'
import { identifierIn, markIdentifier } from './identifier.ts'
import { wordsOf, type Mask, type TextIndex } from './text.ts'
import { numberTest, patternTest, timeTest, yesNoTest } from './value-tests.ts'

export type Searching = Readonly<{ db: DatabaseSync; columns: Columns; text: TextIndex; now: number }>
/** `expected` completes "…: it takes". Null: the value cannot be one. */
export type Field = Readonly<{ expected: string; mask(at: Searching, test: Test, values: readonly string[]): Mask | null }>

const number = (column: (columns: Columns) => ArrayLike<number>, expected: string, scale = 1, missing = Number.NaN): Field => ({
  expected,
  mask({ columns }, test, values) {
    const array = column(columns)
    if (test === 'is' && values.length === 1 && values[0]!.toLowerCase() === 'none') return fill(columns, (at) => Number.isNaN(array[at]!) || array[at] === missing)
    const holds = numberTest(test, values, scale)
    return holds === null ? null : fill(columns, (at) => array[at] !== missing && holds(array[at]!))
  },
})

const time = (column: (columns: Columns) => Int32Array): Field => ({
  expected: 'a day as 2026-01-31, a year, or an age as 7d, >30d',
  mask({ columns, now }, test, values) {
    const holds = timeTest(test, values, now)
    const array = column(columns)
    return holds === null ? null : fill(columns, (at) => holds(array[at]!))
  },
})

const yesNo = (holds: (columns: Columns, at: number) => boolean): Field => ({
  expected: 'true or false',
  mask({ columns }, test, values) {
    const wanted = yesNoTest(test, values)
    return wanted === null ? null : fill(columns, (at) => holds(columns, at) === wanted)
  },
})

/** One or more of a fixed list of words, each a test of a row. */
const word = (words: Readonly<Record<string, (columns: Columns, at: number) => boolean>>): Field => ({
  expected: Object.keys(words).join(', '),
  mask({ columns }, test, values) {
    const known = values.map((value) => words[Object.keys(words).find((one) => one.toLowerCase() === value.toLowerCase()) ?? ''])
    if ((test !== 'is' && test !== 'exact') || known.includes(undefined)) return null
    return fill(columns, (at) => known.some((holds) => holds!(columns, at)))
  },
})

const member = (list: (columns: Columns) => WordList, holds: (test: Test, values: readonly string[]) => ((value: string) => boolean) | null): Field => ({
  expected: 'a value, with * for anything',
  mask({ columns }, test, values) {
    const { words, offsets, places } = list(columns)
    if (test === 'is' && values.length === 1 && values[0]!.toLowerCase() === 'none') return fill(columns, (at) => offsets[at] === offsets[at + 1])
    const wanted = holds(test, values)
    if (wanted === null) return null
    const isWanted = Uint8Array.from(words, (one) => (wanted(one) ? 1 : 0))
    return fill(columns, (at) => {
      for (let place = offsets[at]!; place < offsets[at + 1]!; place++) if (isWanted[places[place]!] === 1) return true
      return false
    })
  },
})

const flag = (bit: number) => ({ flags }: Columns, at: number): boolean => (flags[at]! & bit) !== 0
const wholeOrPattern = (part: (value: string) => string) => (test: Test, values: readonly string[]): ((value: string) => boolean) | null => {
  if (test !== 'is' && test !== 'exact') return null
  const tests = values.map((value) => (test === 'exact' || !value.includes('*') ? (text: string) => text === value.toLowerCase() : patternTest(value)))
  return (value) => tests.some((one) => one(part(value).toLowerCase()))
}

const names: Field = {
  expected: 'an id as CVE-2024-6387, GHSA-…, with * for anything at its end',
  mask({ db, columns }, test, values) {
    if (test !== 'is' && test !== 'exact') return null
    const mask = new Uint8Array(columns.count)
    for (const value of values) {
      const id = identifierIn(value.replace(/\*$/, ''))
      const unasked = new Uint8Array(columns.count)
      if (id !== null) markIdentifier(columns, id, value.endsWith('*') ? mask : unasked, value.endsWith('*') ? unasked : mask)
      else {
        const number = aliasNumber(db, value)
        const place = number === null ? -1 : placeOf(columns, number)
        if (place >= 0) mask[place] = 1
      }
    }
    return mask
  },
}

const title: Field = {
  expected: 'words',
  mask(at, test, values) {
    if (test !== 'is' && test !== 'exact') return null
    return values.map((value) => at.text.rows(wordsOf(value), 'head')).reduce((all, one) => all.map((bit, place) => bit | one[place]!))
  },
}

const exploited = yesNo(({ exploited: since }, at) => since[at] !== noTime)
const exploitedField: Field = {
  expected: 'true, false, or since when: 2026-01-31, 30d',
  mask: (at, test, values) => exploited.mask(at, test, values) ?? time(({ exploited: since }) => since).mask(at, test, values),
}
const products = (part: (value: string) => string): Field => member((columns) => columns.products, wholeOrPattern(part))

export const fields: Readonly<Record<string, Field>> = {
  cve: names,
  name: names,
  title,
  severity: number(({ severity }) => severity, 'a whole number, >=4, or 1..5'),
  cvss: number(({ score }) => score, 'a number, >=7.5, or 4..6.9, or none', 10, 255),
  epss: number(({ epss }) => epss, 'a number from 0 to 1, >=0.5, or none'),
  risk: number(({ risk }) => risk, 'a whole number from 0 to 1000'),
  exploited: exploitedField,
  kev: exploitedField,
  ransomware: yesNo(flag(flagBits.ransomware)),
  withdrawn: yesNo(flag(flagBits.withdrawn)),
  ssvc: word({ none: (columns, at) => (columns.flags[at]! & (flagBits.ssvcKnown | flagBits.ssvcPoc | flagBits.ssvcActive)) === flagBits.ssvcKnown, poc: flag(flagBits.ssvcPoc), active: flag(flagBits.ssvcActive) }),
  exploit: word({ none: (columns, at) => (columns.flags[at]! & (flagBits.exploitPoc | flagBits.exploitWeaponised)) === 0, poc: flag(flagBits.exploitPoc), weaponised: flag(flagBits.exploitWeaponised) }),
  detection: word({
    none: ({ detection }, at) => detection[at] === 0, any: ({ detection }, at) => detection[at] !== 0,
    ...Object.fromEntries(Object.entries(detectionBits).map(([name, bit]) => [name, ({ detection }: Columns, at: number) => (detection[at]! & bit) !== 0])),
  }),
  source: word(Object.fromEntries(sourceOrder.map((name: SourceName) => [name, ({ sources }: Columns, at: number) => (sources[at]! & sourceBit(name)) !== 0]))),
  cwe: member((columns) => columns.cwe, (test, values) => wholeOrPattern((value) => value)(test, values.map((value) => (/^\d+$/.test(value) ? `CWE-${value}` : value)))),
  product: member((columns) => columns.products, (test, values) => {
    const whole = wholeOrPattern((value) => value)(test, values)
    const part = wholeOrPattern(productPart)(test, values)
    return whole === null || part === null ? null : (value) => whole(value) || part(value)
  }),
  vendor: products((value) => value.slice(0, Math.max(0, value.indexOf(':')))),
  published: time(({ published }) => published),
  modified: time(({ modified }) => modified),
}

/** `openbsd:openssh` → openssh */
export function productPart(value: string): string {
  return value.slice(value.indexOf(':') + 1)
}

function fill({ count }: Columns, holds: (at: number) => boolean): Mask {
  const mask = new Uint8Array(count)
  for (let at = 0; at < count; at++) if (holds(at)) mask[at] = 1
  return mask
}

