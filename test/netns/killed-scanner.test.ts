import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from '#knowledge/build/build.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { readCoverage } from '#platform/scan/coverage.ts'
import { findingsOf, launch, makeProfile, makeScanTenant, scanNow, until } from '../contracts/scan-world.ts'
import { openKillWorld } from '../kill/kill-world.ts'
import { openWorld, type Host } from './world.ts'

const gadgetProgram = fileURLToPath(new URL('gadget.ts', import.meta.url))
const addresses = ['10.77.0.20', '10.77.0.21']
const templates = 30

const template = (number: number): string => `id: gadget-secret-${number}
info:
  name: Gadget - secret ${number}
  author: vigil
  severity: high
  metadata: { vendor: example, product: gadget }
  tags: gadget
http:
  - method: GET
    path: ["{{BaseURL}}/gadget/${number}"]
    matchers-condition: and
    matchers:
      - { type: word, part: body, words: ["gadget secret"] }
      - { type: status, status: [200] }
`

async function prepare(data: string): Promise<void> {
  const folder = join(data, 'templates')
  for (let number = 1; number <= templates; number++) {
    const path = join(folder, `http/misconfiguration/gadget-secret-${number}.yaml`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, template(number))
  }
  await mkdir(knowledgeFolder(data), { recursive: true })
  await build(knowledgeFolder(data), [{ source: 'nuclei', paths: [folder] }], { force: true })
}

test('a scanner killed in the middle of a SYN sweep, and again among template checks, loses and doubles nothing', { timeout: 400_000 }, async (t) => {
  const network = await openWorld()
  t.after(() => network.close())
  const told: ((line: string) => void)[] = []
  for (const address of addresses) {
    const host: Host = await network.host([`${address}/24`])
    await host.serve(6379, 'store')
    await host.filter(['tcp dport 100-199 drop', 'tcp dport 200-210 reject with icmpx type port-unreachable'])
    const gadget = host.spawn(process.execPath, [gadgetProgram])
    const lines = createInterface({ input: gadget.stdout })
    lines.on('line', (line) => told.forEach((hear) => hear(line)))
    await once(lines, 'line')
  }
  const world = await openKillWorld({ inside: { name: network.scanner.name, address: '10.77.0.1' }, scans: false, prepare })
  t.after(() => world.close())

  const begin = async (name: string) => {
    const tenant = await makeScanTenant(world.store, '10.77.0.0/24', name)
    const profileId = await makeProfile(world.store, tenant, [], { tcp: '1-6500', discovery: { alwaysUp: false, tcp: '6500' }, pace: { hosts: 4, connections: 64, perHost: 16, rate: 2000 } })
    await world.scanner.stop()
    await world.addScanner(tenant)
    return { tenant, id: (await launch(world.store, tenant, { targets: addresses.join(), profileId })).id }
  }
  const ended = async ({ tenant, id }: Readonly<{ tenant: string; id: string }>) => {
    const end = await until('the scan to finish', async () => {
      const now = await scanNow(world.store, tenant, id)
      return now.state === 'Finished' && now
    }, 150).catch(async (error: unknown) => {
      throw new Error(`${String(error)}; ${JSON.stringify(await scanNow(world.store, tenant, id))}\n${world.platform.errors()}\n${world.scanner.errors()}`)
    })
    assert.deepEqual([end.sub_state, end.hosts_done, end.hosts_untested, end.ports_open], [null, addresses.length, 0, 2 * addresses.length], JSON.stringify(end))
    const { checks } = await world.store.read(tenant, (tx) => readCoverage(tx, id, null as never))
    const looks = await world.store.read(tenant, ({ sql }) => sql<{ covered: { probe: string; ports: string }[]; failed: { probe: string; code: string; ports: string }[] }[]>`
      select covered, failed from asset_scan where tenant_id = ${tenant} and scan_id = ${id}`)
    const lines = looks.flatMap(({ covered, failed }) => [...covered.map((one) => JSON.stringify(one)), ...failed.map(({ probe, code, ports }) => `${probe} ${code} ${ports}`)]).sort()
    return { findings: await findingsOf(world.store, tenant), checks: checks!, lines }
  }

  const calm = await ended(await begin('Calm'))
  assert.equal(calm.findings.filter((line) => line.includes(' tcp 6500 ')).length >= templates, true, calm.findings.join('\n'))
  assert.ok(calm.lines.some((line) => line.startsWith('ports timeout')) && calm.lines.some((line) => line.startsWith('ports unreachable')), calm.lines.join('\n'))

  let heard: string[] = []
  const waitFor = (what: string, count: number): Promise<readonly string[]> => new Promise((resolve) => {
    heard = []
    const hear = (line: string): void => {
      heard.push(line)
      if (heard.filter((one) => one.startsWith(what)).length < count) return
      told.splice(told.indexOf(hear), 1)
      resolve([...heard])
    }
    told.push(hear)
  })

  // The console's port is the last of all, so that nothing is asked of it while the others are.
  const sweeping = waitFor('segment', 2)
  const scan = await begin('Killed')
  const before = await sweeping
  await world.scanner.kill()
  assert.deepEqual(before.filter((line) => line.startsWith('ask')), [], 'it was still sweeping')
  const asking = waitFor('ask', 8)
  await world.scanner.start()
  await asking
  await world.scanner.kill()
  assert.notEqual((await scanNow(world.store, scan.tenant, scan.id)).state, 'Finished')
  await world.scanner.start()

  const killed = await ended(scan)
  assert.deepEqual(killed.findings, calm.findings)
  assert.deepEqual(killed.lines, calm.lines)
  assert.deepEqual(killed.checks, calm.checks)
  const { total, found, tested, absent, untested } = killed.checks
  assert.equal(found + tested + absent + Object.values(untested).reduce((sum, count) => sum + count, 0), total)
  assert.equal(total % addresses.length, 0)
})
