import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { knock, knockBySocket, type KnockResult } from './knock.ts'

const ways = {
  'the way in use': (address: string, port: number, done: (result: KnockResult) => void) => knock(address, address.includes(':') ? 6 : 4, port, done),
  'net.Socket': knockBySocket,
}

for (const [name, way] of Object.entries(ways)) {
  test(`${name}: open, refused, itself and cancelled, over IPv4 and IPv6`, async () => {
    for (const address of ['127.0.0.1', '::1']) {
      const server = createServer((socket) => socket.on('error', () => {}))
      server.listen(0, address)
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const ask = (): Promise<KnockResult> => new Promise((resolve) => way(address, port, resolve))
      assert.equal(await ask(), 'open')
      let called = 0
      way(address, port, () => (called += 1)).cancel()
      assert.equal(await ask(), 'open')
      assert.equal(called, 0)
      server.close()
      await once(server, 'close')
      assert.equal(await ask(), 'ECONNREFUSED')
    }
    // Among all ports there are those that the kernel lends us for our own end: none may pass for open.
    let next = 32_768
    await Promise.all(Array.from({ length: 64 }, async () => {
      while (next <= 60_999) {
        const port = next++
        const result = await new Promise<KnockResult>((resolve) => way('127.0.0.1', port, resolve))
        if (result === 'open') assert.ok(listening(port), `${port} passed for open`)
      }
    }))
  })
}

/** Whether anybody listens there, by the kernel's own table. */
function listening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return new RegExp(`:${hex} 0+:0000 0A `, 'm').test(readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8'))
}

test('the way in use is the cheap one on the pinned Node', () => {
  const { TCP } = (process as unknown as { binding(name: string): { TCP?: unknown } }).binding('tcp_wrap')
  assert.equal(typeof TCP, 'function')
})
