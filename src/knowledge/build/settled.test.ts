import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { packBody } from '../body.ts'
import { affected, statement } from '../testing-records.ts'
import { affectedSpan } from './load.ts'
import { openSettled } from './settled.ts'

const schema = readFileSync(new URL('../schema.sql', import.meta.url), 'utf8')
const text = (value: unknown): Buffer => packBody(JSON.stringify(value))

function loaded(path: string): DatabaseSync {
  const db = new DatabaseSync(path)
  db.exec(`pragma page_size = 8192; pragma journal_mode = off; pragma locking_mode = exclusive; ${schema}; begin`)
  for (const [id, name] of ['cve', 'osv'].entries()) db.prepare(`insert into source (id, name, feed, imported_at, input, records, statements, ranges, unused, content) values (?, ?, '', '', '', 0, 0, 0, 0, '')`).run(id + 1, name)
  for (let id = 1; id <= 2000; id++) {
    const cve = `CVE-2024-${String(id).padStart(4, '0')}`
    db.prepare('insert into statement (vulnerability, source, key, body) values (?, ?, ?, ?)').run(id, 1 + (id % 2), cve, text(statement(cve, { title: `Flaw ${id}`, details: 'long '.repeat(id % 900) })))
    db.prepare(`insert into affected (id, ecosystem, name, vulnerability, source, body) values (?, 'npm', ?, ?, ?, ?)`).run(id * affectedSpan + 5, `p${id % 50}`, id, 1 + (id % 2), text(affected(cve, 'npm', `p${id % 50}`, `1.${id}`)))
  }
  return db
}

test('what a thread makes of the rows while others are written is what is made of them at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-settled-'))
  try {
    const [own, thread] = await Promise.all([false, true].map(async (isMuch) => {
      const path = join(folder, String(isMuch))
      const db = loaded(path)
      const settled = openSettled(db, isMuch, new Set([1, 2]), path)
      // As the merge does meanwhile, over and over, so that it reaches the file.
      db.exec('pragma cache_size = 20')
      for (let id = 1; id <= 20_000; id++) db.prepare(`insert into change (release, at, subject, kind, text) values (1, '', ?, 'added', ?)`).run(String(id), 'said '.repeat(30))
      const sums = await settled.finish()
      const products = db.prepare('select * from packed_product order by ecosystem, name').all()
      const rest = [db.prepare('select count(*) as n from change').get(), db.prepare(`select value from fact where name = 'packedProducts'`).get(), db.prepare('pragma integrity_check').get()]
      db.close()
      return { sums: [...sums], products, rest }
    }))
    assert.deepEqual(thread, own)
    assert.equal(own!.products.length, 50)
    assert.equal(own!.sums.length, 2)
    assert.deepEqual(own!.rest[2], { __proto__: null, integrity_check: 'ok' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
