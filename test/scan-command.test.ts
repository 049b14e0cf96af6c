import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

type Run = Readonly<{ code: number | null; out: string; err: string }>

/** `vigil scan` as a person runs it: its own process. */
async function vigil(words: readonly string[], meanwhile?: (child: ReturnType<typeof spawn>) => Promise<void>): Promise<Run> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'scan', ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const closed = once(child, 'close')
  await meanwhile?.(child)
  const [code] = await closed
  return { code: code as number | null, out, err }
}

/** A store that answers everybody, a page without headers, and a port that never speaks. */
async function weakHost(t: TestContext): Promise<{ redis: number; web: number; mute: number; closed: number }> {
  const sockets = new Set<Socket>()
  const redis = createServer((socket) => {
    socket.on('data', (bytes) => {
      const words = bytes.toString('latin1')
      if (/PING/i.test(words)) socket.write('+PONG\r\n')
      else if (!/INFO/i.test(words)) socket.write('-ERR unknown command\r\n')
      const info = '# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux 6.1 x86_64\r\n# Replication\r\nrole:master\r\n'
      if (/INFO/i.test(words)) socket.write(`$${info.length}\r\n${info}\r\n`)
    })
  })
  const web = createHttpServer((request, response) => response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' }).end('<title>\u001b[31mhello</title>'))
  const mute = createServer()
  const gone = createServer()
  const ports: number[] = []
  for (const server of [redis, web, mute, gone]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ports.push((server.address() as AddressInfo).port)
  }
  gone.close()
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of [redis, web, mute]) server.close()
  })
  return { redis: ports[0]!, web: ports[1]!, mute: ports[2]!, closed: ports[3]! }
}

type Line = Readonly<Record<string, unknown>>

test('a complete scan tells the weakness with its proof, in every format', async (t) => {
  const { redis, web, closed } = await weakHost(t)
  const words = ['127.0.0.1', '--ports', `${redis},${web},${closed}`, '--udp', 'none']
  const jsonl = await vigil([...words, '--format', 'jsonl'])
  assert.equal(jsonl.code, 0, jsonl.err)
  const lines = jsonl.out.trim().split('\n').map((line) => JSON.parse(line) as Line)
  const store = lines.find((line) => line['port'] === redis && line['severity'] === 5)
  assert.ok(store !== undefined, jsonl.out)
  const allowed = ['ip', 'host', 'port', 'proto', 'id', 'title', 'severity', 'type', 'class', 'cve', 'cvss', 'url', 'evidence', 'solution']
  for (const line of lines) assert.deepEqual(Object.keys(line), allowed.filter((name) => name !== 'url' || name in line))
  assert.deepEqual([store['ip'], store['host'], store['proto'], store['type']], ['127.0.0.1', '127.0.0.1', 'tcp', 'confirmed'])
  assert.match((store['evidence'] as { sent: string }).sent, /INFO/i)
  assert.match((store['evidence'] as { received: string }).received, /redis_version:7\.0\.15/)
  assert.match((store['evidence'] as { result: string }).result, /7\.0\.15/)
  assert.ok(lines.some((line) => line['url'] === `http://127.0.0.1:${web}/`))
  assert.ok(!lines.some((line) => line['port'] === closed))

  const ids = lines.map((line) => `${String(line['id'])} ${String(line['port'])}`).sort((a, b) => a.localeCompare(b))
  const json = JSON.parse((await vigil([...words, '--format', 'json'])).out) as { findings: Line[]; summary: Line }
  assert.deepEqual(json.findings.map((line) => `${String(line['id'])} ${String(line['port'])}`).sort((a, b) => a.localeCompare(b)), ids)
  assert.deepEqual([json.summary['scanned'], json.summary['notTested']], [1, []])
  const sarif = JSON.parse((await vigil([...words, '--format', 'sarif'])).out) as { version: string; runs: [{ results: Line[]; tool: { driver: { rules: Line[] } }; invocations: [{ executionSuccessful: boolean }] }] }
  assert.equal(sarif.version, '2.1.0')
  assert.equal(sarif.runs[0].results.length, ids.length)
  assert.ok(sarif.runs[0].results.every((result) => sarif.runs[0].tool.driver.rules[result['ruleIndex'] as number]!['id'] === result['ruleId']))
  assert.equal(sarif.runs[0].invocations[0].executionSuccessful, true)
  const csv: Record<string, string>[] = parse((await vigil([...words, '--format', 'csv'])).out, { columns: true })
  assert.deepEqual(csv.map((row) => `${row['id']} ${row['port']}`).sort((a, b) => a.localeCompare(b)), ids)
  const text = await vigil(words)
  assert.match(text.out, new RegExp(`${redis}/tcp  redis Redis 7\\.0\\.15`))
  assert.match(text.out, /seen: .*7\.0\.15/)
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text.out, /\u001b/, 'what a server says must not reach the terminal')
})

