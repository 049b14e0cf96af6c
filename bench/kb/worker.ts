import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Import } from '#knowledge/build/build.ts'
import { readCurrent } from '#knowledge/folder.ts'
import { openRelease } from '#knowledge/open.ts'

export type Reply = Readonly<Record<string, number>>
type Task = Readonly<{ task: 'build' | 'ask'; folder: string; imports: readonly Import[] }>

const rounds = 5
const sorts = ['relevance', '-published', '-score', '-epss']

process.once('message', (task: Task) => {
  const work = task.task === 'build' ? importing(task) : asking(task)
  work.then((reply) => process.send!(reply), (error: unknown) => process.send!({ problem: error instanceof Error ? error.message : String(error) }))
})

async function importing({ folder, imports }: Task): Promise<Reply> {
  const started = performance.now()
  const report = await build(folder, imports)
  const failed = report.feeds.filter((one) => one.state === 'failed')
  if (failed.length > 0) throw new Error(`${failed[0]!.source}: ${failed[0]!.problem}`)
  const current = readCurrent(folder)!
  return {
    seconds: (performance.now() - started) / 1000, vulnerabilities: current.counts.vulnerabilities, ranges: current.counts.ranges,
    megabytes: Math.round(statSync(join(folder, current.file)).size / 1e6),
  }
}

/** Mixed questions as people ask them: words, products, ids, fields, combined, misspelt. The words are taken from what is there. */
async function asking({ folder }: Task): Promise<Reply> {
  const before = await residentMegabytes()
  const knowledge = openRelease(folder, readCurrent(folder)!)
  const started = performance.now()
  const { items } = await knowledge.vulnerabilities({ q: '', limit: 50 })
  const open = performance.now() - started
  await knowledge.sources()
  const opened = (await residentMegabytes()) - before
  const products = [...new Set(items.flatMap((one) => one.products.map((product) => product.split(':')[1]!)))].slice(0, 12)
  const words = [...new Set(items.flatMap((one) => one.title.toLowerCase().match(/[a-z]{5,}/g) ?? []))].slice(0, 12)
  const queries = [
    ...words, ...products, ...products.map((product) => `product:${product}`), ...words.slice(0, 6).map((word, at) => `${word} ${words[at + 6] ?? 'overflow'}`), ...items.slice(0, 8).map((one) => one.name),
    ...items.slice(0, 4).map((one) => one.name.slice(4)), ...words.slice(0, 4).map((word) => `${word.slice(0, -2)}${word.at(-1)}${word.at(-2)}`), '', 'exploited:true', 'severity:>=4 epss:>0.5', 'detection:template ransomware:true',
    'published:2y severity:5', 'cwe:79 -exploited:true', 'overflow severity:>=4 detection:product', 'vulnerability', 'cvss:9..10 or epss:>0.9', 'source:kev detection:none', 'buffer overflow', 'name:CVE-2023*',
  ]
  const [searches, facets, details]: [number[], number[], number[]] = [[], [], []]
  const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    const from = performance.now()
    await work()
    into.push(performance.now() - from)
  }
  for (let round = 0; round < rounds; round++) {
    for (const [at, q] of queries.entries()) {
      await timed(searches, () => knowledge.vulnerabilities({ q, sort: sorts[(at + round) % sorts.length]!, limit: 50 }))
      await timed(facets, () => knowledge.vulnerabilityFacets(q))
    }
    for (const one of items) await timed(details, () => knowledge.vulnerability(one.name))
  }
  await knowledge.checks({ q: 'remote', limit: 50 })
  await knowledge.checkFacets('')
  const grown = (await residentMegabytes()) - before
  await knowledge.close()
  return { open, p50: share(searches, 0.5), p95: share(searches, 0.95), facetsP95: share(facets, 0.95), detailP95: share(details, 0.95), runs: searches.length, opened, grown }
}

function share(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!
}

async function residentMegabytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024)
}
