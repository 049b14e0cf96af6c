import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world?.close())

/** VmHWM: the kernel's own high-water mark, so that no peak falls between two looks. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

test('65,536 addresses, nearly all of them silent: little memory throughout, every one told, and what is there is found while the rest is asked', async (t) => {
  // A router that drops what it does not have.
  const router = await world.host(['10.77.0.80/24', '10.80.0.9/32', '10.80.3.7/32', '10.80.255.254/32'])
  await router.serve(6379, 'store')
  await world.scanner.ip('route add 10.80.0.0/16 via 10.77.0.80')
  const child = world.scanner.spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../../src/main.ts', import.meta.url)), 'scan', '10.80.0.0/16', '--ports', '80,6379', '--udp', 'none', '--format', 'jsonl'])
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(child.pid!))), 200)
  const found: number[] = []
  let out = ''
  let err = ''
  let atFirst = 0
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
    if (found.length === 0) atFirst = Number(/(\d+) of 65536 hosts(?![\s\S]*of 65536)/.exec(err)?.[1] ?? 0)
    found.push(part.length)
  })
  child.stderr.on('data', (part: Buffer) => (err = (err + part.toString()).slice(-100_000)))
  const [code] = (await once(child, 'close')) as [number]
  clearInterval(watch)
  t.diagnostic(`peak ${Math.round(peak)} MB, exit ${code}`)
  assert.equal(code, 0, err)
  assert.ok(peak > 50 && peak < 512, `${peak} MB`)
  const lines = out.trim().split('\n').map((line) => JSON.parse(line) as { ip: string })
  assert.deepEqual([...new Set(lines.map(({ ip }) => ip))].sort(), ['10.80.0.9', '10.80.255.254', '10.80.3.7'])
  assert.ok(lines.findIndex(({ ip }) => ip === '10.80.0.9') < lines.findIndex(({ ip }) => ip === '10.80.255.254') && found.length > 1 && atFirst < 65_536, 'findings come while the scan runs')
})
