import { basename } from 'node:path'
import type { FeedRecord } from '#core/knowledge/record.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import type { FeedReader } from '#formats/feed/reader.ts'

/** What came of a feed: records as upstream counts them, and vulnerabilities that something is said of. */
export type FeedCounts = Readonly<{
  feed: string; source: string; records: number; statements: number; cves: number; withdrawn: number; affected: number; affectedCves: number; cpeCves: number; cvss: number; cwe: number
  ssvc: number; exploited: number; unused: Readonly<Record<string, number>>; snapshot: string; seconds: number; megabytes: number
}>

export async function countFeed(reader: FeedReader, path: string): Promise<FeedCounts> {
  const start = process.cpuUsage()
  const sets = { cves: new Set<string>(), affected: new Set<string>(), cpe: new Set<string>(), cvss: new Set<string>(), cwe: new Set<string>(), ssvc: new Set<string>(), exploited: new Set<string>(), withdrawn: new Set<string>() }
  const unused: Record<string, number> = {}
  let [records, statements, affected, snapshot] = [0, 0, 0, '']
  const take = (record: FeedRecord): void => {
    if (record.record === 'counted') records += record.records
    if (record.record === 'unused') unused[record.reason] = (unused[record.reason] ?? 0) + 1
    if (record.record === 'head') snapshot = record.snapshot ?? ''
    if (record.record === 'statement') {
      statements++
      const { vulnerability } = record
      if (vulnerability.startsWith('CVE-')) sets.cves.add(vulnerability)
      if (record.withdrawn !== undefined) sets.withdrawn.add(`${vulnerability} ${record.key}`)
      if (record.cvss.length > 0) sets.cvss.add(vulnerability)
      if (record.cwe.length > 0) sets.cwe.add(vulnerability)
      if (record.overlay?.ssvc !== undefined) sets.ssvc.add(vulnerability)
      if (record.overlay?.exploited !== undefined) sets.exploited.add(vulnerability)
    }
    if (record.record === 'affected') {
      affected++
      sets.affected.add(record.vulnerability)
      if (record.product.ecosystem === 'cpe') sets.cpe.add(record.vulnerability)
    }
  }
  for await (const record of reader.read(await openFeedInput(path))) take(record)
  const used = process.cpuUsage(start)
  return {
    feed: basename(path), source: reader.source.name, records, statements, cves: sets.cves.size, withdrawn: sets.withdrawn.size, affected, affectedCves: sets.affected.size,
    cpeCves: sets.cpe.size, cvss: sets.cvss.size, cwe: sets.cwe.size, ssvc: sets.ssvc.size, exploited: sets.exploited.size, unused, snapshot,
    seconds: Math.round((used.user + used.system) / 10_000) / 100, megabytes: Math.round(process.memoryUsage().rss / 1_048_576),
  }
}
