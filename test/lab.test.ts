import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import { compileJudge } from '#core/judge.ts'
import { standard } from '#core/profile.ts'
import type { Detection } from '#core/signature.ts'
import { poolAsks } from '#engine/http/asks.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { loadContent } from '#formats/content.ts'
import { openRange, type Opened } from '#lab/range.ts'

const { signatures } = await loadContent(fileURLToPath(new URL('../content', import.meta.url)))
const judge = compileJudge(signatures)
// A net of its own, so that a lab that a person has running is in nobody's way.
const range = await openRange(Date.now(), 67)
after(() => range.close())

/** The certificates of the twins come from the range's own authority, which the scanner rightly does not know. */
const ownAuthority = 12005

async function scan(opened: readonly Opened[]): Promise<{ found: Map<string, Detection[]>; events: ScanEvent[] }> {
  const found = new Map<string, Detection[]>()
  const events: ScanEvent[] = []
  const ports = opened.flatMap((one) => one.ports)
  const listOf = (proto: 'tcp' | 'udp'): string => [...new Set(ports.filter((one) => one.proto === proto).map((one) => one.port))].join(',')
  await runScan({
    hosts: opened.map(({ address }) => ({ asset: address, address, names: [] })),
    scope: parseIpSet('127.67.0.0/16'),
    exclude: [],
    profile: { ...standard, tcp: listOf('tcp'), udp: listOf('udp') },
    asks: poolAsks(signatures),
    probes,
    now: Date.now,
    signal: new AbortController().signal,
    sink(event) {
      events.push(event)
      if (event.type === 'seen') found.set(event.seen.at.address, [...(found.get(event.seen.at.address) ?? []), ...judge(event.seen)])
    },
  })
  return { found, events }
}

test('a scan finds every declared weakness of the range, and could look at all of it', async () => {
  const { found, events } = await scan(range.hosts.map((host) => host.weak))
  const missing: string[] = []
  for (const { service, weak } of range.hosts) {
    const ids = new Set(found.get(weak.address)?.map((one) => one.signature))
    for (const id of service.expects) if (!ids.has(id)) missing.push(`${service.name}: ${id}`)
  }
  assert.deepEqual(missing, [])
  assert.deepEqual(events.filter((event) => event.type === 'failed'), [])
  assert.equal(events.filter((event) => event.type === 'done' && event.outcome === 'scanned').length, range.hosts.length)
})

test('a scan of the hardened twins finds nothing of severity 2 or more', async () => {
  const twins = range.hosts.flatMap((host) => host.twin ?? [])
  assert.ok(twins.length >= 12)
  const { found, events } = await scan(twins)
  const wrong = [...found].flatMap(([address, detections]) => detections.filter((one) => one.severity >= 2 && one.signature !== ownAuthority).map((one) => `${address} ${one.signature} ${one.result}`))
  assert.deepEqual(wrong, [])
  assert.deepEqual(events.filter((event) => event.type === 'failed'), [])
  const services = new Set(events.flatMap((event) => (event.type === 'seen' && event.seen.kind === 'service' ? [event.seen.data.name] : [])))
  for (const name of ['ssh', 'ftp', 'smtp', 'redis', 'memcached', 'mongodb', 'http', 'vnc', 'rsync', 'mqtt', 'dns']) assert.ok(services.has(name), `the twin of ${name} was not recognised`)
})

test('the command says where everything is, and stops cleanly when told to', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'lab', '--net', '68', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const first = await Promise.race([once(child.stdout, 'data').then(([bytes]) => bytes as Buffer), exited.then(([code]) => assert.fail(`it ended with ${String(code)}`))])
  const told = JSON.parse(first.toString()) as { hosts: { weak: Opened; expects: number[] }[]; scan: string }
  assert.ok(told.hosts.length >= 12)
  for (const { weak } of told.hosts) assert.match(weak.address, /^127\./)
  assert.match(told.scan, /^\.\/vigil scan 127\.68\.0\.1-\d+ --ports [\d,]+ --udp \d+$/)
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})
