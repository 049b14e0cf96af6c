import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { byNumber } from './by-number.ts'
import { hashSize, openTextIndex } from './text-index.ts'

const schema = readFileSync(new URL('../schema.sql', import.meta.url), 'utf8')

test('texts that a thread indexes are found as those that the release takes itself, and go on changing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-texts-'))
  try {
    const [own, thread] = await Promise.all([1, 1_000_000].map(async (count) => {
      const db = new DatabaseSync(join(folder, `${count}.sqlite`))
      db.exec(`${schema}; begin; ${hashSize}`)
      const texts = openTextIndex(db, true, count, join(folder, `${count}-texts.sqlite`))
      for (let id = 1; id <= 1234; id++) texts.add(id, `heap of number${id % 7}`, `acme:p${id}`, id % 3 === 0 ? 'Café overflow' : 'forgery')
      await texts.finish()
      db.exec('delete from search where rowid = 7; commit')
      const found = (words: string): unknown => db.prepare('select rowid as id, bm25(search) as rank from search where search match ? order by rank, id').all(words)
      const all = [found('cafe'), found('number3 forgery'), found('title : heap'), found('p7'), db.prepare('select * from word order by term').all()]
      db.close()
      return all
    }))
    assert.deepEqual(thread, own)
    assert.equal((own![0] as unknown[]).length, 411)
    assert.deepEqual(own![3], [])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('rows that are met in passing are those that are looked up', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  const span = 4_194_304
  for (let id = 1; id <= 200; id++) {
    if (id % 2 === 0) db.prepare('insert into statement (vulnerability, source, key, body) values (?, 1, ?, ?)').run(id, `k${id % 5}`, Buffer.from(`{}`))
    if (id % 4 === 0) db.prepare('insert into statement (vulnerability, source, key, body) values (?, 2, ?, ?)').run(id, `k${id % 5}`, Buffer.from(`{}`))
    if (id % 5 === 0) db.prepare('insert into probability (vulnerability, probability, percentile) values (?, 0.5, ?)').run(id, id / 200)
    for (let row = 0; row < (id === 150 ? 900 : id % 7); row++) db.prepare(`insert into affected (id, ecosystem, name, vulnerability, source, detects, body) values (?, 'npm', ?, ?, 1, ?, '')`).run(id * span + row * 17, `p${row >> 1}`, id, row % 3 === 0 ? 0 : 1)
  }
  const [looked, passed] = [byNumber(db, 10), byNumber(db, 1_000_000)]
  const sizes = { statements: 0, affected: 0, probability: 0 }
  // Some numbers are not asked for.
  for (let id = 1; id <= 210; id += id % 3 === 0 ? 2 : 1) {
    const rows = [passed.statements(id), passed.affected(id), passed.checks(id), passed.probability(id)].map((one) => JSON.parse(JSON.stringify(one ?? null), (key, value: unknown) => (key === 'number' ? undefined : value)) as unknown)
    assert.deepEqual(rows, [looked.statements(id), looked.affected(id), looked.checks(id), looked.probability(id)].map((one) => JSON.parse(JSON.stringify(one ?? null)) as unknown), `${id}`)
    sizes.statements += looked.statements(id).length
    sizes.affected = Math.max(sizes.affected, looked.affected(id).length)
    sizes.probability += looked.probability(id) === undefined ? 0 : 1
  }
  assert.ok(sizes.statements > 60 && sizes.affected === 400 && sizes.probability > 20, JSON.stringify(sizes))
})
