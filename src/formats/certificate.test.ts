import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { test } from 'node:test'
import { selfSigned } from './certificate.ts'

test('a self-signed certificate is trusted by who pins it, for its names and addresses, and by nobody else', async (context) => {
  const { cert, key, sha256 } = selfSigned(['vigil.test', '127.0.0.1', '::1'], Date.now())
  const parsed = new X509Certificate(cert)
  assert.equal(parsed.fingerprint256, sha256)
  assert.ok(parsed.verify(parsed.publicKey))
  assert.equal(parsed.checkHost('vigil.test'), 'vigil.test')
  assert.equal(parsed.checkIP('127.0.0.1'), '127.0.0.1')
  assert.equal(parsed.checkIP('::1'), '::1')
  assert.equal(parsed.checkHost('other.test'), undefined)

  const server = createServer({ cert, key }, (socket) => {
    socket.on('error', () => {})
    socket.end('hello')
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const reach = (ca: string | undefined): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...(ca === undefined ? {} : { ca }) })
      socket.setEncoding('utf8').once('data', (text: string) => resolve(text)).once('error', reject)
    })
  assert.equal(await reach(cert), 'hello')
  await assert.rejects(reach(undefined), /self-signed/)
})
