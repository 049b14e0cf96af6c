import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { authorityStatement } from '#core/authority.ts'
import { client, startTestPlatform, until } from '../story/platform.ts'
import { startStore } from '../story/redis.ts'

type Scan = Readonly<{ id: string; state: string; hostsDone: number; hostsTotal: number; stateText: string }>
type Page = Readonly<{ items: readonly Readonly<{ signature: number; status: string }>[] }>

test('PostgreSQL is killed with -9 again and again, in the middle of a scan: the platform goes on by itself and loses nothing', async (t) => {
  const { platform, data, stop } = await startTestPlatform()
  t.after(stop)
  const store = await startStore('0.0.0.0')
  t.after(store.stop)
  const ada = client(platform.url)
  await ada.post('/identity/welcome', { token: platform.welcome, organisation: 'Analytical Engines', name: 'Ada', email: 'ada@example.test', password: 'a long walk in the rain' })
  await ada.post('/addresses', { text: '127.0.3.0/25', statement: authorityStatement })
  const profile = await ada.post<{ id: string }>('/profiles', { name: 'One port', settings: { tcp: String(store.port), udp: '' } })
  const scan = await ada.post<{ id: string }>('/scans', { targets: '127.0.3.0/25', profileId: profile.id })

  const pid = async (): Promise<number> => Number((await readFile(join(data, 'database', 'postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0])
  const readiness = async (): Promise<number> => (await fetch(`${platform.url}/readyz`)).status
  for (let round = 0; round < 3; round++) {
    await until(async () => (await ada.call<Scan>('GET', `/scans/${scan.id}`)).status, (status) => status === 200)
    const killed = await pid()
    process.kill(killed, 'SIGKILL')
    await until(readiness, (status) => status === 200 || status === 503)
    assert.equal((await fetch(`${platform.url}/healthz`)).status, 200)
    await until(async () => [await pid(), await readiness()] as const, ([now, status]) => now > 1 && now !== killed && status === 200)
  }
  const finished = await until(() => ada.call<Scan>('GET', `/scans/${scan.id}`), ({ status, body }) => status === 200 && ['Finished', 'Error', 'Canceled'].includes(body.state), 150)
  assert.deepEqual([finished.body.state, finished.body.hostsDone, finished.body.hostsTotal], ['Finished', 128, 128], finished.body.stateText)
  const findings = await ada.get<Page & { total?: number }>('/findings?q=check:40101&limit=200')
  assert.equal(findings.items.length, 128)
  assert.ok(findings.items.every((one) => one.status === 'new'))
  assert.equal((await ada.get<{ whole: boolean }>('/audit/chain')).whole, true)

  // Live views and background work came back too.
  const report = await ada.post<{ id: string }>('/reports', { kind: 'technical', format: 'csv' })
  const made = await until(() => ada.get<{ state: string; failure: string | null }>(`/reports/${report.id}`), ({ state }) => ['finished', 'failed'].includes(state))
  assert.deepEqual([made.state, made.failure], ['finished', null])
})
