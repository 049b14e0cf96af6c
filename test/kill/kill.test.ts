import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf, launch, makeProfile, makeScanTenant, openRedis, scanNow, until } from '../contracts/scan-world.ts'
import { chance, openKillWorld, type KillWorld } from './kill-world.ts'

const seed = Number(process.env['VIGIL_KILL_SEED'] ?? 20261124)
const kills = 22
const addresses = Array.from({ length: 100 }, (_, n) => `127.0.3.${n + 1}`)

test(`${kills} kills of platform and scanner in the middle of scans change nothing in what is found`, { timeout: 420_000 },
  async (context) => {
  const world = await openKillWorld()
  context.after(() => world.close())
  const first = await openRedis(addresses[0]!)
  const others = await Promise.all(addresses.slice(1).map((address) => openRedis(address, first.port)))
  context.after(async () => {
    for (const server of [first, ...others]) await server.close()
  })

  const calm = await begin(world, first.port, 'Calm')
  await ended(world, calm)
  const expected = await findingsOf(world.store, calm.tenant)
  assert.ok(expected.length >= addresses.length, `only ${expected.length} findings to compare`)

  const random = chance(seed)
  context.diagnostic(`seed ${seed}`)
  let done = 0
  for (let round = 1; done < kills; round++) {
    const scan = await begin(world, first.port, `Round ${round}`)
    await world.addScanner(scan.tenant)
    while (done < kills) {
      await pass(200 + random() * 1800)
      if ((await scanNow(world.store, scan.tenant, scan.id)).state === 'Finished') break
      const victim = random() < 0.5 ? world.platform : world.scanner
      await victim.kill()
      done++
      await pass(random() * 500)
      await victim.start()
    }
    const end = await ended(world, scan)
    assert.deepEqual([end.sub_state, end.hosts_done, end.hosts_untested], [null, addresses.length, 0], JSON.stringify(end))
    assert.deepEqual(await findingsOf(world.store, scan.tenant), expected)
    context.diagnostic(`round ${round}: ${done} kills so far, ${expected.length} findings equal`)
    await world.scanner.stop()
  }
  const [stuck] = await world.store.platform((tx) => tx.sql<{ n: number }[]>`
    select count(*)::int as n from scan where state not in ('Finished', 'Canceled')`)
  assert.equal(stuck!.n, 0)
  const [left] = await world.store.platform((tx) => tx.sql<{ n: number }[]>`select count(*)::int as n from scan_slice`)
  assert.equal(left!.n, 0)
})

type Begun = Readonly<{ tenant: string; id: string }>

async function begin({ store }: KillWorld, port: number, name: string): Promise<Begun> {
  const tenant = await makeScanTenant(store, '127.0.3.0/24', name)
  const profileId = await makeProfile(store, tenant, [port], { pace: { hosts: 4, connections: 64, perHost: 8, rate: 0 } })
  return { tenant, id: (await launch(store, tenant, { targets: '127.0.3.1-127.0.3.100', profileId })).id }
}

async function ended({ store, platform, scanner }: KillWorld, { tenant, id }: Begun) {
  return until('the scan to finish', async () => {
    const now = await scanNow(store, tenant, id)
    return now.state === 'Finished' && now
  }, 150).catch(async (error: unknown) => {
    throw new Error(`${String(error)}; ${JSON.stringify(await scanNow(store, tenant, id))}\n${platform.errors()}\n${scanner.errors()}`)
  })
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
