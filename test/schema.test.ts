import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { generateSchema } from '#store/schema-generator.ts'
import { withStore } from './database.ts'

test('schema.ts says what the migrations make', async (context) => {
  const { owner } = await withStore(context)
  const file = new URL('../src/store/schema.ts', import.meta.url)
  const generated = await generateSchema(owner)
  if (process.env['VIGIL_UPDATE'] !== undefined) await writeFile(file, generated)
  assert.equal(await readFile(file, 'utf8'), generated)
})
