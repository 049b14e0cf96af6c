import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Observation } from '#core/observation.ts'
import type { Exchange } from '#core/proof.ts'
import { http } from '../http/http.ts'
import { failed } from '../net.ts'
import { identifyWith } from '../ports/identify.ts'
import { lookAt, withTools } from '../testing.ts'
import { smtp } from '../services/mail/smtp.ts'
import { redis } from '../services/database/redis.ts'
import type { Service } from '../service.ts'
import { recordingNet } from './recording-net.ts'
import { replayNet } from './replay-net.ts'

async function serve(t: TestContext, talk: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    talk(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

const talks: Readonly<Record<string, Readonly<{ service: Service; talk(socket: Socket): void }>>> = {
  'one that greets and answers line by line': {
    service: smtp,
    talk(socket) {
      socket.write('220 mail.example.org ESMTP Postfix\r\n')
      socket.on('data', (bytes) => {
        const line = bytes.toString()
        if (/^EHLO/i.test(line)) socket.write('250-mail.example.org\r\n250-SIZE 10240000\r\n250-VRFY\r\n250 HELP\r\n')
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else socket.write('502 no\r\n')
      })
    },
  },
  'one that waits and frames by length': {
    service: redis,
    talk(socket) {
      socket.on('data', (bytes) => {
        const text = bytes.toString().toUpperCase()
        if (text.includes('PING')) socket.write('+PONG\r\n')
        else if (text.includes('INFO')) socket.write('$36\r\n# Server\r\nredis_version:6.0.16\r\nos:x\r\n\r\n')
        else socket.write('-ERR unknown command\r\n')
      })
    },
  },
  'one that answers over HTTP and hangs up': {
    service: http,
    talk: (socket) => void socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nServer: nginx/1.18.0\r\n\r\n<title>hello</title>')),
  },
}

for (const [name, { service, talk }] of Object.entries(talks)) {
  test(`a look is repeated over what it recorded, to the same end: ${name}`, async (t) => {
    const port = await serve(t, talk)
    const live = await lookAt(service, port)
    assert.ok(live !== null)
    const at = { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' } as const
    const trigger: Observation<'port'> = { kind: 'port', at, seen: 0, by: 'ports@1', data: { state: 'open' } }
    const look = async (tools: Parameters<Parameters<typeof withTools>[0]>[0], signal: AbortSignal) => {
      const seen = []
      for await (const sight of identifyWith([service]).run(trigger, tools, signal)) if (sight.kind === 'service') seen.push(sight.data)
      return seen
    }
    const [first, exchanges] = await withTools(async (tools, signal) => {
      const recording = recordingNet(tools.net, Date.now)
      return [await look({ ...tools, net: recording.net }, signal), recording.exchanges()] as const
    })
    assert.equal(first[0]?.name, service.name)
    const again = await withTools((tools, signal) => look({ ...tools, net: replayNet(JSON.parse(JSON.stringify(exchanges)) as typeof exchanges) }, signal))
    assert.deepEqual(again, first)
    // Without the bytes, nothing is seen.
    const blind = await withTools((tools, signal) => look({ ...tools, net: replayNet([]) }, signal).catch(() => []))
    assert.deepEqual(blind.filter((one) => one.name === service.name), [])
  })
}

test('what was said over several connections is answered over one', async () => {
  const talk = (...turns: readonly string[]): Exchange => {
    const side = (first: number): string => turns.filter((_, place) => place % 2 === first).join('')
    return { over: 'tcp', to: '127.0.0.1:21', sent: Buffer.from(side(0)).toString('base64'), received: Buffer.from(side(1)).toString('base64'), cut: false, at: 1, took: 1, turns: turns.map((turn) => turn.length) }
  }
  const net = replayNet([talk('', '220 hello\r\n'), talk('', '220 hello\r\n', 'FEAT\r\n', '500 no\r\n', 'USER x\r\n', '331 who\r\n'), talk('', '220 hello\r\n', 'AUTH TLS\r\n', '234 go on\r\n')])
  const connection = await net.connect({ address: '127.0.0.1', port: 21 })
  assert.ok(!failed(connection))
  const heard: string[] = []
  for (const said of ['', 'FEAT\r\n', 'AUTH TLS\r\n', 'USER x\r\n', 'QUIT\r\n']) {
    if (said !== '') connection.write(said)
    const answer = await connection.read()
    heard.push(failed(answer) ? answer.failed : Buffer.from(answer.bytes).toString())
  }
  assert.deepEqual(heard, ['220 hello\r\n', '500 no\r\n', '234 go on\r\n', '331 who\r\n', ''])
})
