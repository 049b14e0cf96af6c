import { gzipSync } from 'node:zlib'
import { fail } from '#core/errors.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import { boundOf } from '../../archive/bound.ts'
import { feedLimits } from '../../archive/feed-input.ts'
import { gunzip } from '../../archive/gunzip.ts'
import type { FeedReader } from '../reader.ts'
import { readXml } from '../value/xml.ts'
import { benchmarkReader } from './benchmark.ts'

const what = 'a SCAP data stream'

/** SCAP data streams: benchmark, rules and profiles as records, and the file whole for the engine that evaluates it. Nothing in it is run. */
export const scap: FeedReader = {
  source: {
    name: 'scap', title: 'ComplianceAsCode content', licence: 'BSD-3-Clause', attribution: 'ComplianceAsCode / SCAP Security Guide project',
    homepage: 'https://github.com/ComplianceAsCode/content', upstream: ['https://api.github.com/repos/ComplianceAsCode/content/releases/latest'],
  },
  recognises: (path) => /(^|\/)[\w.-]+-ds\.xml(\.gz)?$|(^|\/)scap-security-guide-[\w.-]+\.zip$/.test(path),
  async *read(input) {
    let streams = 0
    for await (const entry of input.entries()) {
      if (!/-ds\.xml(\.gz)?$/.test(entry.name)) continue
      const packed = await entry.packed()
      const isPacked = entry.name.endsWith('.gz')
      const reader = benchmarkReader(entry.name)
      const one = (async function* () {
        yield packed
      })()
      await readXml(entry.name, what, isPacked ? gunzip(input.name, entry.name, one, boundOf(input.name, feedLimits)) : one, reader.events)
      const records = reader.records()
      if (records.length === 0) fail('feed.format', { path: entry.name, what, problem: 'it has no benchmark' })
      yield* records
      const name = entry.name.slice(entry.name.lastIndexOf('/') + 1)
      yield { record: 'file', key: isPacked ? name : `${name}.gz`, bytes: isPacked ? packed : gzipSync(packed) }
      yield { record: 'counted', records: 1 } satisfies FeedRecord
      streams += 1
      if (streams === 1) yield { record: 'head', whole: true, ...reader.about() }
    }
    if (streams === 0) fail('feed.format', { path: input.name, what, problem: 'there is no data stream in it' })
  },
}
