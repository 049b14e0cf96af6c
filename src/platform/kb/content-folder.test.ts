import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { VigilError } from '#core/errors.ts'
import { contentFolder, keepPublished } from './content-folder.ts'
import { shipped } from './draft-text.ts'

test('a damaged list of what was published stops a build instead of withdrawing it, until the platform writes it anew', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-content-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  assert.equal(await contentFolder(folder), shipped, 'nothing was published')
  for (const text of ['[{"id": 9000001, "vers', 'null', '']) {
    writeFileSync(join(folder, 'published.json'), text)
    await assert.rejects(contentFolder(folder), (error: unknown) => error instanceof VigilError && error.code === 'feed.format', text)
  }
  const published = [{ id: 9000001, version: 1, body: '- id: 9000001\n', news: 'New.' }]
  assert.deepEqual([await keepPublished(folder, published), await keepPublished(folder, published)], [true, false])
  assert.equal(await contentFolder(folder), join(folder, 'content'))
})
