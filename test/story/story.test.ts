import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorityStatement } from '#core/authority.ts'
import { client, startTestPlatform, until } from './platform.ts'
import { startStore } from './redis.ts'

type Page<Item> = Readonly<{ items: readonly Item[]; next: string | null }>
type Finding = Readonly<{ id: string; signature: number; port: number; severity: number; status: string; result: string }>
type Scan = Readonly<{ id: string; state: string; hostsDone: number; hostsTotal: number; dropped: readonly Readonly<{ target: string; reason: string }>[]; stateText: string }>

test('from the one-time link to a finding with its proof, to fixed, to re-opened, to a report', async (context) => {
  const { platform, stop } = await startTestPlatform()
  context.after(stop)
  const store = await startStore()
  context.after(store.stop)
  const ada = client(platform.url)

  // Sign up, with the link that `vigil up` prints.
  const password = 'a long walk in the rain'
  const { recoveryCodes } = await ada.post<{ recoveryCodes: string[] }>('/identity/welcome', { token: platform.welcome, organisation: 'Analytical Engines', name: 'Ada', email: 'ada@example.test', password })
  assert.ok(recoveryCodes.length >= 8)
  const again = await client(platform.url).call('POST', '/identity/welcome', { token: platform.welcome, organisation: 'Thief', name: 'Eve', email: 'eve@example.test', password })
  assert.equal(again.status, 404)

  // A scan of what is not registered is refused, and says why.
  const early = await ada.call<{ detail: string }>('POST', '/scans', { targets: '127.0.0.1' })
  assert.ok(early.status >= 400 && early.status < 500, JSON.stringify(early))

  // Register, with a declaration of authority.
  await ada.post('/addresses', { text: '127.0.0.1', statement: authorityStatement })
  const profile = await ada.post<{ id: string }>('/profiles', { name: 'One port', settings: { tcp: String(store.port), udp: '' } })

  const scanOnce = async (targets: string): Promise<Scan> => {
    const { id } = await ada.post<{ id: string }>('/scans', { targets, profileId: profile.id })
    return until(() => ada.get<Scan>(`/scans/${id}`), (scan) => ['Finished', 'Error', 'Canceled'].includes(scan.state))
  }
  const findings = async (q: string): Promise<readonly Finding[]> => (await ada.get<Page<Finding>>(`/findings?q=${encodeURIComponent(q)}`)).items

  const first = await scanOnce('127.0.0.1 127.0.0.77')
  assert.deepEqual([first.state, first.hostsDone, first.hostsTotal], ['Finished', 1, 1], first.stateText)
  assert.deepEqual(first.dropped.map((one) => [one.target, one.reason]), [['127.0.0.77', 'notRegistered']])
  const open = (await findings(`port:${store.port}`)).find((one) => one.signature === 40101)
  assert.ok(open !== undefined, `40101 is not among ${JSON.stringify(await findings(''))}`)
  assert.deepEqual([open.severity, open.status], [5, 'new'])

  // The proof.
  const detail = await ada.get<{ evidence: { sent: string; received: string }; solution: string; lastTest: { tested: boolean } }>(`/findings/${open.id}`)
  assert.match(detail.evidence.sent, /INFO/)
  assert.match(detail.evidence.received, /redis_version:7\.0\.15/)
  assert.ok(detail.solution.length > 20 && detail.lastTest.tested)

  // Seen again: active. Fixed: fixed. Back: re-opened. Gone with its port: fixed.
  await scanOnce('127.0.0.1')
  assert.equal((await findings('check:40101'))[0]?.status, 'active')
  store.setOpen(false)
  await scanOnce('127.0.0.1')
  assert.equal((await findings('check:40101 status:fixed'))[0]?.id, open.id)
  store.setOpen(true)
  await scanOnce('127.0.0.1')
  assert.equal((await findings('check:40101'))[0]?.status, 'reopened')

  // Verified in seconds, by the probe that saw it alone.
  store.setOpen(false)
  await ada.post(`/findings/${open.id}/verify`)
  type Verified = { status: string; verification: { state: string } | null }
  const verified = await until(() => ada.get<Verified>(`/findings/${open.id}`), (answer) => answer.verification?.state !== 'running')
  assert.deepEqual([verified.verification?.state, verified.status], ['fixed', 'fixed'])
  const history = await ada.get<{ items: { kind: string }[] }>(`/findings/${open.id}/history`)
  for (const kind of ['new', 'fixed', 'reopened']) assert.ok(history.items.some((entry) => entry.kind === kind), kind)

  // A report.
  store.setOpen(true)
  await scanOnce('127.0.0.1')
  const { id } = await ada.post<{ id: string }>('/reports', { kind: 'technical', format: 'pdf' })
  type Report = { state: string; failure: string | null; findings: number }
  const report = await until(() => ada.get<Report>(`/reports/${id}`), (answer) => ['finished', 'failed'].includes(answer.state))
  assert.deepEqual([report.state, report.failure], ['finished', null])
  assert.ok(report.findings >= 1)
  const file = Buffer.from(await (await ada.raw(`/reports/${id}/file`)).arrayBuffer())
  assert.equal(file.subarray(0, 5).toString(), '%PDF-')

  // What was done is in the audit log, and its chain holds.
  const audit = await ada.get<Page<{ action: string }>>('/audit')
  for (const action of ['organisation.created', 'asset.authority_declared', 'report.requested']) assert.ok(audit.items.some((entry) => entry.action === action), action)
  assert.equal((await ada.get<{ whole: boolean }>('/audit/chain')).whole, true)

  // Signed out: nothing more.
  await ada.post('/identity/sign-out')
  assert.equal((await ada.call('GET', '/findings')).status, 401)
})
