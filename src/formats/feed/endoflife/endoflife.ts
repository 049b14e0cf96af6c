import { load } from 'js-yaml'
import { fail } from '#core/errors.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedReader } from '../reader.ts'
import { newest } from '../value/choice.ts'
import { dayOf } from '../value/feed-run.ts'
import { decoded, parsedJson } from '../value/json-file.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, isFields, listOf } from '../value/json-value.ts'
import { productOf } from './product.ts'

const what = 'a list of life cycles'

/**
 * Life cycles of products: the whole list (`products.json`, the new API's `/api/v1/products/full`), one file a product of either API, or upstream's source files
 * (YAML between `---`, then text).
 */
export const endoflife: FeedReader = {
  source: {
    name: 'endoflife', title: 'endoflife.date', licence: 'MIT', attribution: 'endoflife.date contributors', homepage: 'https://endoflife.date/',
    upstream: ['https://endoflife.date/api/v1/products/full'],
  },
  recognises: (path) => /(^|\/)endoflife(\.date)?[\w.-]*\.(tar\.gz|tgz|tar|zip)$|(^|\/)endoflife[\w.-]*\/(products|full)\.json(\.gz)?$/.test(path),
  choose: (paths) => newest(paths, /\.json(\.gz)?$/),
  async *read(input) {
    let products = 0
    for await (const entry of input.entries()) {
      const found = /\.json(\.gz)?$/.test(entry.name) ? inJson(entry.name, parsedJson(entry.name, what, await entry.bytes()))
        : /(^|\/)products\/[^/]+\.md$/.test(entry.name) ? [inSource(entry.name, decoded(await entry.bytes()))] : []
      for (const record of found) {
        yield record
        yield { record: 'counted', records: 1 } satisfies FeedRecord
        products += 1
      }
    }
    if (products === 0) fail('feed.format', { path: input.name, what, problem: 'there is no product in it' })
    const day = dayOf(input.name)
    yield { record: 'head', whole: true, ...(day === undefined ? {} : { snapshot: day }) }
  },
}

function inJson(path: string, parsed: unknown): readonly FeedRecord[] {
  const result = fieldsOf(parsed).result
  const items = Array.isArray(parsed) ? listOf(parsed, 100_000) : Array.isArray(result) ? listOf(result, 100_000) : isFields(result) ? [result] : []
  // One product of the old API is a bare list of its cycles; a boolean there says whether there is support, not whether it has ended.
  const isCycles = Array.isArray(parsed) && items.length > 0 && items.every((item) => isFields(item) && item.cycle !== undefined && item.releases === undefined)
  if (isCycles) return [record(stem(path), { releases: items.map((item) => withoutTruths(fieldsOf(item))) })]
  // The list of names of either API says nothing of cycles.
  return items.filter((item) => typeof item !== 'string').map((item, index) => record(`${stem(path)}#${index}`, fieldsOf(item), false))
}

function withoutTruths(cycle: Fields): Fields {
  return Object.fromEntries(Object.entries(cycle).filter(([key, value]) => !(typeof value === 'boolean' && /^(support|extendedSupport)$/.test(key))))
}

function inSource(path: string, text: string): FeedRecord {
  const head = /^---\r?\n(.*?)\r?\n---\r?(?:\n|$)/s.exec(text.slice(0, 1024 * 1024))?.[1]
  if (head === undefined) return { record: 'unused', key: stem(path), reason: 'no-front-matter', text: 'has no YAML between ---' }
  try {
    return record(stem(path), fieldsOf(load(head, { maxDepth: 32, maxAliases: 100 })))
  } catch (error) {
    return { record: 'unused', key: stem(path), reason: 'not-yaml', text: error instanceof Error ? error.message.slice(0, 300) : 'not YAML' }
  }
}

function record(key: string, item: Fields, isNamed = true): FeedRecord {
  return productOf(item, isNamed ? key : undefined) ?? { record: 'unused', key: key.slice(0, 200), reason: 'no-cycles', text: 'has no name or no cycles' }
}

function stem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.(md|json)(\.gz)?$/, '')
}
