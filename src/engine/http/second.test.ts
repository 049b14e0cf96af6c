import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createSecureServer, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { failed } from '../net.ts'
import { replayNet } from '../proof/replay-net.ts'
import { withTools } from '../testing.ts'
import { openHttpSession } from './session.ts'

async function serve(t: TestContext, secure: boolean): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'vigil-http2-'))
  const [key, cert] = ['key', 'cert'].map((name) => join(directory, name)) as [string, string]
  if (secure) execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=two', '-days', '2', '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const server: Http2Server = secure ? (createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }) as unknown as Http2Server) : createServer()
  rmSync(directory, { recursive: true })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (headers[':path'] === '/endless') {
      stream.respond({ ':status': 200 })
      const more = (): void => void (stream.destroyed || stream.write(Buffer.alloc(16_384, 120), more))
      more()
    } else if (headers[':path'] === '/mute') return
    else if (headers[':path'] === '/gzip') {
      stream.respond({ ':status': 200, 'content-encoding': 'gzip' })
      stream.end(gzipSync('x'.repeat(500)))
    } else {
      stream.respond({ ':status': 201, 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] })
      let body = ''
      stream.on('data', (bytes: Buffer) => (body += bytes.toString())).on('end', () => stream.end(`${headers[':method']} ${headers[':authority']} ${headers[':path']} ${String(headers['x-own'])} ${body}`))
      stream.resume()
    }
  })
  server.on('sessionError', () => {})
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => sessions.add(session))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

for (const secure of [true, false]) {
  test(`a server that speaks HTTP/2 alone is heard ${secure ? 'over TLS' : 'in the clear'}, bounded, and its proof is read again`, async (t) => {
    const port = await serve(t, secure)
    const at = { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' } as const
    await withTools(async (tools) => {
      const session = openHttpSession(at, secure, { ...tools, names: ['two.example'] })
      const first = await session.exchange({ method: 'POST', target: '/a?b', headers: [['X-Own', 'yes'], ['Connection', 'close']], body: Buffer.from('body') })
      assert.ok(!failed(first), JSON.stringify(first))
      assert.deepEqual([first.version, first.status, first.text(), first.header['set-cookie']], ['2', 201, `POST two.example:${port} /a?b yes body`, 'a=1\nb=2'])
      const together = await Promise.all(['/1', '/2', '/3'].map((target) => session.exchange({ method: 'GET', target })))
      assert.deepEqual(together.map((answer) => (failed(answer) ? answer.text : answer.text().split(' ')[2])), ['/1', '/2', '/3'])
      const packed = await session.exchange({ method: 'GET', target: '/gzip' })
      assert.ok(!failed(packed) && packed.text() === 'x'.repeat(500))
      const endless = await session.exchange({ method: 'GET', target: '/endless', bodyMost: 1000 })
      assert.ok(!failed(endless) && endless.cut && endless.body.length === 1000)
      const mute = await session.exchange({ method: 'GET', target: '/mute', timeout: 200 })
      assert.ok(failed(mute) && mute.failed === 'timeout', JSON.stringify(mute))
      const last = await session.exchange({ method: 'GET', target: '/last' })
      assert.ok(!failed(last))
      session.close()
      const again = openHttpSession(at, secure, { ...tools, names: ['two.example'], net: replayNet([JSON.parse(JSON.stringify(last.exchange())) as ReturnType<typeof last.exchange>]) })
      const read = await again.exchange({ method: 'GET', target: '/last' })
      again.close()
      assert.ok(!failed(read))
      assert.deepEqual([read.version, read.status, read.text(), read.header], ['2', 201, last.text(), last.header])
    })
  })
}
