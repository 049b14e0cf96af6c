import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { VigilError } from '#core/errors.ts'
import { packBody } from './body.ts'
import { exportRecords } from './export.ts'
import { readCurrent } from './folder.ts'
import { rollback } from './rollback.ts'
import { readStats } from './stats.ts'
import { affected, bench, cvss, statement } from './testing-records.ts'
import { verifyRelease } from './verify.ts'

const records = (title: string) => [
  statement('CVE-2024-0001', { title, details: 'A text that is long enough to be packed. '.repeat(20), cvss: [cvss(8)] }), affected('CVE-2024-0001', 'npm', 'thing', '1.2'), affected('CVE-2024-0002', 'cpe', 'acme:thing', '3'),
  affected('CVE-2024-0003', 'npm', 'other', '1', { status: 'notAffected' }), statement('CVE-2024-0003', { title: 'Not in any version' }),
]

test('a rollback puts the release before in force; what is built next gets a new number and begins there', async (t) => {
  const { folder, feed, build, open } = bench(t)
  await build([feed('cve', records('As it was'))])
  await build([feed('cve', records('As it became'))])
  assert.equal((await (await open()).vulnerability('CVE-2024-0001'))?.title, 'As it became')
  assert.equal(rollback(folder).number, 1)
  assert.equal((await (await open()).vulnerability('CVE-2024-0001'))?.title, 'As it was')
  assert.throws(() => rollback(folder), (error: unknown) => error instanceof VigilError && error.code === 'knowledge.no_release')
  assert.equal((await build([feed('kev', [statement('CVE-2024-0001')])])).release?.number, 3)
  assert.equal((await (await open()).vulnerability('CVE-2024-0001'))?.title, 'As it was')
  assert.equal(rollback(folder, 2).number, 2)
  assert.equal((await (await open()).vulnerability('CVE-2024-0001'))?.title, 'As it became')
})

test('what was changed after a release was sealed is found', async (t) => {
  const { folder, feed, build } = bench(t)
  await build([feed('cve', records('Sealed'))])
  const current = readCurrent(folder)!
  assert.deepEqual(verifyRelease(folder, current), { problems: [], root: current.root })
  const path = join(folder, current.file)
  chmodSync(path, 0o600)
  const db = new DatabaseSync(path)
  db.prepare('update statement set body = ? where key = ?').run(packBody(JSON.stringify(statement('CVE-2024-0001', { title: 'Forged' }))), 'CVE-2024-0001')
  db.close()
  assert.deepEqual(verifyRelease(folder, current).problems, ['what cve holds is not what was sealed'])
})

test('what is exported is read back to the same', async (t) => {
  const one = bench(t)
  await one.build([one.feed('cve', records('Carried')), one.feed('epss', [{ record: 'probability', vulnerability: 'CVE-2024-0001', probability: 0.5, percentile: 0.9 }])])
  const other = bench(t)
  for (const source of ['cve', 'epss'] as const) {
    const path = join(other.folder, `../${source}.vigil.jsonl.gz`)
    assert.ok((await exportRecords(one.folder, readCurrent(one.folder)!, path, { source })) > 0)
    await other.build([{ source, paths: [path] }])
  }
  const [here, there] = [await one.open(), await other.open()]
  for (const name of ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-2024-0003']) {
    const [a, b] = [(await here.vulnerability(name))!, (await there.vulnerability(name))!]
    assert.deepEqual({ ...b, changes: [] }, { ...a, changes: [] })
  }
})

test('the figures count what can be detected, not what is only named', async (t) => {
  const { folder, feed, build } = bench(t)
  await build([feed('cve', records('Counted')), feed('kev', [statement('CVE-2024-0001', { overlay: { exploited: { since: '2024-01-01', ransomware: false } } }), statement('CVE-2024-0009', { overlay: { exploited: { since: '2024-01-01', ransomware: false } } })])])
  const stats = readStats(folder, readCurrent(folder)!, Date.now())
  assert.deepEqual([stats.cves, stats.described, stats.detected, stats.byKind.package, stats.byKind.product], [4, 3, 2, 1, 1])
  assert.deepEqual(stats.exploited, { known: 2, detected: 1, share: 0.5, byTemplate: 0 })
  assert.equal(stats.sources.find((one) => one.name === 'cve')?.detects, 2)
})
