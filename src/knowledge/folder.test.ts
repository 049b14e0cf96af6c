import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeJson } from './folder.ts'

test('a file for which there is no room leaves the one before as it was', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-folder-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'current.json')
  writeJson(path, { file: 'release-1.sqlite' })
  const before = readFileSync(path, 'utf8')
  const script = `import { writeJson } from ${JSON.stringify(new URL('./folder.ts', import.meta.url).href)}\nwriteJson(${JSON.stringify(path)}, 'x'.repeat(50_000))`
  // A limit on the size of a file behaves as a disk that is almost full: the first write takes a part, the next one none.
  const run = spawnSync('sh', ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, '--input-type=module', '--eval', script], { encoding: 'utf8' })
  assert.notEqual(run.status, 0)
  assert.match(run.stderr, /EFBIG|file too large/i)
  assert.equal(readFileSync(path, 'utf8'), before)
  assert.deepEqual(readdirSync(folder), ['current.json'])
})
