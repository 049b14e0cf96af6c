import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withStore } from './database.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

/** The rules of docs/decisions/003-distribution.md, read off the catalog. Every row is a breach. */
const catalogRules = await readFile(new URL('distribution.sql', import.meta.url), 'utf8')

test('the catalog keeps the rules of distribution', async (context) => {
  const { owner } = await withStore(context)
  const [tables] = await owner`select count(*) as n from placement`
  assert.ok(Number(tables!['n']) >= 10, 'the check saw no tables')
  const breaches = await owner.unsafe(catalogRules)
  assert.deepEqual(breaches.map((row) => `${row['rule']}: ${row['object']}`), [])
})

test('the catalog check sees a broken schema', async (context) => {
  const { owner } = await withStore(context)
  await owner.unsafe('create table broken_one (id serial primary key, tenant_id uuid)')
  await owner.unsafe(`insert into placement values ('broken_one', 'tenant')`)
  const rules = new Set((await owner.unsafe(catalogRules)).map((row) => String(row['rule'])))
  for (const rule of ['tenant_id uuid not null', 'unique without tenant_id', 'tenant_id not first', 'identity or sequence', 'row security off or forced', 'tenant table without its policies']) {
    assert.ok(rules.has(rule), `"${rule}" was not seen`)
  }
})

const forbidden: readonly (readonly [RegExp, string])[] = [
  [/set_config\s*\(/i, 'set_config does not reach other nodes: select enter_tenant($1)'],
  [/\bmerge\s+into\b/i, 'MERGE: insert … on conflict instead'],
  [/force\s+row\s+level\s+security/i, 'forced row security stops shard moves'],
  [/do\s+update\s+set(?:(?!returning|;|`)[\s\S]){0,600}\bnow\s*\(/i, 'now() in do update: pass the time in'],
  [/detach\s+partition\s+\S+\s+concurrently/i, 'detach … concurrently is unsupported'],
  [/create\s+(or\s+replace\s+)?(constraint\s+)?trigger/i, 'triggers are unsupported on distributed tables'],
  [/\bselect\s+\*\s+from\b/i, 'select *: list the columns'],
]

test('no SQL uses what does not work on many nodes', async () => {
  const wrong: string[] = []
  let read = 0
  for (const pattern of ['src/{store,platform,api}/**/*.ts', 'db/migrations/*.sql']) {
    for await (const file of glob(pattern, { cwd: root })) {
      if (file.endsWith('.test.ts')) continue
      read++
      const text = (await readFile(join(root, file), 'utf8')).replace(/^\s*(\/\/|--|\*).*$/gm, '')
      for (const [expression, why] of forbidden) if (expression.test(text)) wrong.push(`${file}: ${why}`)
    }
  }
  assert.ok(read >= 20, `read only ${read} files`)
  assert.deepEqual(wrong, [])
})
