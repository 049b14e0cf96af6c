import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pointTo, readCurrent } from '../folder.ts'
import { importBundle } from './install.ts'
import { newKey, openKey, trustKey } from './key.ts'
import { packBundle } from './pack.ts'
import { factsFor, makeRelease, temporary } from './testing.ts'

const install = fileURLToPath(new URL('./install.ts', import.meta.url))

/** Imports in a process of its own, which is killed (SIGKILL) as soon as `when` says so; resolves when it is gone. */
async function importAndKill(path: string, folder: string, when: () => boolean): Promise<void> {
  const script = `import(${JSON.stringify(install)}).then((one) => one.importBundle(${JSON.stringify(path)}, { folder: ${JSON.stringify(folder)} }))`
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { stdio: 'ignore' })
  let gone = false
  const ended = new Promise<void>((resolve) => child.once('exit', () => {
    gone = true
    resolve()
  }))
  while (!gone && !when()) await turn()
  child.kill('SIGKILL')
  await ended
}

test('an import that is killed at any moment leaves the release before or the new one in force, whole, and the next import goes through', async (t) => {
  const root = temporary(t)
  const maker = join(root, 'maker')
  const first = makeRelease(maker, factsFor(1), 10_000)
  const second = makeRelease(maker, factsFor(2), 10_000, first)
  const key = newKey(maker, 'secret', 'maker')
  const path = join(root, 'second.vkb')
  const { manifest } = await packBundle({ file: second, facts: factsFor(2), key: openKey(maker, 'secret'), made: new Date(), out: path })
  const [old, fresh] = [readFileSync(first), readFileSync(second)]
  let [before, after] = [0, 0]
  for (let round = 0; round < 16; round++) {
    const folder = join(root, `taker-${round}`)
    mkdirSync(folder)
    trustKey(folder, key, 'the maker')
    copyFileSync(first, join(folder, 'release-1.sqlite'))
    pointTo(folder, { ...factsFor(1), file: 'release-1.sqlite' })
    const names = (): readonly string[] => readdirSync(folder)
    const written = (): number => Math.max(-1, ...names().filter((name) => name.startsWith('building-')).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? -1))
    // From the lock over every tenth of the file to the new file's name, the pointer beside and the pointer itself.
    const moments: readonly (() => boolean)[] = [
      () => existsSync(join(folder, 'lock')), ...Array.from({ length: 10 }, (_, tenth) => () => written() >= (manifest.size * tenth) / 10), () => written() >= manifest.size,
      () => existsSync(join(folder, 'release-2.sqlite')), () => names().some((name) => name.startsWith('current.json.')), () => readCurrent(folder)?.number === 2, () => false,
    ]
    await importAndKill(path, folder, moments[round]!)
    const current = readCurrent(folder)
    assert.ok(current?.number === 1 || current?.number === 2, `round ${round}: ${JSON.stringify(current)}`)
    if (current.number === 1) before++
    else after++
    assert.ok(readFileSync(join(folder, current.file)).equals(current.number === 1 ? old : fresh), `round ${round}: release ${current.number} is not whole`)
    const next = await importBundle(path, { folder })
    assert.equal(next.current.number, 2)
    assert.ok(readFileSync(join(folder, 'release-2.sqlite')).equals(fresh))
    assert.deepEqual(names().filter((name) => /^(building-|lock$|current\.json\.)/.test(name)), [])
  }
  assert.ok(before >= 5 && after >= 1, `${before} before, ${after} after`)
})

test('an import that runs out of room leaves the release before in force, and nothing half-done for the next', async (t) => {
  const root = temporary(t)
  const [maker, folder, path] = [join(root, 'maker'), join(root, 'taker'), join(root, 'second.vkb')]
  const first = makeRelease(maker, factsFor(1), 6000)
  const second = makeRelease(maker, factsFor(2), 6000, first)
  trustKey(folder, newKey(maker, 'secret', 'maker'), 'the maker')
  await packBundle({ file: second, facts: factsFor(2), key: openKey(maker, 'secret'), made: new Date(), out: path })
  copyFileSync(first, join(folder, 'release-1.sqlite'))
  pointTo(folder, { ...factsFor(1), file: 'release-1.sqlite' })
  const script = `import(${JSON.stringify(install)}).then((one) => one.importBundle(${JSON.stringify(path)}, { folder: ${JSON.stringify(folder)} }))`
  // No file may grow beyond a megabyte: what a full disk does, part of the way.
  const run = spawnSync('sh', ['-c', 'ulimit -f 2048; trap "" XFSZ; exec "$0" "$@"', process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.notEqual(run.status, 0)
  assert.match(run.stderr, /EFBIG|ENOSPC/)
  assert.equal(readCurrent(folder)?.number, 1)
  assert.deepEqual(readdirSync(folder).sort((a, b) => (a < b ? -1 : 1)), ['current.json', 'lock.sqlite', 'release-1.sqlite', 'trusted'])
  assert.equal((await importBundle(path, { folder })).current.number, 2)
})
