import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, test, type TestContext } from 'node:test'
import { grave, listen, serve, watchedScan } from './hostile-scan.ts'
import { absurdBer, dnsLoop, hellishServer, nested, packetServers } from './packet-servers.ts'

/** A UDP service of the test on a usual port. */
async function answers(t: TestContext, address: string, port: number, answer: (asked: Buffer, send: (bytes: Uint8Array) => void) => void): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('message', (asked, from) => answer(asked, (bytes) => socket.send(bytes, from.port, from.address, () => {})))
  socket.bind(port, address)
  await once(socket, 'listening')
  t.after(() => socket.close())
}

describe('packets that lie', { concurrency: true }, () => {
  test('lengths that lie, nesting and lists without end, over TCP', async (t) => {
    const ports = new Map<number, string>()
    for (const [name, talk] of Object.entries(packetServers)) ports.set(await listen(t, talk, '127.0.11.1'), name)
    const run = await watchedScan(['127.0.11.1', '--ports', [...ports.keys()].join(','), '--udp', 'none', '--profile', 'full'], 150)
    t.diagnostic(`peak ${Math.round(run.peak)} MB, exit ${run.code}`)
    assert.ok(run.code === 0 || run.code === 3, `${run.code} ${run.err}`)
    assert.deepEqual(grave(run).map((line) => `${line} (${ports.get(Number(line.split(' ')[1]))})`), [])
    assert.ok(run.peak < 400, `${run.peak} MB`)
    assert.doesNotMatch(run.err, /internal|RangeError|TypeError/)
  })

  // On the ports where each is asked first, so that its own reader meets what was made for it.
  test('the same on usual ports: every answer meets every reader', async (t) => {
    const usual = [22, 25, 53, 110, 143, 389, 443, 445, 636, 1080, 1433, 1883, 2181, 3306, 3389, 4222, 5432, 5672, 5900, 6000, 6379, 8080, 8443, 9200, 11211, 27017]
    const talks = Object.values(packetServers)
    let turn = 0
    const last = [12, 13, 14]
    for (const host of last) for (const port of usual) await listen(t, (socket) => talks[(turn++ * 7 + host) % talks.length]!(socket), `127.0.11.${host}`, port)
    const run = await watchedScan(['127.0.11.12-14', '--ports', usual.join(','), '--udp', 'none', '--profile', 'full'], 150)
    t.diagnostic(`peak ${Math.round(run.peak)} MB, exit ${run.code}`)
    assert.ok(run.code === 0 || run.code === 3, `${run.code} ${run.err}`)
    assert.ok(run.peak < 400, `${run.peak} MB`)
    assert.doesNotMatch(run.err, /internal|RangeError|TypeError/)
  })

  test('datagrams that lie, and a flood of them', async (t) => {
    const kinds: readonly ((asked: Buffer, send: (bytes: Uint8Array) => void) => void)[] = [
      (asked, send) => send(dnsLoop(asked)), (_, send) => send(absurdBer), (_, send) => send(nested(20_000)), (_, send) => send(Buffer.alloc(0)), (asked, send) => send(asked), (_, send) => send(Buffer.alloc(60_000, 255)),
      (_, send) => {
        for (let count = 0; count < 3000; count++) send(Buffer.alloc(1400, count & 255))
      },
    ]
    const ports = [53, 69, 123, 137, 161, 11211]
    for (const [index, kind] of kinds.entries()) for (const port of ports) await answers(t, `127.0.11.${20 + index}`, port, kind)
    const run = await watchedScan(['127.0.11.20-26', '--alive', '--ports', '1', '--udp', ports.join(',')], 120)
    t.diagnostic(`peak ${Math.round(run.peak)} MB, exit ${run.code}`)
    assert.ok(run.code === 0 || run.code === 3, `${run.code} ${run.err}`)
    assert.deepEqual(grave(run), [])
    assert.ok(run.peak < 400, `${run.peak} MB`)
    assert.doesNotMatch(run.err, /internal|RangeError|TypeError/)
  })

  test('certificates from hell', async (t) => {
    const ports = await Promise.all([1, 50, 4000].map((names) => serve(t, hellishServer(names), '127.0.11.40')))
    const run = await watchedScan(['127.0.11.40', '--ports', ports.join(','), '--udp', 'none'], 120)
    t.diagnostic(`peak ${Math.round(run.peak)} MB, exit ${run.code}: ${run.findings.map((line) => `${line.port} ${line.severity} ${line.title}`).join('; ')}`)
    assert.ok(run.code === 0 || run.code === 3, `${run.code} ${run.err}`)
    assert.ok(run.peak < 400, `${run.peak} MB`)
    assert.doesNotMatch(run.err, /internal|RangeError|TypeError/)
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(JSON.stringify(run.findings), /\\u0000|\\u001b/)
    // One of 4,000 names is larger than what is read: then the scan says that it did not look.
    for (const port of ports) {
      const isTold = run.findings.some((line) => line.port === port) || run.err.includes(String(port))
      assert.ok(isTold, `nothing is told of ${port}:\n${run.err}`)
    }
  })
})
