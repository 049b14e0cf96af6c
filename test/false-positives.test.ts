import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import { compileJudge } from '#core/judge.ts'
import { standard } from '#core/profile.ts'
import type { Detection } from '#core/signature.ts'
import { poolAsks } from '#engine/http/asks.ts'
import { probes } from '#engine/probes.ts'
import { runScan } from '#engine/run.ts'
import { loadEntries } from '#formats/content.ts'

const { entries } = await loadEntries(fileURLToPath(new URL('../content', import.meta.url)))
const signatures = entries.map((entry) => entry.signature)
const judge = compileJudge(signatures)
const asked = new Map(signatures.filter((one) => one.ask !== undefined && one.ask.path !== '/').map((one) => [one.id, one.ask!]))

/** Every text on which a signature fires, as a page about security might quote them. */
const quotes = entries.flatMap((entry) => entry.fires.flatMap(({ seen }) => (seen.kind === 'http' ? [seen.data.body] : []))).filter((body) => body !== '')
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const html = { 'content-type': 'text/html; charset=utf-8' }

const servers: Readonly<Record<string, RequestListener>> = {
  'one page for every path': (_, response) => response.writeHead(200, html).end('<!doctype html><html><head><title>App</title></head><body><div id="root"></div></body></html>'),
  'a page that repeats the path': (request, response) => response.writeHead(200, html).end(`<!doctype html><html><head><title>Not found</title></head><body>There is no ${escape(request.url ?? '')} here.</body></html>`),
  'a different page each time': (request, response) => {
    const page = `<!doctype html><html><title>${Math.random()}</title><body>${Array.from({ length: 40 }, () => Math.random().toString(36)).join(' ')} ${escape(request.url ?? '')}</body></html>`
    response.writeHead(200, html).end(page)
  },
  'a login for every path': (request, response) => response.writeHead(302, { location: `/login?next=${encodeURIComponent(request.url ?? '')}` }).end(),
  'a page that quotes every secret': (_, response) => response.writeHead(200, html).end(`<!doctype html><html><title>What scanners look for</title><body><pre>${quotes.map(escape).join('</pre><pre>')}</pre></body></html>`),
  'JSON for every path': (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, path: request.url, version: '1.0', status: 'success' })),
  'empty answers': (_, response) => response.writeHead(200).end(),
}

async function detectionsOn(listener: RequestListener): Promise<{ found: Detection[]; events: ScanEvent[] }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const found: Detection[] = []
  const events: ScanEvent[] = []
  try {
    await runScan({
      hosts: [{ asset: 'a', address: '127.0.0.1', names: [] }], scope: parseIpSet('127.0.0.1'), exclude: [], profile: { ...standard, tcp: String(port), udp: '', discovery: { alwaysUp: true, tcp: String(port) } },
      asks: poolAsks(signatures), probes, now: Date.now, signal: new AbortController().signal,
      sink(event) {
        events.push(event)
        if (event.type === 'seen') found.push(...judge(event.seen))
      },
    })
  } finally {
    server.close()
    server.closeAllConnections()
  }
  return { found, events }
}

for (const [name, listener] of Object.entries(servers)) {
  test(`${name}: no exposed file, no console, no product`, async () => {
    const { found, events } = await detectionsOn(listener)
    assert.ok(events.some((event) => event.type === 'seen' && event.seen.kind === 'http'), 'the server was looked at')
    assert.deepEqual(found.filter((one) => asked.has(one.signature) || one.severity >= 3).map((one) => `${one.signature} ${one.at.path} ${one.result}`), [])
  })
}

/** Where the engine did not see through the server: the rules alone must hold against a page that quotes everything. */
test('no rule on an asked path is fooled by a page that quotes every secret', () => {
  assert.ok(asked.size >= 80 && quotes.length >= 80)
  const body = `<!doctype html><html><head><title>What scanners look for</title></head><body><pre>${quotes.map(escape).join('</pre><pre>')}</pre></body></html>`
  const fooled: string[] = []
  for (const entry of entries) {
    const [fixture] = entry.fires
    if (!asked.has(entry.signature.id) || fixture?.seen.kind !== 'http') continue
    const seen = { ...fixture.seen, data: { ...fixture.seen.data, status: 200, headers: html, title: 'What scanners look for', body, length: body.length } }
    for (const detection of judge(seen)) if (asked.has(detection.signature)) fooled.push(`${detection.signature} ${detection.result}`)
  }
  assert.deepEqual([...new Set(fooled)], [])
})
