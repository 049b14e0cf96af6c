import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import { standard } from '#core/profile.ts'
import type { Slice } from '#core/slice.ts'
import { sliceEngine } from './engine.ts'

const gadget: Fingerprint = {
  record: 'fingerprint', file: 'http_servers.xml', order: 0, matches: 'http_header.server', preference: 0.9, pattern: '^Gadget/([\\d.]+)$', flags: [], description: 'Gadget', examples: [],
  params: [{ pos: 0, name: 'service.product', value: 'Gadget' }, { pos: 1, name: 'service.version' }, { pos: 0, name: 'service.cpe23', value: 'cpe:/a:example:gadget:{service.version}' }],
}

test('a slice is looked at with the fingerprints on board, asked for anew for each host', async (t) => {
  const server = createServer((_, answer) => answer.writeHead(200, { server: 'Gadget/3.4' }).end('<title>hello</title>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const port = String((server.address() as AddressInfo).port)
  const slice: Slice = {
    id: 's', scan: 's', hosts: ['a', 'b'].map((asset) => ({ asset, address: '127.0.0.1', names: [] })), exclude: '', seq: 1, content: '', leaseUntil: 0, windowEnds: null,
    profile: { ...standard, pace: { ...standard.pace, hosts: 1 }, tcp: port, udp: '', discovery: { alwaysUp: true, tcp: port } },
  }
  // Swapped while the slice runs: once the first host is done, the second is looked at with them.
  const lists: readonly (readonly Fingerprint[])[] = [[], [gadget]]
  let done = 0
  const named: (string | undefined)[] = []
  const sink = async (event: ScanEvent): Promise<void> => {
    if (event.type === 'done') done += 1
    if (event.type === 'seen' && event.seen.kind === 'service') named.push(event.seen.data.cpe)
  }
  await sliceEngine(slice, { signatures: () => [], fingerprints: () => lists[Math.min(done, 1)]!, templates: () => undefined }, sink, new AbortController().signal)
  assert.deepEqual(named, [undefined, 'cpe:2.3:a:example:gadget:3.4:*:*:*:*:*:*:*'])
})