test('--fail-on decides by severity, and information never fails', async (t) => {
  const { redis, closed } = await weakHost(t)
  assert.equal((await vigil(['127.0.0.1', '--ports', String(redis), '--udp', 'none', '--fail-on', '5'])).code, 1)
  assert.equal((await vigil(['127.0.0.1', '--ports', String(closed), '--udp', 'none', '--fail-on', '1'])).code, 0)
})

test('wrong usage names what was passed, and sends nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-scan-'))
  t.after(() => rm(folder, { recursive: true }))
  const million = join(folder, 'million.txt')
  await writeFile(million, Array.from({ length: 1_000_000 }, (_, index) => `127.${index >> 16}.${(index >> 8) & 255}.${index & 255}\n`).join(''))
  const cases: [string[], RegExp][] = [
    [[], /Say what to scan/],
    [['0.0.0.0/0'], /0\.0\.0\.0\/0.*4294967296.*65536/],
    [['127.0.0.1/33'], /prefix/],
    [['127.0.0.1/8'], /127\.0\.0\.0\/8/],
    [['127.0.0.9-127.0.0.1'], /ends before it starts/],
    [['300.1.1.1'], /not an IP address/],
    [['http://127.0.0.1/'], /not an IP address/],
    [['224.0.0.1'], /reserved/],
    [['::1/64'], /host bits|addresses/],
    [['127.0.0.0/8'], /16777216/],
    [['127.0.0.0/16', '127.1.0.0/16'], /131072/],
    [['192.0.2.1'], /public address.*--authorised/],
    [['127.0.0.1', '--exclude', '127.0.0.0/24'], /excluded/],
    [['127.0.0.1', '--ports', '0'], /port list/],
    [['127.0.0.1', '--ports', '1-70000'], /port list/],
    [['127.0.0.1', '--format', 'xml'], /text, jsonl, json, sarif, csv/],
    [['127.0.0.1', '--fail-on', '9'], /from 1 to 5/],
    [['127.0.0.1', '--profile', 'huge'], /quick, standard, full/],
    [['127.0.0.1', '--nonsense'], /nonsense/],
    [['--targets-file', million], /100000/],
    [['--targets-file', join(folder, 'missing.txt')], /cannot be read: ENOENT/],
    [['127.0.0.1\u001b[31m'], /not an IP address/],
  ]
  for (const [words, message] of cases) {
    const { code, out, err } = await vigil(words)
    assert.deepEqual([code, out], [2, ''], words.join(' '))
    assert.match(err, message, words.join(' '))
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(err, /\u001b/)
  }
  assert.match((await vigil(['--help'])).out, /Exit codes: 0 complete, 1/)
})

test('what was not tested is said, and the scan is incomplete', async (t) => {
  const { closed } = await weakHost(t)
  const words = ['--ports', String(closed), '--udp', 'none']
  const lost = await vigil(['127.0.0.1', 'nowhere.invalid', ...words])
  assert.equal(lost.code, 3)
  assert.match(lost.out, /Not tested, so not clean:\n  - nowhere\.invalid: the name could not be resolved/)
  const cut = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nx', () => cut.close())))
  cut.listen(0, '127.0.0.1')
  await once(cut, 'listening')
  t.after(() => cut.close())
  const half = await vigil(['127.0.0.1', '--ports', String((cut.address() as AddressInfo).port), '--udp', 'none', '--format', 'jsonl'])
  assert.equal(half.code, 3, half.err)
  assert.match(half.err, /not tested: /)
})

test('excluded addresses receive nothing; ranges, names and files are targets', async (t) => {
  const from: string[] = []
  const server = createServer((socket) => {
    from.push(socket.localAddress!.replace('::ffff:', ''))
    socket.on('error', () => {}).end('x')
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const folder = await mkdtemp(join(tmpdir(), 'vigil-scan-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'targets.txt')
  await writeFile(file, '# ours\r\n127.0.5.4 127.0.5.5, 127.0.5.6 # three\n\n127.0.5.7')
  const { code, out } = await vigil(['127.0.5.1-3', '--targets-file', file, '--exclude', '127.0.5.2,127.0.5.6', '--ports', String(port), '--udp', 'none'])
  assert.equal(code, 0, out)
  assert.deepEqual([...new Set(from)].sort((a, b) => a.localeCompare(b)), ['127.0.5.1', '127.0.5.3', '127.0.5.4', '127.0.5.5', '127.0.5.7'])
  assert.match(out, /5 hosts scanned, 2 excluded/)
})

test('an interrupt ends the scan cleanly: what was found is written, the rest is named', async (t) => {
  const { redis, mute } = await weakHost(t)
  const { code, out } = await vigil(['127.0.0.1', '127.0.8.0/24', '--ports', `${redis},${mute}`, '--udp', 'none', '--format', 'json'], async (child) => {
    await new Promise<void>((resolve) => child.stdout!.on('data', (part: Buffer) => {
      if (part.toString().includes('redis')) resolve()
    }))
    child.kill('SIGINT')
  })
  assert.equal(code, 3)
  assert.ok(out.includes('"notTested":["stopped:'), out.slice(-500))
})
