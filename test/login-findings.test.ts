import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Credential } from '#core/credential.ts'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import { standard } from '#core/profile.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { makeTenant } from './database.ts'
import { makeHost } from './finding-world.ts'
import { newHostKey, startTwin } from './peers/login-twin.ts'
import { advisory, findingsOf, rejudgeWorld } from './rejudge-world.ts'

const [one, two] = ['CVE-2026-3001', 'CVE-2026-3002']

/** A Debian 12 behind SSH whose packages may change, and what a scan of it says. */
async function debian(t: TestContext, asset: string) {
  const packages = { now: 'openssl\t3.0.9-1\tamd64\topenssl\t3.0.9-1\tii \n' }
  const said = (text: string): string => `\u001e${text}\u001e0`
  const server = await startTwin({
    methods: ['password'], user: 'audit', password: 'secret-of-audit',
    says: (command) => command.includes('uname -s') ? said('Linux\n6.1.0-26-amd64\nx86_64\n#1\nsmall\n/usr/bin/dpkg-query\n') : command.includes('os-release') ? said('NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n')
      : said(command.includes('dpkg-query -W') ? packages.now : command.includes('id -u') ? '1000' : ''),
  }, newHostKey())
  t.after(server.stop)
  const scan = async (password: string | null): Promise<readonly ScanEvent[]> => {
    const events: ScanEvent[] = []
    const logins: readonly Credential[] = password === null ? [] : [{ record: asset, title: 'x', targets: '127.0.0.1', kind: 'ssh', port: server.port, user: 'audit', password }]
    await runScan({
      hosts: [{ asset, address: '127.0.0.1', names: [] }], scope: parseIpSet('127.0.0.1'), exclude: [], asks: [], probes, now: Date.now, signal: new AbortController().signal, credentials: () => logins,
      profile: { ...standard, tcp: String(server.port), udp: '', discovery: { alwaysUp: true, tcp: String(server.port) } }, sink: (event) => void events.push(event),
    })
    return events
  }
  return { packages, scan }
}

test('a package read by a login is judged with its proof; no scan without that login closes it; a mended one does', async (t) => {
  const world = await rejudgeWorld(t)
  const tenant = await makeTenant(world.store)
  const asset = await makeHost(world.store, tenant, '127.0.0.1')
  const host = await debian(t, asset)
  await world.release(advisory(one, 'openssl', '3.0.11-1~deb12u1'))
  const shown = async () => (await findingsOf(world.store, tenant)).filter((row) => row.check >= 100_000_000).map((row) => [row.check, row.package, row.type, row.status])
  const open = [cveNumber(one), 'openssl', 'confirmed']
  await world.scan(tenant, await host.scan('secret-of-audit'))
  assert.deepEqual(await shown(), [[...open, 'new']])
  assert.match((await findingsOf(world.store, tenant)).find((row) => row.check === cveNumber(one))!.result!, /openssl 3\.0\.9-1 is installed.*Fixed in 3\.0\.11-1~deb12u1/)
  // No login at all; then one that is refused; then one that gets in and cannot list packages.
  await world.scan(tenant, await host.scan(null))
  assert.deepEqual(await shown(), [[...open, 'new']])
  await world.scan(tenant, await host.scan('a-wrong-one'))
  assert.deepEqual(await shown(), [[...open, 'new']])
  const whole = host.packages.now
  host.packages.now = ''
  await world.scan(tenant, await host.scan('secret-of-audit'))
  assert.deepEqual(await shown(), [[...open, 'new']])
  // Knowledge that came later is judged with no scan.
  host.packages.now = whole
  await world.release([...advisory(one, 'openssl', '3.0.11-1~deb12u1'), ...advisory(two, 'openssl', '3.0.12-1')])
  assert.deepEqual(await shown(), [[...open, 'new'], [cveNumber(two), 'openssl', 'confirmed', 'new']])
  host.packages.now = whole.replaceAll('3.0.9-1', '3.0.15-1~deb12u1')
  await world.scan(tenant, await host.scan('secret-of-audit'))
  assert.deepEqual(await shown(), [[...open, 'fixed'], [cveNumber(two), 'openssl', 'confirmed', 'fixed']])
})
