import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import type { Observation, Shapes } from '#core/observation.ts'
import { Unseen } from '../probe.ts'
import { withTools } from '../testing.ts'
import { listen } from '../testing-server.ts'
import { earlyDataIn } from './look/handshake.ts'
import { readFlight } from './record.ts'
import { tls } from './tls.ts'

let folder = ''

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-tls-'))
  const make = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  make('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'rsa.key', '-out', 'rsa.pem', '-days', '30', '-subj', '/CN=self.example/O=Vigil', '-addext', 'subjectAltName=DNS:self.example,IP:127.0.0.1')
  make('req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-keyout', 'old.key', '-out', 'old.pem', '-days', '1', '-sha1', '-subj', '/CN=old.example')
  make('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ec.key', '-out', 'ec.pem', '-days', '30', '-subj', '/CN=ec.example', '-addext', `subjectAltName=${Array.from({ length: 1500 }, (_, index) => `DNS:n${index}.example`).join()}`)
  // Made once: generating a 1024-bit prime takes seconds.
  make('dhparam', '-dsaparam', '-out', 'dh1024.pem', '1024')
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** A real `openssl s_server` on a free port. */
async function openssl(t: TestContext, ...words: string[]): Promise<number> {
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-quiet', ...words], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  child.stderr.on('data', (part: Buffer) => (text += part.toString()))
  child.stdout.on('data', (part: Buffer) => (text += part.toString()))
  // s_server says nothing with -quiet; the kernel knows where it listens.
  for (;;) {
    const port = listening(child.pid!)
    if (port !== null) return port
    assert.equal(child.exitCode, null, `openssl s_server: ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function listening(pid: number): number | null {
  const inodes = new Set(held(pid).map((name) => /^socket:\[(\d+)\]$/.exec(name)?.[1]))
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[3] === '0A' && inodes.has(fields[9] ?? '')) return Number.parseInt(fields[1]!.split(':')[1]!, 16)
  }
  return null
}

/** What the process has open; a file that it closes just now is left out. */
function held(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap((descriptor) => {
    try {
      return [readlinkSync(join(folder, descriptor))]
    } catch {
      return []
    }
  })
}

async function look(port: number, names: readonly string[] = [], service: Partial<Shapes['service']> = {}): Promise<{ data: Shapes['tls']; observation: Observation<'tls'>; error: unknown }> {
  const seen: Observation<'service'> = {
    kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'service@1',
    data: { name: 'unknown', tls: true, facts: {}, ...service },
  }
  assert.ok(tls.wants(seen, undefined as never))
  return withTools(async (tools, signal) => {
    let found: unknown = null
    let error: unknown = null
    try {
      for await (const sight of tls.run(seen, { ...tools, names }, signal)) found = sight
    } catch (thrown) {
      error = thrown
    }
    if (found === null) throw error
    return { data: (found as Observation<'tls'>).data, observation: found as Observation<'tls'>, error }
  })
}

test('a modern server: two versions, nothing weak, and its certificate', async (t) => {
  const port = await openssl(t, '-cert', 'rsa.pem', '-key', 'rsa.key')
  const { data, error, observation } = await look(port, ['self.example'])
  assert.equal(error, null)
  assert.deepEqual(data.accepted, ['TLSv1.3', 'TLSv1.2'])
  assert.deepEqual([...data.refused].sort(), ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1'])
  assert.deepEqual(data.weak, [])
  assert.equal(data.forwardSecrecy, true)
  assert.equal(observation.at.host, 'self.example')
  assert.match(observation.evidence!.received, /ServerHello TLSv1\.3/)
  const { certificate } = data
  assert.ok(certificate !== null)
  const { notAfter, notBefore, serial, sha256, ...rest } = certificate
  assert.deepEqual(rest, {
    subject: 'CN=self.example, O=Vigil', issuer: 'CN=self.example, O=Vigil', names: ['self.example', '127.0.0.1'], keyType: 'rsa', keyBits: 2048,
    signatureAlgorithm: 'sha256WithRSAEncryption', selfSigned: true, trusted: false, trustError: 'DEPTH_ZERO_SELF_SIGNED_CERT', nameMatches: true, chainLength: 1,
    chain: [], chainFaults: [], trustedBy: [], wildcard: false, mustStaple: false, timestamps: 0, ocsp: [], crl: [],
  })
  assert.ok(Math.abs(notAfter - notBefore - 30 * 86_400_000) < 1000)
  assert.match(sha256, /^[0-9a-f]{64}$/)
  assert.match(serial, /^[0-9A-F]+$/)
})

test('an old server: TLS 1.0 and 1.1, NULL and anonymous suites, a short prime, a short SHA-1 key', async (t) => {
  const port = await openssl(t, '-cert', 'old.pem', '-key', 'old.key', '-dhparam', 'dh1024.pem', '-cipher', 'ALL:eNULL:aNULL:@SECLEVEL=0', '-no_tls1_3')
  const { data, error } = await look(port, ['other.example'])
  assert.equal(error, null)
  assert.deepEqual(data.accepted, ['TLSv1.2', 'TLSv1.1', 'TLSv1.0'])
  assert.deepEqual(data.refused, ['TLSv1.3', 'SSLv3', 'SSLv2'])
  assert.deepEqual(data.weak, ['NULL', 'anon'])
  assert.ok(data.suites.some((suite) => suite.includes('_NULL_')))
  assert.equal(data.dhBits, 1024)
  assert.equal(data.certificate?.keyBits, 1024)
  assert.equal(data.certificate?.signatureAlgorithm, 'sha1WithRSAEncryption')
  assert.equal(data.certificate?.nameMatches, false)
})

test('a server without forward secrecy', async (t) => {
  const port = await openssl(t, '-cert', 'rsa.pem', '-key', 'rsa.key', '-cipher', 'AES256-SHA:AES128-SHA', '-no_tls1_3')
  const { data, error } = await look(port)
  assert.equal(error, null)
  assert.equal(data.forwardSecrecy, false)
  assert.equal(data.dhBits, null)
  assert.equal(data.certificate?.nameMatches, null)
})

test('a demanded client certificate and TLS 1.3 alone keep no certificate from us', async (t) => {
  for (const words of [['-Verify', '1', '-no_tls1_3'], ['-Verify', '1'], ['-tls1_3']]) {
    const port = await openssl(t, '-cert', 'rsa.pem', '-key', 'rsa.key', ...words)
    const { data, error } = await look(port)
    assert.equal(error, null, words.join(' '))
    assert.equal(data.certificate?.subject, 'CN=self.example, O=Vigil', words.join(' '))
    assert.equal(data.certificate?.trusted, false)
  }
})

test('a certificate with 1,500 names is taken in part', async (t) => {
  const port = await openssl(t, '-cert', 'ec.pem', '-key', 'ec.key')
  const { data } = await look(port)
  assert.equal(data.certificate?.names.length, 100)
  assert.equal(data.certificate?.keyType, 'ec')
  assert.equal(data.certificate?.keyBits, 256)
})

test('a service that goes over to TLS', async (t) => {
  const context = { key: readFileSync(join(folder, 'rsa.key')), cert: readFileSync(join(folder, 'rsa.pem')) }
  const inner = createTlsServer(context, (socket) => socket.on('error', () => {}))
  inner.on('tlsClientError', () => {})
  const talks: Record<string, [string, ...(readonly [RegExp, string])[]]> = {
    smtp: ['220 x ESMTP\r\n', [/^EHLO/, '250-x\r\n250 STARTTLS\r\n'], [/^STARTTLS/, '220 go\r\n']],
    ftp: ['220-hello\r\n220 x\r\n', [/^AUTH TLS/, '234 go\r\n']],
    pop3: ['+OK x\r\n', [/^STLS/, '+OK go\r\n']],
    imap: ['* OK x\r\n', [/^a1 STARTTLS/, 'a1 OK go\r\n']],
  }
  for (const [name, [greeting, ...steps]] of Object.entries(talks)) {
    const port = await serve(t, (socket) => {
      socket.write(greeting)
      let step = 0
      const hear = (bytes: Buffer): void => {
        const [expect, answer] = steps[step]!
        assert.match(bytes.toString(), expect)
        socket.write(answer)
        step += 1
        if (step < steps.length) return
        socket.off('data', hear)
        inner.emit('connection', socket)
      }
      socket.on('data', hear)
    })
    const { data, error } = await look(port, [], { name, tls: false, facts: { starttls: true } })
    assert.equal(error, null, name)
    assert.deepEqual([data.starttls, data.accepted[0], data.certificate?.subject], [name, 'TLSv1.3', 'CN=self.example, O=Vigil'])
  }
})

const serve = (t: TestContext, talk: (socket: Socket) => void): Promise<number> => listen(t, createServer(talk))

/** What OpenSSL can no longer speak, said by hand: ServerHello with the first offered suite that is wanted. */
function relic(wire: number, wanted: readonly number[]): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', (hello: Buffer) => {
      if (hello[0] === 0x80) {
        if (wire === 2) socket.end(Buffer.from('800b04000100020000000000100000', 'hex'))
        else socket.destroy()
        return
      }
      const version = hello.readUInt16BE(9)
      const at = 44 + hello[43]!
      const offered = Array.from({ length: hello.readUInt16BE(at) / 2 }, (_, index) => hello.readUInt16BE(at + 2 + index * 2))
      const suite = wanted.find((each) => offered.includes(each))
      if (version !== wire || suite === undefined) {
        socket.end(Buffer.from([21, 3, 0, 0, 2, 2, 40]))
        return
      }
      const body = Buffer.concat([Buffer.from([wire >> 8, wire & 255]), Buffer.alloc(32, 7), Buffer.from([0, suite >> 8, suite & 255, 0])])
      const message = Buffer.concat([Buffer.from([2, 0, 0, body.length]), body])
      socket.end(Buffer.concat([Buffer.from([22, wire >> 8, wire & 255, 0, message.length]), message]))
    })
  }
}

test('SSLv3 with RC4, single DES, 3DES and export suites, and SSLv2', async (t) => {
  const old = await look(await serve(t, relic(0x0300, [0x0005, 0x0009, 0x000a, 0x0003])))
  assert.deepEqual(old.data.accepted, ['SSLv3'])
  assert.deepEqual(old.data.weak, ['EXPORT', 'DES', 'RC4', '3DES'])
  assert.equal(old.data.certificate, null)
  const older = await look(await serve(t, relic(2, [])))
  assert.deepEqual(older.data.accepted, ['SSLv2'])
  assert.deepEqual(older.data.flaws, ['drown'])
  assert.deepEqual(old.data.offers?.map(({ version, suites }) => [version, suites.length]), [['SSLv3', 4]])
})

test('a server that hangs up where it chose what it cannot do is asked for each exchange by itself', async (t) => {
  const right = relic(0x0303, [0xc02f, 0x009c])
  const { data } = await look(await serve(t, (socket) => {
    right(socket)
    const [hear] = socket.listeners('data') as ((bytes: Buffer) => void)[]
    socket.removeAllListeners('data')
    // TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 is what it would have liked best.
    socket.once('data', (bytes: Buffer) => (bytes[0] !== 0x80 && bytes.includes(Buffer.from([0x00, 0x9e])) && bytes.readUInt16BE(9) === 0x0303 ? socket.end() : hear!(bytes)))
  }))
  assert.deepEqual([...data.suites].sort(), ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256'])
})

test('a server that answers what was not offered, lies about lengths or is silent is not believed', async (t) => {
  const stubborn = await look(await serve(t, (socket) => {
    // Always TLS 1.2 with RC4, whatever was asked.
    const body = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32), Buffer.from([0, 0, 5, 0])])
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from([22, 3, 3, 0, body.length + 4, 2, 0, 0, body.length]), body])))
  }))
  assert.deepEqual(stubborn.data.weak, ['RC4'])
  for (const bytes of ['160303ffff', '16030300050200ffff00', '16030300040b000000', '15', '4854545020', `160303003a02000036${'00'.repeat(54)}`]) {
    const flight = readFlight(Buffer.from(bytes, 'hex'))
    assert.equal(flight.certificates.length, 0)
  }
  const mute = look(await serve(t, () => {}))
  const { data, error } = await mute
  assert.deepEqual([data.accepted, data.refused], [[], []])
  assert.ok(error instanceof Unseen && error.code === 'timeout')
})

test('a server that shuts us out in the middle has refused nothing', async (t) => {
  const context = { key: readFileSync(join(folder, 'rsa.key')), cert: readFileSync(join(folder, 'rsa.pem')) }
  const inner = createTlsServer(context, (socket) => socket.on('error', () => {}))
  inner.on('tlsClientError', () => {})
  let count = 0
  const port = await serve(t, (socket) => {
    count += 1
    if (count <= 3) inner.emit('connection', socket)
    else socket.destroy()
  })
  const { data, error } = await look(port)
  assert.deepEqual(data.refused, [])
  assert.ok(error instanceof Unseen)
})

test('a whole handshake is made by hand with each kind of exchange and cipher, so that what shows in it is looked for', async (t) => {
  for (const words of [
    ['-cipher', 'DHE-RSA-AES128-SHA', '-dhparam', 'dh1024.pem'], ['-cipher', 'DHE-RSA-AES256-GCM-SHA384'], ['-cipher', 'ECDHE-RSA-CHACHA20-POLY1305'], ['-cipher', 'ADH-AES128-SHA256'], ['-cipher', 'ECDHE-RSA-CAMELLIA128-SHA256'],
    ['-cipher', 'AES256-GCM-SHA384'], ['-cipher', 'ECDHE-RSA-AES256-SHA384', '-groups', 'P-384'], ['-tls1_1', '-cipher', 'DHE-RSA-AES128-SHA'], ['-tls1', '-cipher', 'AES128-SHA'],
  ]) {
    const { data, error } = await look(await openssl(t, '-cert', 'rsa.pem', '-key', 'rsa.key', ...(words.some((word) => word.startsWith('-tls')) ? [] : ['-no_tls1_3']), ...words.map((word, index) => (words[index - 1] === '-cipher' ? `${word}:@SECLEVEL=0` : word))))
    assert.deepEqual([data.flaws, data.tickets, error], [[], true, null], words.join(' '))
    for (const flaw of ['poodle-tls', 'padding-oracle', 'ticketbleed']) assert.ok(data.tested!.includes(flaw), `${flaw}: ${words.join(' ')}`)
  }
})

test('early data: where a ticket of TLS 1.3 allows it, and nowhere else', async (t) => {
  const rsa = ['-cert', 'rsa.pem', '-key', 'rsa.key']
  for (const [words, expected] of [[['-early_data'], true], [[], false], [['-num_tickets', '0'], false], [['-tls1_2'], false], [['-Verify', '1', '-early_data'], null]] as const) {
    const { data, error } = await look(await openssl(t, ...rsa, ...words))
    assert.deepEqual([data.earlyData, error], [expected, null], words.join(' '))
  }
})

test('what a session says of early data is read, and what is no session says nothing', () => {
  const field = (tag: number, ...bytes: number[]): number[] => [tag, bytes.length, ...bytes]
  const session = (...fields: number[][]): Uint8Array => Uint8Array.from(field(0x30, ...fields.flat()))
  const version = field(0x02, 1)
  assert.equal(earlyDataIn(session(version, field(0xa3, ...field(0xaf, ...field(0x02, 1))), field(0xaf, ...field(0x02, 0x40, 0)))), 16_384)
  assert.equal(earlyDataIn(session(version, field(0xa9, ...field(0x02, 1)))), 0)
  // As Node writes it since 24.21: a line of its own first, with an address.
  assert.equal(earlyDataIn(Buffer.concat([Buffer.from('\0nodejs:tls:session:1\0\0\t127.0.0.1'), session(field(0xaf, ...field(0x02, 9)))])), 9)
  for (const bytes of [[], [0x30], [0x30, 0x85, 1, 1, 1, 1, 1], [0x30, 0x80], [0x30, 3, 0xaf, 5, 2], [0x31, 0]]) assert.equal(earlyDataIn(Uint8Array.from(bytes)), null, bytes.join())
})

test('a handshake that is begun again: granted, refused, and unknown to TLS 1.3', async (t) => {
  const rsa = ['-cert', 'rsa.pem', '-key', 'rsa.key']
  for (const [words, expected] of [[['-tls1_2', '-client_renegotiation'], true], [['-tls1_2'], false], [['-tls1_3'], false]] as const) {
    const { data } = await look(await openssl(t, ...rsa, ...words))
    assert.equal(data.clientRenegotiation, expected, words.join(' '))
  }
  // Node's own server allows a few.
  const server = createTlsServer({ key: readFileSync(join(folder, 'rsa.key')), cert: readFileSync(join(folder, 'rsa.pem')), maxVersion: 'TLSv1.2' }, (socket) => socket.on('error', () => {})).on('tlsClientError', () => {})
  assert.equal((await look(await listen(t, server))).data.clientRenegotiation, true)
})

test('a server that talks without end when it should begin again is left in bounded time', async (t) => {
  const server = createTlsServer({ key: readFileSync(join(folder, 'rsa.key')), cert: readFileSync(join(folder, 'rsa.pem')), maxVersion: 'TLSv1.2' }, (socket) => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    }
    socket.on('error', () => {}).on('drain', pour)
    pour()
  }).on('tlsClientError', () => {})
  const { data } = await look(await listen(t, server))
  assert.deepEqual(data.accepted, ['TLSv1.2', 'TLSv1.1', 'TLSv1.0'].slice(0, data.accepted.length))
  assert.ok(data.accepted.length > 0 && 'clientRenegotiation' in data)
})
