import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Affected } from '#core/knowledge/affected.ts'
import type { FeedRecord, SourceName, Statement } from '#core/knowledge/record.ts'
import type { Import } from '#knowledge/build/build.ts'

/** As many as the public sources hold: what is invented here only has their size and shape. */
export const sizes = { probabilities: 360_000, cves: 44_000, advisories: 14_000, ranges: 3 }

const nouns = ['buffer', 'heap', 'parser', 'session', 'token', 'upload', 'template', 'query', 'header', 'cookie', 'kernel', 'driver', 'cache', 'proxy', 'plugin', 'widget', 'certificate', 'archive', 'index', 'gateway']
const flaws = ['overflow', 'injection', 'traversal', 'forgery', 'disclosure', 'bypass', 'deserialization', 'escalation', 'exhaustion', 'race']
const syllables = ['ka', 'lo', 'mi', 'ner', 'sto', 'vex', 'dra', 'qui', 'pho', 'tal', 'ran', 'bel', 'cor', 'zen', 'ola', 'fir']

/** The same numbers on every run. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

/** Writes invented feeds of the size of the public ones below `folder`. */
export async function writeSynthetic(folder: string, share = 1): Promise<readonly Import[]> {
  await mkdir(folder, { recursive: true })
  const next = chance(7)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!
  const word = (): string => pick(syllables) + pick(syllables) + pick(syllables)
  const products = Array.from({ length: 6000 }, () => `${word()}:${word()}`)
  const count = (whole: number): number => Math.round(whole * share)
  const ids = Array.from({ length: count(sizes.probabilities) }, (_, at) => `CVE-${2005 + Math.floor(at / (sizes.probabilities * share / 21))}-${String(1000 + (at % Math.ceil(sizes.probabilities * share / 21))).padStart(4, '0')}`)
  const text = (): string => Array.from({ length: 40 + Math.floor(next() * 60) }, () => (next() < 0.3 ? pick(nouns) : next() < 0.4 ? pick(flaws) : word())).join(' ')

  function statement(id: string, key: string, aliases: readonly string[], product: string): Statement {
    const score = Math.round(next() * 100) / 10
    return {
      record: 'statement', vulnerability: id, key, aliases, title: `${product.split(':')[1]} ${pick(nouns)} ${pick(flaws)}`, details: text(), published: `${id.slice(4, 8)}-0${1 + Math.floor(next() * 9)}-1${Math.floor(next() * 9)}T08:00:00Z`,
      cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score }], cwe: [`CWE-${20 + Math.floor(next() * 400)}`],
      references: Array.from({ length: 4 }, () => ({ url: `https://${word()}.example/${word()}`, kind: 'web' as const })), products: [product],
    }
  }
  const affected = (id: string, key: string, ecosystem: string, name: string): Affected => ({
    record: 'affected', vulnerability: id, key, product: { ecosystem, name }, of: 'binary', scheme: ecosystem === 'cpe' ? 'generic' : 'semver', intervals: [{ from: '0', before: `${Math.floor(next() * 20)}.${Math.floor(next() * 20)}.1` }],
    versions: [], status: 'affected', fixed: [],
  })

  async function write(source: SourceName, file: string, records: Iterable<FeedRecord>): Promise<Import> {
    const path = join(folder, `${file}.vigil.jsonl.gz`)
    const out = createGzip({ level: 1 })
    out.pipe(createWriteStream(path))
    let lines: string[] = []
    const flush = async (): Promise<void> => {
      if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain')
      lines = []
    }
    for (const record of records) {
      lines.push(JSON.stringify(record))
      if (lines.length === 500) await flush()
    }
    lines.push('{"record":"end"}')
    await flush()
    out.end()
    await finished(out)
    return { source, paths: [path] }
  }

  return [
    await write('epss', 'epss', (function* () {
      yield { record: 'head', snapshot: '2026-08-16', whole: true } as const
      for (const id of ids) yield { record: 'probability', vulnerability: id, probability: next() ** 6, percentile: next() } as const
      yield { record: 'counted', records: ids.length } as const
    })()),
    await write('vulnrichment', 'vulnrichment', (function* () {
      yield { record: 'head', snapshot: '2026-08-16', whole: true } as const
      for (let n = 0; n < count(sizes.cves); n++) {
        const [id, product] = [ids[Math.floor(next() * ids.length)]!, pick(products)]
        yield statement(id, `${id}`, [], product)
        for (let range = 0; range < sizes.ranges; range++) yield affected(id, id, 'cpe', product)
        yield { record: 'counted', records: 1 } as const
      }
    })()),
    await write('ghsa', 'ghsa', (function* () {
      yield { record: 'head', snapshot: '2026-08-16', whole: true } as const
      for (let n = 0; n < count(sizes.advisories); n++) {
        const [cve, key] = [ids[Math.floor(next() * ids.length)]!, `GHSA-${String(n).padStart(4, '0')}-aaaa-bbbb`]
        const id = next() < 0.8 ? cve : key
        yield statement(id === key ? key : cve, key, id === key ? [] : [key], `npm:${word()}`)
        for (let range = 0; range < sizes.ranges; range++) yield affected(id, key, 'npm', word())
        yield { record: 'counted', records: 1 } as const
      }
    })()),
    await write('kev', 'kev', (function* () {
      yield { record: 'head', snapshot: '2026-08-16', whole: true } as const
      for (let n = 0; n < count(1600); n++) {
        const id = ids[Math.floor(next() * ids.length)]!
        yield { ...statement(id, id, [], pick(products)), overlay: { exploited: { since: '2024-01-02', ransomware: next() < 0.2 } } }
        yield { record: 'counted', records: 1 } as const
      }
    })()),
  ]
}
