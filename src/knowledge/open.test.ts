import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCurrent } from './folder.ts'
import { openKnowledge, openRelease } from './open.ts'
import { bench, statement } from './testing-records.ts'

test('the thread ends when nobody asks and starts again with the next question; many at once are all answered', async (t) => {
  const { folder, feed, build } = bench(t)
  await build([feed('cve', [statement('CVE-2024-0001', { title: 'One' })])])
  const knowledge = openRelease(folder, readCurrent(folder)!, 1)
  t.after(() => knowledge.close())
  const threads = (): number => readdirSync('/proc/self/task').length
  for (let round = 0; round < 3; round++) {
    const asked = Array.from({ length: 20 }, () => knowledge.vulnerability('CVE-2024-0001'))
    const answers = await Promise.all(asked.map((one) => one.then((found) => ({ found, threads: threads() }))))
    assert.ok(answers.every((one) => one.found?.title === 'One'))
    const during = Math.max(...answers.map((one) => one.threads))
    while (threads() >= during) await new Promise((resolve) => setImmediate(resolve))
  }
})

test('closing answers what was asked before, and nothing after', async (t) => {
  const { folder, feed, build } = bench(t)
  await build([feed('cve', [statement('CVE-2024-0001', { title: 'One' })])])
  const knowledge = openRelease(folder, readCurrent(folder)!)
  const asked = knowledge.vulnerability('CVE-2024-0001')
  await knowledge.close()
  assert.equal((await asked)?.title, 'One')
  await assert.rejects(knowledge.sources(), /closed/)
})

test('a release that is not there, or none at all, is told or empty, and kills nothing', async (t) => {
  const { folder, feed, build } = bench(t)
  assert.equal((await (await openKnowledge(folder)).vulnerabilities({ q: '', limit: 1 })).total, 0)
  await build([feed('cve', [statement('CVE-2024-0001', { title: 'One' })])])
  const current = readCurrent(folder)!
  const gone = openRelease(folder, { ...current, file: 'release-99.sqlite' })
  await assert.rejects(gone.sources())
  await gone.close()
  writeFileSync(join(folder, 'release-98.sqlite'), 'no database at all')
  const broken = openRelease(folder, { ...current, file: 'release-98.sqlite' })
  await assert.rejects(broken.sources())
  await assert.rejects(broken.vulnerabilities({ q: '', limit: 1 }))
  await broken.close()
  writeFileSync(join(folder, 'current.json'), '{"file": "../../etc/passwd", "number": 1}')
  assert.equal((await openKnowledge(folder)).facts.number, 0)
})
