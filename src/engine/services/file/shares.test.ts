import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAt } from '../../testing.ts'
import { textOf } from '../../net/transcript.ts'
import { ber, berInteger, elementsOf, readBer } from '../wire/ber.ts'
import { bytesOf, parse, u16le, u32le } from '../wire/byte-reader.ts'
import { ldap } from '../directory/ldap.ts'
import { smb1Negotiated, smb1Session } from '../wire/recorded-bytes.ts'
import { readModuleList, rsync } from './rsync.ts'
import { smb } from './smb.ts'
import { endless, serve, speaker } from '../testing-server.ts'
import { zonesOf } from '../name/dns-zone.ts'

const message = (id: number, body: Uint8Array): Uint8Array => ber(0x30, berInteger(id), body)
const result = (tag: number, code: number): Uint8Array => ber(tag, berInteger(code, 10), ber(4), ber(4))
const entry = (name: string, attributes: Readonly<Record<string, readonly string[]>>): Uint8Array =>
  ber(
    0x64,
    ber(4, name),
    ber(
      0x30,
      ...Object.entries(attributes).map(([key, values]) =>
        ber(0x30, ber(4, key), ber(0x31, ...values.map((value) => ber(4, value)))),
      ),
    ),
  )

/** A directory that answers binds with `bind` and `login`, and searches of a base with the entries under it. */
function directory(
  bind: number,
  login: number,
  entries: Readonly<Record<string, readonly Uint8Array[]>>,
): Parameters<typeof serve>[1] {
  return (socket) => {
    socket.on('data', (bytes: Buffer) => {
      const request = parse(bytes, (reader) => {
        const [id, operation] = elementsOf(readBer(reader).body)
        return { id: id?.body[0] ?? 0, tag: operation?.tag, body: operation?.body ?? new Uint8Array() }
      })
      const id = request?.id ?? 0
      const operation = request?.tag
      if (operation === 0x60) socket.write(message(id, result(0x61, bytes.includes('vigil-nobody') ? login : bind)))
      else if (operation === 0x77) socket.write(message(id, result(0x78, 2)))
      else if (operation === 0x63) {
        const base = textOf(elementsOf(request?.body ?? new Uint8Array())[0]?.body ?? new Uint8Array())
        for (const found of entries[base] ?? []) socket.write(message(id, found))
        socket.write(message(id, result(0x65, 0)))
      }
    })
  }
}

test('LDAP: a domain controller shows its root and nothing below it', async (t) => {
  const root = entry('', {
    namingContexts: ['DC=corp,DC=example'],
    defaultNamingContext: ['DC=corp,DC=example'],
    rootDomainNamingContext: ['DC=corp,DC=example'],
    supportedSASLMechanisms: ['GSSAPI'],
    supportedExtension: ['1.3.6.1.4.1.1466.20037'],
  })
  const port = await serve(t, directory(0, 8, { '': [root] }))
  const sighting = await lookAt(ldap, port)
  assert.deepEqual(
    [
      sighting?.product,
      sighting?.facts?.domain,
      sighting?.facts?.anonymousBind,
      sighting?.facts?.anonymousSearch,
      sighting?.facts?.cleartextLogin,
      sighting?.facts?.starttls,
    ],
    ['Active Directory', 'corp.example', true, false, false, false],
  )
})

test('LDAP: a wrong password outside of every context says nothing of the rules', async (t) => {
  const sighting = await lookAt(ldap, await serve(t, directory(48, 49, {})))
  assert.deepEqual(
    [sighting?.facts?.anonymousBind, sighting?.facts?.cleartextLogin, sighting?.facts?.anonymousSearch],
    [false, null, null],
  )
})

test('LDAP: a directory that never stops giving entries is read no further than needed', async (t) => {
  const flood = Array<Uint8Array>(500).fill(entry('cn=a,dc=x', {}))
  const sighting = await lookAt(
    ldap,
    await serve(t, directory(0, 49, { '': [entry('', { namingContexts: ['dc=x'] })], 'dc=x': flood })),
  )
  assert.equal(sighting?.facts?.anonymousSearch, true)
  assert.deepEqual(sighting?.facts?.anonymousEntries, ['cn=a,dc=x'])
})

