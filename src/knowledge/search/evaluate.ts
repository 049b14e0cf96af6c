import { fail } from '#core/errors.ts'
import { parseQuery, type Query } from '#core/query/query.ts'
import { aliasNumber } from '../read/rows.ts'
import { placeOf } from './columns.ts'
import { fields, productPart, type Searching } from './fields.ts'
import { identifierIn, markIdentifier } from './identifier.ts'
import { wordsOf, type Mask } from './text.ts'

export type Found = Readonly<{
  mask: Mask
  total: number
  /** How exactly a row is what was asked, 0–3, where the query has words; else null. */
  tiers: Uint8Array | null
  /** Words of the query that stand for themselves, for a better spelling. */
  words: readonly string[]
}>

/** Rows that a query means. Throws what is wrong with the query as other lists do. */
export function evaluate(at: Searching, q: string): Found {
  const query = parseQuery(q)
  const { columns } = at
  if (query === null) return { mask: new Uint8Array(columns.count).fill(1), total: columns.count, tiers: null, words: [] }
  const walk = (part: Query): Mask => {
    if (part.kind === 'not') return walk(part.part).map((bit) => 1 - bit)
    if (part.kind === 'text') return textMask(at, part.text)
    if (part.kind === 'field') {
      const field = Object.entries(fields).find(([name]) => name.toLowerCase() === part.field.toLowerCase())?.[1]
      if (field === undefined) return fail('query.unknown_field', { field: part.field, known: Object.keys(fields).sort().join(', ') })
      return field.mask(at, part.test, part.values) ?? fail('query.bad_value', { value: part.values.join(','), field: part.field, expected: `it takes ${field.expected}` })
    }
    const masks = part.parts.map(walk)
    const all = masks[0]!.slice()
    for (const one of masks.slice(1)) {
      if (part.kind === 'and') for (let place = 0; place < all.length; place++) all[place]! &= one[place]!
      else for (let place = 0; place < all.length; place++) all[place]! |= one[place]!
    }
    return all
  }
  const mask = walk(query)
  let total = 0
  for (let place = 0; place < mask.length; place++) total += mask[place]!
  const texts = (query.kind === 'and' ? query.parts : [query]).filter((part) => part.kind === 'text').map((part) => part.text)
  const words = texts.filter((text) => identifierIn(text) === null).flatMap(wordsOf)
  return { mask, total, tiers: total === 0 || texts.length === 0 ? null : tiersOf(at, texts, words), words }
}

function textMask({ db, columns, text }: Searching, value: string): Mask {
  const id = identifierIn(value)
  if (id !== null) {
    const [begins, exact] = [new Uint8Array(columns.count), new Uint8Array(columns.count)]
    if (markIdentifier(columns, id, begins, exact)) return begins
  }
  const mask = text.rows(wordsOf(value), 'anywhere')
  if (!/^[a-z][a-z0-9]*-[\w:.-]+$/i.test(value) && !/^\d{9,10}$/.test(value)) return mask
  // Other names are kept apart from the text: GHSA-…, and numbers of checks.
  const places = [aliasNumber(db, value), /^\d+$/.test(value) ? Number(value) : null].filter((number) => number !== null).map((number) => placeOf(columns, number)).filter((place) => place >= 0)
  if (places.length === 0) return mask
  const more = mask.slice()
  for (const place of places) more[place] = 1
  return more
}

/** 3: the id itself; 2: the product that the words name; 1: all words in title or products; 0: somewhere in the text. */
function tiersOf({ columns, text }: Searching, texts: readonly string[], words: readonly string[]): Uint8Array {
  const tiers = words.length === 0 ? new Uint8Array(columns.count) : text.rows(words, 'head').slice()
  if (words.length > 0) {
    const { words: products, offsets, places } = columns.products
    const isNamed = Uint8Array.from(products, (product) => (names(product, words) ? 1 : 0))
    for (let at = 0; at < columns.count; at++) {
      for (let place = offsets[at]!; place < offsets[at + 1]!; place++) if (isNamed[places[place]!] === 1) tiers[at] = 2
    }
  }
  const begins = new Uint8Array(columns.count)
  const exact = new Uint8Array(columns.count)
  for (const value of texts) {
    const id = identifierIn(value)
    if (id !== null) markIdentifier(columns, id, begins, exact)
  }
  for (let at = 0; at < columns.count; at++) if (exact[at] === 1) tiers[at] = 3
  return tiers
}

/** The words hold the whole product name, and nothing but it and its vendor. */
function names(product: string, words: readonly string[]): boolean {
  if (!product.includes(words[0]!) && !product.includes(words.at(-1)!)) return false
  const all = product.split(/[:_.\-\s/]/)
  return productPart(product).split(/[:_.\-\s/]/).every((part) => words.includes(part)) && words.every((word) => all.includes(word))
}
