import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { VigilError } from '#core/errors.ts'
import { lockFolder, readCurrent } from '../folder.ts'
import { bench, statement } from '../testing-records.ts'
import { verifyRelease } from '../verify.ts'

const child = fileURLToPath(new URL('./testing-build.ts', import.meta.url))
const cve = (n: number): string => `CVE-2023-${String(n).padStart(4, '0')}`
const records = (count: number, text = '') => Array.from({ length: count }, (_, n) => statement(cve(n + 1), { title: `Flaw ${n}`, details: `${text} ${n}` }))

/** How far a build in a process of its own gets before it is killed, by the file that must be there. */
async function killedWhen(folder: string, imports: unknown, isThere: () => boolean): Promise<boolean> {
  const victim = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', child, folder, JSON.stringify(imports)], { stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => victim.once('exit', () => resolve()))
  let ended = false
  void gone.then(() => (ended = true))
  while (!ended && !isThere()) await new Promise((resolve) => setImmediate(resolve))
  const inTime = !ended
  victim.kill('SIGKILL')
  await gone
  return inTime
}

test('killed while reading and while assembling: the old release serves on, the next build sweeps and goes through', async (t) => {
  const { folder, feed, build, open } = bench(t)
  await build([feed('cve', records(50))])
  const next = [feed('cve', records(20_000, 'a long text about a parser that overflows '.repeat(8))), feed('ghsa', records(20_000, 'another '.repeat(30)))]
  const places = [
    () => readdirSync(folder).some((name) => name.startsWith('building-') && existsSync(join(folder, name, '0.spool'))),
    () => readdirSync(folder).some((name) => name.startsWith('building-') && existsSync(join(folder, name, 'release.sqlite'))),
  ]
  for (const place of places) {
    assert.ok(await killedWhen(folder, next, place), 'the build ended before it could be killed')
    assert.equal(readCurrent(folder)?.number, 1)
    assert.deepEqual(verifyRelease(folder, readCurrent(folder)!).problems, [])
    assert.equal((await (await open()).vulnerabilities({ q: '', limit: 1 })).total, 50)
  }
  const report = await build(next, { force: true })
  assert.equal(report.release?.number, 2)
  assert.deepEqual(readdirSync(folder).sort(), ['current.json', 'health.json', 'lock.sqlite', 'release-1.sqlite', 'release-2.sqlite'])
  assert.equal((await (await open()).vulnerabilities({ q: '', limit: 1 })).total, 20_000)
})

test('a full disk, wherever it comes: the build says so, nothing is left behind, the old release serves on', async (t) => {
  const { folder, feed, build, open } = bench(t)
  await build([feed('cve', records(50))])
  const next = [feed('cve', records(8000, 'text '.repeat(100))), feed('ghsa', records(8000, 'text '.repeat(100)))]
  // Blocks of 1 KB that any file of the process may have: too few for the spool, then for the release.
  for (const most of [400, 2500, 4500]) {
    const run = spawnSync('bash', ['-c', `ulimit -f ${most}; trap '' XFSZ; exec "$0" "$@"`, process.execPath, '--disable-warning=ExperimentalWarning', child, folder, JSON.stringify(next)], { encoding: 'utf8' })
    assert.notEqual(run.status, 0, `${most}: ${run.stdout}`)
    assert.equal(readCurrent(folder)?.number, 1)
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('building-') || name === 'lock'), [], run.stderr)
  }
  assert.equal((await (await open()).vulnerabilities({ q: '', limit: 1 })).total, 50)
  assert.equal((await build(next, { force: true })).release?.number, 2)
})

test('one build at a time; a lock whose holder is gone is taken over', async (t) => {
  const { folder, feed, build } = bench(t)
  const unlock = lockFolder(folder)
  await assert.rejects(build([feed('cve', records(1))]), (error: unknown) => error instanceof VigilError && error.code === 'knowledge.busy' && String(error.params['holder']).includes(String(process.pid)))
  unlock()
  // Killed while it holds it, with the number of a process that lives (ours) in its note, as another container may have.
  const program = `const { lockFolder } = await import(${JSON.stringify(new URL('../folder.ts', import.meta.url).href)}); lockFolder(${JSON.stringify(folder)}); process.kill(process.pid, 'SIGKILL')`
  assert.equal(spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program]).signal, 'SIGKILL')
  writeFileSync(join(folder, 'lock'), String(process.pid))
  assert.equal((await build([feed('cve', records(1))])).release?.number, 1)
})
