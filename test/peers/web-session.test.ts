import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHttpSession } from '#engine/http/session.ts'
import type { HttpExchange, HttpRequest, HttpSession } from '#engine/http/wire.ts'
import { failed } from '#engine/net.ts'
import type { Tools } from '#engine/probe.ts'
import { withTools } from '#engine/testing.ts'
import { patient, running } from './look.ts'
import type { RunningPeer } from './peer.ts'
import { secureNginx, webServers } from './web-servers.ts'

type Ask = (request?: Partial<HttpRequest>) => Promise<HttpExchange>

/** A session with a peer, and how many connections it took so far. */
function inSession(peer: RunningPeer, tls: boolean, names: readonly string[], work: (ask: Ask, connections: () => number, session: HttpSession) => Promise<void>): Promise<void> {
  return withTools(async (tools) => {
    let count = 0
    const net: Tools['net'] = { ...tools.net, stream: (...words) => ((count += 1), tools.net.stream(...words)) }
    const session = openHttpSession({ asset: 'a', address: peer.address, port: peer.port, proto: 'tcp' }, tls, { ...tools, net, names })
    const ask: Ask = async (request = {}) => {
      const answer = await session.exchange({ method: 'GET', target: '/page.txt', ...request })
      assert.ok(!failed(answer), JSON.stringify(answer))
      return answer
    }
    await work(ask, () => count, session)
    session.close()
  }, patient)
}

for (const { peer, keeps, gzip } of webServers) {
  test(`a session with ${peer.name}: pages, heads, what has not changed, folders and compressed pages, ${keeps ? 'over one connection' : 'a connection for each'}`, async () => {
    await inSession(await running(peer), false, [], async (ask, connections) => {
      const page = await ask()
      const text = page.text()
      assert.deepEqual([page.status, text.length, page.cut], [200, 8000, false])
      const head = await ask({ method: 'HEAD' })
      assert.deepEqual([head.status, head.body.length, head.cut], [200, 0, false])
      const same = await ask({ headers: [['If-Modified-Since', page.header['last-modified']!]] })
      assert.deepEqual([same.status, same.body.length], [304, 0])
      const folder = await ask({ target: '/folder', follow: { follow: 'host', most: 3 } })
      assert.deepEqual([folder.status, folder.before.map(({ status }) => status), folder.text(), folder.target], [200, [301], '<title>folder</title>\n', '/folder/'])
      const small = await ask({ headers: [['Accept-Encoding', 'gzip']] })
      assert.deepEqual([small.text() === text, small.header['content-encoding'], small.length < text.length], [true, gzip ? 'gzip' : undefined, gzip])
      assert.equal((await ask({ target: '/nothing' })).status, 404)
      // What went before left nothing behind that would pass for the next answer.
      assert.equal((await ask()).text(), text)
      assert.equal(connections(), keeps ? 1 : 8)
    })
  })
}

test('over TLS a session names the host, and takes up again what it agreed on with that very name', async () => {
  await inSession(await running(secureNginx), true, ['shop.example'], async (ask, connections) => {
    const answers = [await ask(), await ask(), await ask({ serverName: 'other.example' }), await ask({ serverName: 'other.example', host: 'third.example' })].map((answer) => answer.text())
    assert.deepEqual(answers, [
      'shop.example . TLSv1.3 shop.example', 'shop.example r TLSv1.3 shop.example',
      'other.example . TLSv1.3 other.example', 'other.example r TLSv1.3 third.example',
    ])
    assert.equal(connections(), 4)
  })
})
