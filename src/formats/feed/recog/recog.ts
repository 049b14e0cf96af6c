import { fail } from '#core/errors.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedReader } from '../reader.ts'
import { dayOf } from '../value/feed-run.ts'
import { readXml } from '../value/xml.ts'
import { fingerprintReader } from './fingerprint-file.ts'

const what = 'recog fingerprints'

/** Patterns that name software by what it says of itself. They are translated and run by src/core/fingerprint, never here. */
export const recog: FeedReader = {
  source: {
    name: 'recog', title: 'Recog fingerprints', licence: 'BSD-2-Clause', attribution: 'Rapid7 and contributors', homepage: 'https://github.com/rapid7/recog',
    upstream: ['https://github.com/rapid7/recog/archive/refs/heads/main.tar.gz'],
  },
  recognises: (path) => /(^|\/)recog[\w.-]*\.(tar\.gz|tgz|tar|zip)$/.test(path),
  async *read(input) {
    let files = 0
    for await (const entry of input.entries()) {
      // Tests and fixtures lie elsewhere in a checkout.
      if (!entry.name.endsWith('.xml') || /(^|\/)(spec|test|features)\//.test(entry.name)) continue
      const reader = fingerprintReader(entry.name)
      await readXml(entry.name, what, entry.stream(), reader.events, 16 * 1024 * 1024)
      const records = reader.records()
      yield* records
      if (records.length > 0) yield { record: 'counted', records: records.length } satisfies FeedRecord
      files += records.length > 0 ? 1 : 0
    }
    if (files === 0) fail('feed.format', { path: input.name, what, problem: 'there is no file of fingerprints in it' })
    const day = dayOf(input.name)
    yield { record: 'head', whole: true, ...(day === undefined ? {} : { snapshot: day }) }
  },
}
