import { Type, type TSchema } from 'typebox'
import { fail } from '#core/errors.ts'

/** Query parameters of every list; spread into a route's querystring. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Rows in one page.' })),
  after: Type.Optional(Type.String({ maxLength: 600, description: '`next` of the page before.' })),
}

/** `{ items, next }`; `next` is null on the last page. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), next: Type.Union([Type.String({ maxLength: 600 }), Type.Null()]) })

export type Page<Item> = Readonly<{ items: readonly Item[]; next: string | null }>
export type PageQuery = Readonly<{ limit?: number; after?: string }>

type Part = 'id' | 'number' | 'text' | 'time'
type Value<P extends Part> = P extends 'number' ? number : P extends 'time' ? Date : string
type Values<Parts extends readonly Part[]> = { -readonly [I in keyof Parts]: Value<Parts[I]> }

/**
 * Keyset position of a list: the sort keys of the last row seen, checked in shape, since they come back from outside. It grants
 * nothing: the tenant and the scope are applied again by the query it is used in.
 * `const position = cursor('finding.last', ['time', 'id'])`; `list` ties it to one ordering.
 */
export function cursor<const Parts extends readonly Part[]>(list: string, parts: Parts) {
  return {
    read(after: string | undefined): Values<Parts> | null {
      if (after === undefined || after === '') return null
      const values = decode(after)
      if (values === null || values.length !== parts.length + 1 || values[0] !== list) fail('page.cursor')
      return parts.map((part, index) => check(part, values[index + 1])) as Values<Parts>
    },
    write(values: Values<Parts>): string {
      const plain = (values as unknown[]).map((value) => (value instanceof Date ? value.getTime() : value))
      return Buffer.from(JSON.stringify([list, ...plain])).toString('base64url')
    },
    /** Cuts a result of `limit + 1` rows into a page. */
    page<Row, Item>(rows: readonly Row[], limit: number, key: (row: Row) => Values<Parts>, item: (row: Row) => Item): { items: Item[]; next: string | null } {
      const shown = rows.slice(0, limit)
      return { items: shown.map(item), next: rows.length > limit ? this.write(key(shown.at(-1)!)) : null }
    },
  }
}

function decode(text: string): unknown[] | null {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(values) ? values : null
  } catch {
    return null
  }
}

function check(part: Part, value: unknown): unknown {
  if (part === 'number' && typeof value === 'number' && Number.isFinite(value)) return value
  if (part === 'time' && typeof value === 'number' && value >= 0 && value < 32_503_680_000_000) return new Date(value)
  if (part === 'text' && typeof value === 'string' && value.length <= 400 && !value.includes('\0')) return value
  if (part === 'id' && typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return value
  return fail('page.cursor')
}
