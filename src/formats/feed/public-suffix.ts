import { fail } from '#core/errors.ts'
import type { FeedReader } from './reader.ts'
import { decoded } from './value/json-file.ts'

const what = 'the public suffix list'

/** The public suffix list, kept whole: names are looked up in it, and it is small. */
export const publicSuffix: FeedReader = {
  source: {
    name: 'publicsuffix', title: 'Public Suffix List', licence: 'MPL-2.0', attribution: 'Mozilla and contributors', homepage: 'https://publicsuffix.org/',
    upstream: ['https://publicsuffix.org/list/public_suffix_list.dat'],
  },
  recognises: (path) => /(^|\/)public_suffix_list\.dat(\.gz)?$/.test(path),
  async *read(input) {
    let found = false
    for await (const entry of input.entries()) {
      if (!/\.dat(\.gz)?$/.test(entry.name)) continue
      const bytes = await entry.bytes()
      const text = decoded(bytes)
      const rules = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('//')).length
      if (!text.includes('===BEGIN ICANN DOMAINS===') || rules === 0) fail('feed.format', { path: entry.name, what, problem: 'it has no rules' })
      if (!text.includes('===END PRIVATE DOMAINS===')) fail('feed.truncated', { path: entry.name, place: `${rules} rules` })
      const version = /^\/\/ VERSION: (\d{4}-\d\d-\d\d)/m.exec(text)?.[1]
      found = true
      yield { record: 'head', whole: true, ...(version === undefined ? {} : { snapshot: version }) }
      yield { record: 'file', key: 'public_suffix_list.dat', bytes }
      yield { record: 'counted', records: rules }
    }
    if (!found) fail('feed.format', { path: input.name, what, problem: 'there is no list in it' })
  },
}
