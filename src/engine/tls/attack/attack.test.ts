import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, createDecipheriv, createHash, createHmac, createPrivateKey, privateDecrypt, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import type { Observation } from '#core/observation.ts'
import { Unseen } from '../../probe.ts'
import { loopbackProfile, withTools } from '../../testing.ts'
import { listen } from '../../testing-server.ts'
import { retell } from '../retell.ts'
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

type Faults = Readonly<{
  bleeds?: boolean
  earlyChange?: boolean
  /** Passes over a ChangeCipherSpec that comes too early, as it does over all else then. */
  deafToChange?: boolean
  oracle?: boolean
  moody?: boolean
  /** Which padding is taken: that of which no byte is looked at but the one that tells its length, or that whose last byte is right. */
  padding?: 'unchecked' | 'last'
  /** Wrong padding is told from a wrong MAC: always, or the first time alone. */
  tells?: 'always' | 'once'
  tickets?: 'right' | 'bleeding'
  demandsCertificate?: boolean
}>

const length = (width: number, value: number): Buffer => {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}
const record = (type: number, data: Buffer): Buffer => Buffer.concat([Buffer.from([type, 3, 3]), length(2, data.length), data])
const message = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type]), length(3, body.length), body])
const alert = (code: number): Buffer => record(21, Buffer.from([2, code]))
const serverRandom = Buffer.alloc(32, 7)
const ticket = Buffer.alloc(40, 0x71)

/** RFC 5246 §5. */
function prf(secret: Buffer, label: string, seed: Buffer, bytes: number): Buffer {
  const hash = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest()
  const whole = Buffer.concat([Buffer.from(label), seed])
  let step = hash(whole)
  let out = Buffer.alloc(0)
  for (; out.length < bytes; step = hash(step)) out = Buffer.concat([out, hash(Buffer.concat([step, whole]))])
  return out.subarray(0, bytes)
}

/** What a record under these keys is worth (AES-128-CBC, SHA-1): its text, or what is wrong with it. */
function unseal(master: Buffer, clientRandom: Buffer, type: number, data: Buffer, checked: 'unchecked' | 'last' | 'all'): Buffer | 'padding' | 'mac' {
  const keys = prf(master, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 72)
  const decipher = createDecipheriv('aes-128-cbc', keys.subarray(40, 56), data.subarray(0, 16)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(data.subarray(16)), decipher.final()])
  const told = plain.at(-1)!
  const pads = plain.subarray(plain.length - told - 1)
  const judged = checked === 'unchecked' ? [] : checked === 'last' ? [pads.at(-2)] : [...pads]
  if (told + 1 + 20 > plain.length || judged.some((byte) => byte !== told)) return 'padding'
  const text = plain.subarray(0, plain.length - told - 21)
  const mac = createHmac('sha1', keys.subarray(0, 20)).update(Buffer.concat([Buffer.alloc(8), Buffer.from([type, 3, 3]), length(2, text.length), text])).digest()
  return mac.equals(plain.subarray(text.length, text.length + 20)) ? text : 'mac'
}

