import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecureContext, TLSSocket } from 'node:tls'
import { selfSigned } from '#formats/certificate.ts'
import { lookAt } from '../../testing.ts'
import { bytesOf, u16le, u32, u32le } from '../wire/byte-reader.ts'
import { rdp } from './rdp.ts'
import { smb2Challenge } from '../wire/recorded-bytes.ts'
import { replayer, serve, type Said } from '../testing-server.ts'
import { vnc } from './vnc.ts'
import { x11, xorgVersion } from './x11.ts'

type Facts = Readonly<Record<string, unknown>>

async function vncOf(
  t: Parameters<typeof serve>[0],
  banner: string,
  answers: readonly Said[],
): Promise<Readonly<{ facts: Facts; product: string | undefined; cut: string | undefined }>> {
  const sighting = await lookAt(vnc, await serve(t, replayer(banner, answers)))
  return { facts: sighting?.facts ?? {}, product: sighting?.product, cut: sighting?.incomplete?.code }
}

test('VNC 3.3: the server decides, and None is an open desktop', async (t) => {
  const open = await vncOf(t, 'RFB 003.003\n', [bytesOf(u32(1))])
  assert.deepEqual([open.facts['auth'], open.facts['security'], open.facts['protocol']], [false, ['None'], '3.3'])
  const locked = await vncOf(t, 'RFB 003.003\n', [bytesOf(u32(2), new Uint8Array(16))])
  assert.deepEqual([locked.facts['auth'], locked.facts['cleartextLogin']], [true, true])
})

test('VNC 3.8: an offer of None that is then refused is no open desktop', async (t) => {
  const { facts } = await vncOf(t, 'RFB 003.008\n', [bytesOf(2, 1, 2), bytesOf(u32(1), u32(2), 'no')])
  assert.deepEqual([facts['auth'], facts['security']], [true, ['None', 'VNC Authentication']])
})

test('VNC: VeNCrypt may hide a type without a password', async (t) => {
  const open = await vncOf(t, 'RFB 003.008\n', [bytesOf(1, 19), bytesOf(0, 2), bytesOf(0, 2, u32(257), u32(258))])
  assert.deepEqual([open.facts['auth'], open.facts['encrypted'], open.facts['securityTypes']], [false, true, [19, 257, 258]])
  const locked = await vncOf(t, 'RFB 003.008\n', [bytesOf(1, 19, 0, 2), bytesOf(0, 1, u32(262))])
  assert.equal(locked.facts['auth'], true)
})

test('VNC: Tight without any login is an open desktop', async (t) => {
  const open = await vncOf(t, 'RFB 003.008\n', [bytesOf(1, 16), bytesOf(u32(0), u32(0))])
  assert.equal(open.facts['auth'], false)
  const locked = await vncOf(t, 'RFB 003.008\n', [bytesOf(1, 16), bytesOf(u32(0), u32(1), u32(2), 'STDVVNCAUTH_')])
  assert.equal(locked.facts['auth'], true)
})

test('VNC: who shuts us out tells why, and who is cut off is not judged', async (t) => {
  assert.equal(
    (await vncOf(t, 'RFB 003.008\n', [bytesOf(0, u32(17), 'Too many attempts')])).facts['blocked'],
    'Too many attempts',
  )
  const cut = await vncOf(t, 'RFB 003.008\n', [bytesOf(3, 1)])
  assert.deepEqual([cut.cut, 'auth' in cut.facts], ['timeout', false])
  assert.equal((await vncOf(t, 'RFB 005.000\n', [bytesOf(1, 5)])).product, 'RealVNC')
  assert.equal((await vncOf(t, 'RFB 003.889\n', [bytesOf(1, 30)])).product, 'Apple Remote Desktop')
})

const confirm = (type: number, value: number): Uint8Array =>
  bytesOf([3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0, type, 0, 8, 0], u32le(value))

/** An RDP server that answers each kind of security asked for, and speaks CredSSP over TLS where it took it. */
function rdpServer(answers: Readonly<Record<number, Uint8Array>>, credSsp?: Uint8Array): Parameters<typeof serve>[1] {
  return (socket) => {
    socket.once('data', (request: Buffer) => {
      const asked = request[15] ?? 0
      socket.write(answers[asked] ?? confirm(3, 5))
      if (asked !== 3 || credSsp === undefined) return
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext(selfSigned(['peer.test'], Date.now())),
      })
      secure.on('data', () => secure.write(credSsp)).on('error', () => {})
    })
  }
}

test('RDP: network level authentication demanded, with the names out of CredSSP', async (t) => {
  // The recorded challenge of Samba, with a build of Windows written over its version.
  const challenge = Uint8Array.from(
    smb2Challenge.subarray(
      smb2Challenge.findIndex((_, at) => Buffer.from(smb2Challenge.subarray(at, at + 7)).toString('latin1') === 'NTLMSSP'),
    ),
  )
  challenge.set([10, 0, ...u16le(17_763)], 48)
  const answer = bytesOf(0x30, 0x82, [challenge.length >> 8, challenge.length & 255], challenge)
  const sighting = await lookAt(rdp, await serve(t, rdpServer({ 3: confirm(2, 2) }, answer)))
  const facts: Facts = sighting?.facts ?? {}
  assert.deepEqual([facts['nla'], facts['standardSecurity'], facts['protocols']], [true, false, ['CredSSP']])
  assert.deepEqual([facts['os'], facts['hostname'], sighting?.product], ['10.0.17763', 'PEER', 'Microsoft Terminal Services'])
})

test('RDP: a server that takes everything, and one that knows no negotiation at all', async (t) => {
  const lax = await lookAt(rdp, await serve(t, rdpServer({ 3: confirm(2, 2), 1: confirm(2, 1), 0: confirm(2, 0) })))
  assert.deepEqual(
    [lax?.facts?.nla, lax?.facts?.standardSecurity, lax?.facts?.protocols],
    [false, true, ['CredSSP', 'TLS', 'RDP']],
  )
  const old = Uint8Array.of(3, 0, 0, 11, 6, 0xd0, 0, 0, 0, 0, 0)
  const ancient = await lookAt(rdp, await serve(t, rdpServer({ 3: old, 1: old, 0: old })))
  assert.deepEqual([ancient?.facts?.protocols, ancient?.facts?.nlaOffered], [['RDP'], false])
})

test('RDP: a server that goes away after the first answer is not judged', async (t) => {
  let count = 0
  const sighting = await lookAt(
    rdp,
    await serve(t, (socket) => {
      count += 1
      if (count > 1) socket.destroy()
      else socket.once('data', () => socket.write(confirm(2, 1)))
    }),
  )
  assert.equal(sighting?.facts?.nla, null)
  assert.ok(sighting?.incomplete !== undefined)
})

test('X11: versions as X.Org writes them', () => {
  assert.deepEqual([12_101_007, 12_011_000, 11_906_000, 70_000_000, 0].map(xorgVersion), [
    '21.1.7',
    '1.20.11',
    '1.19.6',
    null,
    null,
  ])
})

test('X11: a demand for authentication is no open desktop', async (t) => {
  const answer = bytesOf(2, [0, 0, 0, 0, 0], u16le(1), 'why?')
  const sighting = await lookAt(x11, await serve(t, replayer('', [answer])))
  assert.deepEqual([sighting?.facts?.auth, sighting?.facts?.reason], [true, 'why?'])
})
