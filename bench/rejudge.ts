import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FeedRecord } from '#core/knowledge/record.ts'
import { build } from '#knowledge/build/build.ts'
import { openKnowledgeHolder } from '#platform/kb/holder.ts'
import { readApplied } from '#platform/observation/applied.ts'
import { startRejudge } from '#platform/observation/rejudge.ts'
import { createTenant } from '#platform/tenant/tenant.ts'
import { createAccount } from '#platform/user/account.ts'
import type { OpenStore } from '#store/open.ts'
import type { Figure } from '../src/command/bench.ts'
import { fillStored } from './rejudge/fill.ts'
import { percentile } from './statistics.ts'
import { inStore } from './store.ts'

const hosts = Number(process.env['VIGIL_BENCH_HOSTS'] ?? 50_000)
const packagesPerHost = 500
const packageNames = 5000
const advisories = 500

/**
 * What new knowledge costs when it is applied to what is stored: one new check of ours over 50,000 hosts, and 500 new advisories over their inventories of 500
 * packages, each from the swap until the last finding is there; and how long a page takes meanwhile. No packet is sent: there is no scanner.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  await inStore('rejudge', (opened, data) => run(opened, data, tell))
}

async function run(opened: OpenStore, data: string, tell: (figure: Figure) => void): Promise<void> {
  const { store } = opened
  const [content, folder] = [join(data, 'content'), join(data, 'knowledge')]
  await mkdir(join(content, 'signatures'), { recursive: true })
  await writeFile(join(content, 'signatures', 'checks.yaml'), checkText(501, '1.99'))
  const tenant = await store.platform(async (tx) => {
    const person = { id: await createAccount(tx, { name: 'Bench', email: 'bench@example.org', passwordHash: '' }, new Date()), name: 'Bench', email: 'bench@example.org' }
    return createTenant(tx, { name: 'Bench', manager: person, ip: null }, new Date(), [])
  })
  await fillStored(opened.owner, tenant, { hosts, packages: packagesPerHost, names: packageNames })
  const knowledge = await openKnowledgeHolder({ store, content, folder })
  const release = async (records: readonly FeedRecord[], signatures: string): Promise<void> => {
    await mkdir(join(data, 'own', 'signatures'), { recursive: true })
    await writeFile(join(data, 'own', 'signatures', 'checks.yaml'), signatures)
    const path = join(data, `all-${Date.now()}.vigil.jsonl`)
    await writeFile(path, [{ record: 'head', snapshot: '2026-01-01', whole: true }, ...records, { record: 'counted', records: records.length }, { record: 'end' }].map((one) => JSON.stringify(one)).join('\n'))
    await build(folder, [{ source: 'osv', paths: [path] }, { source: 'vigil', paths: [join(data, 'own')] }], { force: true })
  }
  const rejudge = startRejudge({ store, knowledge, folder })
  try {
    const base = Array.from({ length: 200 }, (_, n) => advisory(9000 + n, `other-${n}`)).flat()
    await release(base, checkText(501, '1.99'))
    await knowledge.refresh()
    await rejudge.settled()
    const applied = async (metric: string, goal: number, expected: number): Promise<void> => {
      const pages: number[] = []
      let isDone = false
      const reading = (async () => {
        while (!isDone) {
          const begun = performance.now()
          await store.read(tenant, ({ sql }) => sql`select id from finding where tenant_id = ${tenant} order by score desc, id desc limit 50`)
          pages.push(performance.now() - begun)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      })()
      const [begun, cpu] = [performance.now(), process.cpuUsage()]
      await knowledge.refresh()
      await rejudge.settled()
      const seconds = (performance.now() - begun) / 1000
      const used = process.cpuUsage(cpu)
      isDone = true
      await reading
      const row = await store.read(tenant, readApplied)
      const common = { bench: 'rejudge', peer: null, ratio: null, runs: 1 } as const
      tell({ ...common, metric: `${metric}, until the last finding is there`, value: seconds, unit: 's', goal: `< ${goal} s`, holds: seconds < goal })
      tell({ ...common, metric: `${metric}, findings`, value: row?.fresh ?? 0, unit: 'findings', goal: `${expected}, counted in the inventories`, holds: row?.fresh === expected })
      tell({ ...common, metric: `${metric}, CPU of the platform`, value: (used.user + used.system) / 1_000_000, unit: 's', goal: null, holds: null })
      tell({ ...common, metric: `${metric}, a page read meanwhile, p95`, value: percentile(pages, 0.95), unit: 'ms', goal: '< 50 ms', holds: percentile(pages, 0.95) < 50 })
    }
    await release(base, `${checkText(501, '1.99')}\n${checkText(502, '1.7')}`)
    await applied(`a new check over ${hosts} stored hosts`, 60, Array.from({ length: hosts }, (_, n) => n).filter((n) => n % 10 === 7).length)
    const affected = Array.from({ length: advisories }, (_, n) => `package-${(n * 7) % packageNames}`)
    const fresh = affected.flatMap((name, n) => advisory(n, name))
    const [{ n: expected }] = await opened.owner<[{ n: number }]>`
      select count(*)::int as n from asset_software s cross join lateral unnest(s.items) as i (id) join software w on w.id = i.id
      where s.tenant_id = ${tenant} and w.tenant_id = ${tenant} and w.version = '1.0.0-1' and w.name = any(${affected}::text[])`
    await release([...base, ...fresh], `${checkText(501, '1.99')}\n${checkText(502, '1.7')}`)
    await applied(`${advisories} new advisories over ${hosts} inventories of ${packagesPerHost}`, 600, expected)
  } finally {
    await rejudge.stop()
    await knowledge.stop()
  }
}

/** Affects one of the ten versions that `fill` installs of each package. */
function advisory(n: number, name: string): readonly FeedRecord[] {
  const cve = `CVE-2026-${String(10_000 + n)}`
  return [
    { record: 'statement', vulnerability: cve, key: cve, aliases: [], title: `Flaw of ${name}`, cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score: 7.5 }], cwe: [], references: [], products: [] },
    {
      record: 'affected', vulnerability: cve, key: `DSA-${n}-1`, product: { ecosystem: 'Debian:12', name }, of: 'source', scheme: 'dpkg', intervals: [{ from: '0', before: '1.0.1-1' }], versions: [], status: 'affected', fixed: ['1.0.1-1'],
    },
  ]
}

const checkText = (id: number, version: string): string => `- id: ${id}
  title: Version ${version}
  category: Web server
  severity: 3
  type: confirmed
  on: service
  when: { all: [{ field: name, is: http }, { field: version, is: "${version}" }] }
  result: "{product} {version}"
  threat: Threat.
  impact: Impact.
  solution: Solution.
  references: ["https://example.org/"]
  published: "2026-01-01"
  fires: [{ name: http, version: "${version}" }]
  spares: [{ name: http, version: "9" }]
`
