import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, createPrivateKey, privateDecrypt, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import type { Observation } from '#core/observation.ts'
import { Unseen } from '../../probe.ts'
import { loopbackProfile, withTools } from '../../testing.ts'
import { listen } from '../../testing-server.ts'
import { tls } from '../tls.ts'

let key: KeyObject
let certificate: Buffer
const folder = mkdtempSync(join(tmpdir(), 'vigil-tls-attack-'))

before(() => {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'pem', '-days', '30', '-subj', '/CN=broken.example'], { cwd: folder, stdio: 'ignore' })
  key = createPrivateKey(readFileSync(join(folder, 'key')))
  certificate = Buffer.from(new X509Certificate(readFileSync(join(folder, 'pem'))).raw)
})
after(() => rmSync(folder, { recursive: true, force: true }))

type Faults = Readonly<{ bleeds?: boolean; earlyChange?: boolean; oracle?: boolean; moody?: boolean }>

const length = (width: number, value: number): Buffer => {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}
const record = (type: number, data: Buffer): Buffer => Buffer.concat([Buffer.from([type, 3, 3]), length(2, data.length), data])
const message = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type]), length(3, body.length), body])
const alert = (code: number): Buffer => record(21, Buffer.from([2, code]))

/** No daemon of today has these faults: a TLS 1.2 server up to its last message in the clear, and what a broken or a right one answers to what comes then. */
function broken(faults: Faults): (socket: Socket) => void {
  let exchanges = 0
  return (socket) => {
    let held = Buffer.alloc(0)
    let greeted = false
    let changes = 0
    let exchange: Buffer | null = null
    const hear = (type: number, data: Buffer): Buffer | null => {
      // What comes after the exchange is enciphered: its first byte may be any, also that of a greeting.
      if (type === 22 && exchange === null && data[0] === 1) {
        const at = 4 + 34 + 1 + data[4 + 34]!
        const suites = Array.from({ length: data.readUInt16BE(at) / 2 }, (_, index) => data.readUInt16BE(at + 2 + index * 2))
        if (greeted || data.readUInt16BE(4) !== 0x0303 || data.includes(Buffer.from('002b0003020304', 'hex')) || !suites.includes(0x002f)) return alert(data.readUInt16BE(4) === 0x0303 ? 40 : 70)
        greeted = true
        const extensions = Buffer.from('000f000101', 'hex')
        const hello = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0, 0x2f, 0]), length(2, extensions.length), extensions])
        return record(22, Buffer.concat([message(2, hello), message(11, Buffer.concat([length(3, certificate.length + 3), length(3, certificate.length), certificate])), message(14, Buffer.alloc(0))]))
      }
      if (type === 24) return faults.bleeds === true ? record(24, Buffer.concat([Buffer.from([2]), data.subarray(1, 3), Buffer.alloc(data.readUInt16BE(1) + 16, 0x53)])) : null
      if (type === 20 && exchange === null) {
        changes += 1
        return faults.earlyChange === true ? (changes === 2 ? alert(20) : null) : alert(10)
      }
      if (type === 22 && exchange === null && data[0] === 16) exchange = data.subarray(6)
      else if (type === 22 && exchange !== null) {
        const plain = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, exchange)
        const right = plain[0] === 0 && plain[1] === 2 && plain.indexOf(0, 2) === plain.length - 49
        exchanges += 1
        return alert(faults.moody === true ? (exchanges % 3 === 0 ? 51 : 20) : faults.oracle === true && !right ? 51 : 20)
      }
      return null
    }
    socket.on('error', () => {}).on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes])
      if (held[0] === 0x80) return void socket.destroy()
      while (held.length >= 5 && held.length >= 5 + held.readUInt16BE(3)) {
        const end = 5 + held.readUInt16BE(3)
        const answer = hear(held[0]!, held.subarray(5, end))
        held = held.subarray(end)
        if (answer !== null) socket.write(answer)
        if (answer?.[0] === 21) return void socket.end()
      }
    })
  }
}

async function look(t: TestContext, faults: Faults, fragile = false): Promise<Extract<Observation, { kind: 'tls' }> & { error: unknown }> {
  const port = await listen(t, createServer(broken(faults)))
  const seen: Observation<'service'> = { kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'service@1', data: { name: 'unknown', tls: true, facts: {} } }
  return withTools(async (tools, signal) => {
    let told: Extract<Observation, { kind: 'tls' }> | null = null
    let error: unknown = null
    try {
      for await (const sight of tls.run(seen, tools, signal)) if (sight.kind === 'tls') told = { ...sight, by: 'tls', seen: 0 }
    } catch (thrown) {
      error = thrown
    }
    return { ...(told ?? assert.fail('nothing was seen')), error }
  }, { ...loopbackProfile, fragile })
}

test('a right server has none of the faults, and all were looked for', async (t) => {
  const { data, proof, error } = await look(t, {})
  assert.equal(error, null)
  assert.deepEqual(data.accepted, ['TLSv1.2'])
  assert.deepEqual(data.suites, ['TLS_RSA_WITH_AES_128_CBC_SHA'])
  assert.equal(data.heartbeat, true)
  assert.deepEqual([proof!.matched, data.flaws, data.tested], [[], [], ['heartbleed', 'ccs-injection', 'robot']])
})

test('Heartbleed is shown by sixteen bytes, of which none is kept', async (t) => {
  const { data, proof } = await look(t, { bleeds: true })
  assert.deepEqual(data.flaws, ['heartbleed'])
  assert.match(proof!.matched[0]!, /claims 16: record 24, 35 bytes/)
  assert.ok(proof!.exchanges.some(({ note }) => note === 'heartbleed'))
  for (const { received } of proof!.exchanges) assert.ok(!Buffer.from(received, 'base64').includes(Buffer.alloc(4, 0x53)))
})

test('a ChangeCipherSpec that is taken too early', async (t) => {
  assert.deepEqual((await look(t, { earlyChange: true })).data.flaws, ['ccs-injection'])
})

test('a server that tells good padding from bad', async (t) => {
  const { data, proof } = await look(t, { oracle: true })
  assert.deepEqual(data.flaws, ['robot'])
  assert.match(proof!.matched[0]!, /alert 20; alert 51; alert 51; alert 51; alert 20/)
})

test('a server that answers now so, now so, has no oracle and has not lost one: nothing over TLS is closed by the look', async (t) => {
  const { data, error } = await look(t, { moody: true })
  assert.deepEqual([data.flaws, data.tested], [[], ['heartbleed', 'ccs-injection']])
  assert.ok(error instanceof Unseen && error.message === 'no answer that tells of robot', String(error))
})

test('a fragile device is sent none of this', async (t) => {
  const { data } = await look(t, { bleeds: true, earlyChange: true, oracle: true }, true)
  assert.deepEqual([data.flaws, data.tested, data.intolerant], [[], [], undefined])
})
