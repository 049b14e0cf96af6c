import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../story/platform.ts'
import { namespaceNames, run } from './namespace.ts'
import { openWorld } from './world.ts'

test('a world that was killed leaves no process, and the next one removes its namespaces; those of others stay', async (t) => {
  const program = `
    const { openWorld } = await import(${JSON.stringify(fileURLToPath(new URL('world.ts', import.meta.url)))})
    const world = await openWorld()
    const host = await world.host(['10.77.0.10/24'])
    await host.serve(80, 'web')
    console.log(host.name)
    setInterval(() => {}, 1000)`
  const start = async (): Promise<Readonly<{ host: string; kill(): Promise<void> }>> => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill('SIGKILL'))
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    return {
      host: line.toString().trim(),
      async kill() {
        child.kill('SIGKILL')
        await once(child, 'exit')
      },
    }
  }
  const [killed, living] = await Promise.all([start(), start()])
  assert.notEqual(await run('ip', ['netns', 'pids', killed.host]), '')
  await killed.kill()
  await until(() => run('ip', ['netns', 'pids', killed.host]), (pids) => pids === '')
  const world = await openWorld()
  t.after(() => world.close())
  const names = await namespaceNames()
  assert.ok(!names.includes(killed.host))
  assert.ok(names.includes(living.host) && names.includes(world.scanner.name))
  await living.kill()
  await (await openWorld()).close()
  assert.ok(!(await namespaceNames()).includes(living.host))
})
