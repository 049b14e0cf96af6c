import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openStore } from '../open.ts'
import { startEmbedded } from './server.ts'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vigil-embedded-'))
  await chmod(path, 0o755)
  context.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a database left running by kill -9 is adopted, with what was committed', async (context) => {
  const data = await folder(context)
  const script = join(data, 'child.ts')
  await writeFile(script, `
    import { openStore } from ${JSON.stringify(new URL('../open.ts', import.meta.url).href)}
    const { owner } = await openStore({ data: ${JSON.stringify(join(data, 'state'))} })
    await owner.unsafe('create table kept (n int)')
    await owner.unsafe('insert into kept values (42)')
    process.stdout.write('committed')
    process.kill(process.pid, 'SIGKILL')
  `)
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [signal] = await new Promise<[string | null]>((resolve) => child.once('exit', (_code, by) => resolve([by])))
  assert.equal(signal, 'SIGKILL')

  const again = await openStore({ data: join(data, 'state') })
  assert.equal(again.facts.adopted, true)
  assert.deepEqual([...await again.owner.unsafe('select n from kept')], [{ n: 42 }])
  await again.close()

  const third = await openStore({ data: join(data, 'state') })
  assert.deepEqual([third.facts.adopted, third.facts.created], [false, false])
  await third.close()
})

test('a start that was killed in initdb begins anew', async (context) => {
  const data = await folder(context)
  const server = await startEmbedded(data)
  assert.equal(server.created, true)
  await server.stop()
  await rm(join(data, 'database'), { recursive: true })
  await writeFile(join(data, 'database.new'), 'half').catch(() => {})
  const again = await startEmbedded(data)
  assert.equal(again.created, true)
  await again.stop()
})

test('lost passwords are told, not papered over', async (context) => {
  const data = await folder(context)
  await (await startEmbedded(data)).stop()
  await rm(join(data, 'database.json'))
  await assert.rejects(startEmbedded(data), /database\.json is missing/)
})

test('a deep data directory gets a short socket path', async (context) => {
  const data = join(await folder(context), 'a'.repeat(80), 'b'.repeat(40))
  const server = await startEmbedded(data)
  assert.ok(server.socket.length < 90)
  await server.stop()
})
