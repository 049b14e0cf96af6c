import type { FeedReader } from '../reader.ts'
import { Unusable, jsonOf, runFeed } from '../value/feed-run.ts'
import { fieldsOf } from '../value/json-value.ts'
import { putAdvisory } from './advisory.ts'

/** Vendors' advisories and VEX in CSAF 2.0. */
export const csaf: FeedReader = {
  source: {
    name: 'csaf', title: 'CSAF advisories', licence: 'by publisher; CISA: U.S. Government work', attribution: 'CISA and the publishers named in each advisory', homepage: 'https://github.com/cisagov/CSAF',
    upstream: ['https://github.com/cisagov/CSAF/archive/refs/heads/develop.zip'],
  },
  recognises: (path) => /(?:^|\/)(?:[\w.-]*csaf[\w.-]*)(?:\/|$)/i.test(path) && !/red-?hat/i.test(path),
  read(input) {
    const newest = new Map<string, string>()
    return runFeed(input, {
      what: 'CSAF advisories',
      takes: (name) => name.endsWith('.json') && !/(?:^|\/)(?:provider-metadata|index|[^/]*feed[^/]*|package|aggregator)\.json$/.test(name),
      entry(bytes, name, sink) {
        const value = jsonOf(bytes)
        if (fieldsOf(value)['document'] === undefined) throw new Unusable('csaf-format', `${name} has no part "document"`)
        putAdvisory(value, newest, sink)
        return 1
      },
    })
  },
}