test('SMB: a server of version 1 alone', async (t) => {
  const port = await serve(t, (socket) => {
    socket.on('data', (bytes: Buffer) => {
      if (bytes[4] !== 0xff) socket.end()
      else socket.write(bytes[8] === 0x72 ? smb1Negotiated : smb1Session)
    })
  })
  const sighting = await lookAt(smb, port)
  assert.deepEqual(
    [sighting?.facts?.dialects, sighting?.facts?.smb1, sighting?.facts?.signingRequired, sighting?.product, sighting?.version],
    [['SMB1'], true, false, 'Samba', '4.17.12'],
  )
})

test('SMB: a server that takes version 3 and then hangs up has refused nobody and nothing', async (t) => {
  const port = await serve(t, (socket) => {
    socket.once('data', (bytes: Buffer) => {
      const dialect = bytes[4] === 0xfe ? bytes.readUInt16LE(4 + 64 + 36) : 0
      const status = dialect === 0x0302 ? 0 : 0xc00000bb
      const body = bytesOf(
        u16le(65),
        u16le(3),
        u16le(dialect),
        u16le(0),
        new Uint8Array(16),
        u32le(0x40),
        new Uint8Array(12 + 16),
        u16le(128),
        u16le(0),
        u32le(0),
      )
      const header = bytesOf(
        [0xfe, 0x53, 0x4d, 0x42],
        u16le(64),
        u16le(1),
        u32le(status),
        u16le(0),
        u16le(1),
        u32le(1),
        new Uint8Array(44),
      )
      if (dialect === 0) socket.destroy()
      else socket.write(bytesOf(0, 0, [(header.length + body.length) >> 8, (header.length + body.length) & 255], header, body))
      socket.once('data', () => socket.destroy())
    })
  })
  const sighting = await lookAt(smb, port)
  assert.deepEqual(
    [sighting?.facts?.dialects, sighting?.facts?.smb1, sighting?.facts?.signingRequired, sighting?.facts?.encryption],
    [['3.0.2'], false, true, true],
  )
  assert.equal('nullSession' in (sighting?.facts ?? {}), false)
  assert.equal(sighting?.incomplete?.code, 'protocol')
})

test('rsync: a list with a motto, comments and a name that is no name', () => {
  const list = readModuleList('Welcome\nto us\nbackup         \tnightly\nhome\t\n\t\n@RSYNCD: EXIT\n')
  assert.deepEqual(list, { modules: ['backup', 'home'], motd: 'Welcome to us', complete: true })
})

test('rsync: a daemon without a list, and one whose list never ends', async (t) => {
  const closed = await lookAt(
    rsync,
    await serve(t, speaker('@RSYNCD: 31.0 sha512\n', [[/^#list/, '@ERROR: access denied\n']], '')),
  )
  assert.deepEqual(
    [closed?.facts?.protocol, closed?.facts?.listable, closed?.facts?.modules, closed?.facts?.auth],
    [31, false, [], null],
  )
  const flood = await lookAt(rsync, await serve(t, endless('@RSYNCD: 31.0\n', `${'x'.repeat(30)}\tmodule\n`)))
  assert.equal(flood?.incomplete?.code, 'protocol')
})

test('zones worth asking for', () => {
  assert.deepEqual(zonesOf(['www.peer.test', null, 'peer.test.']), ['peer.test', 'www.peer.test'])
  assert.deepEqual(zonesOf(['a.b.c.example.org']), ['b.c.example.org', 'a.b.c.example.org', 'c.example.org'])
  assert.deepEqual(zonesOf(['localhost', '127.0.0.1', '', 'bad name.test', `${'x'.repeat(64)}.test`, 'a\u0000b.test']), [])
})
