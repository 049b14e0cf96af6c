import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { errorQueue } from './error-queue.ts'
import { knock, knockBySocket, type KnockResult } from './knock.ts'

type Way = (address: string, port: number, done: (result: KnockResult) => void) => { cancel(): void }

const queue = await errorQueue()
/** And what a refusal is called that way. */
const ways: Readonly<Record<string, readonly [way: Way, refused: KnockResult]>> = {
  'the way in use': [(address, port, done) => knock(address, address.includes(':') ? 6 : 4, port, queue, done), queue === null ? 'ECONNREFUSED' : 'reset'],
  'without a queue of errors': [(address, port, done) => knock(address, address.includes(':') ? 6 : 4, port, null, done), 'ECONNREFUSED'],
  'net.Socket': [knockBySocket, 'ECONNREFUSED'],
}

for (const [name, [way, refused]] of Object.entries(ways)) {
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
      assert.equal(await ask(), refused)
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

test('no descriptor is left behind, whatever came of a knock', async () => {
  const server = createServer((socket) => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = (to: number): Promise<KnockResult> => new Promise((resolve) => knock('127.0.0.1', 4, to, queue, resolve))
  await ask(1)
  const before = readdirSync('/proc/self/fd').length
  for (let round = 0; round < 50; round++) {
    knock('127.0.0.1', 4, port, queue, () => {}).cancel()
    await Promise.all([ask(port), ask(1)])
  }
  server.close()
  await once(server, 'close')
  assert.ok(readdirSync('/proc/self/fd').length <= before, 'descriptors')
})

test('Linux tells an RST from an ICMP error, and on this system koffi is there', { skip: process.platform !== 'linux' }, () => {
  assert.notEqual(queue, null)
})