/** No daemon of today has these faults: a TLS 1.2 server by hand, and what a broken or a right one answers. */
function broken(faults: Faults): (socket: Socket) => void {
  let exchanges = 0
  let told = 0
  return (socket) => {
    let held = Buffer.alloc(0)
    let clientRandom: Buffer | null = null
    let early = false
    let secret: Buffer | null = null
    let isPadded = true
    let said = Buffer.alloc(0)
    let wantsTicket = false
    const hello = (data: Buffer): Buffer => {
      const session = data.subarray(39, 39 + data[38]!)
      const at = 39 + session.length
      const suites = Array.from({ length: data.readUInt16BE(at) / 2 }, (_, index) => data.readUInt16BE(at + 2 + index * 2))
      if (clientRandom !== null || data.readUInt16BE(4) !== 0x0303 || data.includes(Buffer.from('002b0003020304', 'hex')) || !suites.includes(0x002f)) return alert(data.readUInt16BE(4) === 0x0303 ? 40 : 70)
      clientRandom = Buffer.from(data.subarray(6, 38))
      wantsTicket = faults.tickets !== undefined && data.includes(Buffer.from('00230000', 'hex'))
      const resumed = faults.tickets !== undefined && session.length > 0 && data.includes(ticket)
      const id = !resumed ? Buffer.alloc(0) : faults.tickets === 'bleeding' ? Buffer.concat([session, Buffer.alloc(32 - session.length, 0x53)]) : session
      const extensions = Buffer.from(`000f000101${wantsTicket ? '00230000' : ''}`, 'hex')
      const answer = Buffer.concat([
        message(2, Buffer.concat([Buffer.from([3, 3]), serverRandom, Buffer.from([id.length]), id, Buffer.from([0, 0x2f, 0]), length(2, extensions.length), extensions])),
        ...(resumed ? [] : [message(11, Buffer.concat([length(3, certificate.length + 3), length(3, certificate.length), certificate]))]),
        ...(faults.demandsCertificate === true ? [message(13, Buffer.from('0101000204010000', 'hex'))] : []),
        ...(resumed ? [] : [message(14, Buffer.alloc(0))]),
      ])
      said = Buffer.concat([data, answer])
      return record(22, answer)
    }
    const finished = (data: Buffer): Buffer => {
      const master = prf(secret!, 'master secret', Buffer.concat([clientRandom!, serverRandom]), 48)
      const text = unseal(master, clientRandom!, 22, data, faults.padding ?? 'all')
      if (typeof text === 'string') return alert(text === 'padding' && (faults.tells === 'always' || (faults.tells === 'once' && told++ === 0)) ? 21 : 20)
      assert.deepEqual(text, message(20, prf(master, 'client finished', createHash('sha256').update(said).digest(), 12)))
      // Its own Finished is not read by who only wants to know whether it comes.
      return Buffer.concat([...(wantsTicket ? [record(22, message(4, Buffer.concat([Buffer.alloc(4), length(2, ticket.length), ticket])))] : []), record(20, Buffer.from([1])), record(22, Buffer.alloc(64, 9))])
    }
    const hear = (type: number, data: Buffer): Buffer | null => {
      // What comes after the exchange is enciphered: its first byte may be any, also that of a greeting.
      if (type === 22 && secret === null && !early && data[0] === 1) return hello(data)
      if (type === 24) return faults.bleeds === true ? record(24, Buffer.concat([Buffer.from([2]), data.subarray(1, 3), Buffer.alloc(data.readUInt16BE(1) + 16, 0x53)])) : null
      if (faults.deafToChange === true && (early || (type === 20 && secret === null))) {
        early = true
        return null
      }
      if (type === 20 && secret === null) {
        if (faults.earlyChange !== true) return alert(10)
        early = true
        return null
      }
      if (early) return typeof unseal(Buffer.alloc(0), clientRandom!, type, data, 'all') === 'string' ? alert(20) : null
      if (type === 22 && data[0] === 11 && secret === null) {
        assert.equal(faults.demandsCertificate, true)
        return alert(40)
      }
      if (type === 22 && data[0] === 16 && secret === null) {
        said = Buffer.concat([said, data])
        const plain = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, data.subarray(6))
        isPadded = plain[0] === 0 && plain[1] === 2 && plain.indexOf(0, 2) === plain.length - 49
        // RFC 5246 §7.4.7.1: who finds it wrong goes on with a secret of its own.
        secret = isPadded && plain.readUInt16BE(plain.length - 48) === 0x0303 ? plain.subarray(plain.length - 48) : Buffer.alloc(48, exchanges)
      } else if (type === 22 && secret !== null) {
        exchanges += 1
        if (faults.moody === true && data.length === 64) return alert(exchanges % 3 === 0 ? 51 : 20)
        return faults.oracle === true && !isPadded ? alert(51) : finished(data)
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

/** Flaws that a safe probe looks for, in order. */
const all = ['ccs-injection', 'heartbleed', 'padding-oracle', 'poodle-tls', 'robot', 'ticketbleed']

test('a right server has none of the faults, and all were looked for', async (t) => {
  const { data, proof, error } = await look(t, {})
  assert.equal(error, null)
  assert.deepEqual(data.accepted, ['TLSv1.2'])
  assert.deepEqual(data.suites, ['TLS_RSA_WITH_AES_128_CBC_SHA'])
  assert.equal(data.heartbeat, true)
  assert.deepEqual([proof!.matched, data.flaws, [...data.tested!].sort()], [[], [], all])
})

test('Heartbleed is shown by sixteen bytes, of which none is kept', async (t) => {
  const { data, proof } = await look(t, { bleeds: true })
  assert.deepEqual(data.flaws, ['heartbleed'])
  assert.match(proof!.matched[0]!, /claims 16: record 24, 35 bytes/)
  assert.ok(proof!.exchanges.some(({ note }) => note === 'heartbleed'))
  assert.deepEqual(retell(proof!, undefined).flaws, ['heartbleed'])
  for (const { received } of proof!.exchanges) assert.ok(!Buffer.from(received, 'base64').includes(Buffer.alloc(4, 0x53)))
})

test('a ChangeCipherSpec that is taken too early', async (t) => {
  const { data, proof, error } = await look(t, { earlyChange: true })
  assert.equal(error, null)
  assert.deepEqual(data.flaws, ['ccs-injection'])
  assert.match(proof!.matched[0]!, /keys of nothing: silent; the same with a bit changed: alert 20/)
  assert.equal(proof!.exchanges.filter(({ note }) => note === 'ccs-injection').length, 2)
})

test('a server that passes over an early ChangeCipherSpec and all that follows has neither the fault nor is it known to be without', async (t) => {
  const { data, error } = await look(t, { deafToChange: true })
  assert.deepEqual([data.flaws, data.tested!.includes('ccs-injection')], [[], false])
  assert.ok(error instanceof Unseen && error.message === 'no answer that tells of ccs-injection', String(error))
})

test('a server that does not look at the padding of a record, or at one byte of it alone', async (t) => {
  for (const [padding, said] of [['unchecked', /first byte of padding wrong: finished; last byte of padding wrong: finished; MAC wrong: alert 20; padding alone: alert 20/], ['last', /first byte of padding wrong: finished; last byte of padding wrong: alert 20/]] as const) {
    const { data, proof, error } = await look(t, { padding })
    assert.equal(error, null)
    assert.deepEqual(data.flaws, ['poodle-tls'])
    assert.match(proof!.matched[0]!, said)
    // The server's ChangeCipherSpec after our Finished is what shows it.
    assert.ok(proof!.exchanges.some(({ note, received }) => note === 'poodle-tls' && Buffer.from(received, 'base64').includes(Buffer.from('140303000101', 'hex'))))
  }
})

test('a server that tells wrong padding from a wrong MAC', async (t) => {
  const { data, proof } = await look(t, { tells: 'always' })
  assert.deepEqual(data.flaws, ['padding-oracle'])
  assert.match(proof!.matched[0]!, /first byte of padding wrong: alert 21; last byte of padding wrong: alert 21; MAC wrong: alert 20/)
  assert.equal(proof!.exchanges.filter(({ note }) => note === 'padding-oracle').length, 2)
})

test('a server that told them apart once, and never again, has no oracle', async (t) => {
  const { data, error } = await look(t, { tells: 'once' })
  assert.equal(error, null)
  assert.deepEqual([data.flaws, [...data.tested!].sort()], [[], all])
})

test('Ticketbleed is shown by one byte, which is not kept', async (t) => {
  const right = await look(t, { tickets: 'right' })
  assert.deepEqual([right.error, right.data.tickets, right.data.flaws, [...right.data.tested!].sort()], [null, true, [], all])
  const { data, proof, error } = await look(t, { tickets: 'bleeding' })
  assert.equal(error, null)
  assert.deepEqual(data.flaws, ['ticketbleed'])
  assert.match(proof!.matched[0]!, /a session id of 31 bytes is answered by the same and more: 32/)
  const shown = proof!.exchanges.filter(({ note }) => note === 'ticketbleed')
  assert.equal(shown.length, 1)
  const received = Buffer.from(shown[0]!.received, 'base64')
  // Up to the end of our own id: head of the record, of the message, version, random, length.
  assert.equal(received.length, 5 + 4 + 2 + 32 + 1 + 31)
  assert.ok(shown[0]!.cut && received[43] === 32)
  assert.deepEqual([retell(proof!, undefined).flaws, retell(right.proof!, undefined).flaws], [['ticketbleed'], []])
})

test('who turns us away for want of a certificate is neither found to have what shows in a whole handshake, nor to be without', async (t) => {
  const { data, error } = await look(t, { demandsCertificate: true, padding: 'unchecked', tickets: 'bleeding' })
  assert.equal(error, null)
  assert.deepEqual([data.flaws, [...data.tested!].sort()], [[], ['ccs-injection', 'heartbleed', 'robot']])
})

test('a server that tells good padding from bad', async (t) => {
  const { data, proof } = await look(t, { oracle: true })
  assert.deepEqual(data.flaws, ['robot'])
  assert.match(proof!.matched[0]!, /alert 20; alert 51; alert 51; alert 51; alert 20/)
})

test('a server that answers now so, now so, has no oracle and has not lost one: nothing over TLS is closed by the look', async (t) => {
  const { data, error } = await look(t, { moody: true })
  assert.deepEqual([data.flaws, [...data.tested!].sort()], [[], all.filter((flaw) => flaw !== 'robot')])
  assert.ok(error instanceof Unseen && error.message === 'no answer that tells of robot', String(error))
})

test('a fragile device is sent none of this', async (t) => {
  const { data } = await look(t, { bleeds: true, earlyChange: true, oracle: true, padding: 'unchecked', tickets: 'bleeding' }, true)
  assert.deepEqual([data.flaws, data.tested, data.intolerant], [[], [], undefined])
})
