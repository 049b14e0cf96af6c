import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { isAllowed } from '../service.ts'
import { askUdp, lookAt, loopbackProfile } from '../testing.ts'
import { mssql } from './database/mssql.ts'
import { rpcbind, rpcbindUdp } from './file/rpcbind.ts'
import { inRecord, outOfRecord } from './file/rpc-message.ts'
import { modbus } from './industrial/modbus.ts'
import { ipmi } from './management/ipmi.ts'
import { serve } from './testing-server.ts'
import { bytesOf, u16, u32 } from './wire/byte-reader.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

async function serveUdp(t: TestContext, answer: (question: Buffer) => Uint8Array | null): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (question, from) => {
    const said = answer(question)
    if (said !== null) socket.send(said, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket.address().port
}

const answers = (t: TestContext, of: (question: Buffer) => Uint8Array): Promise<number> => serve(t, (socket) => void socket.on('data', (question: Buffer) => socket.write(of(question))))

// ---- RPC: what rpcbind and mountd say, in XDR.

const text = (word: string): Uint8Array => bytesOf(u32(word.length), word, Array.from({ length: (4 - (word.length % 4)) % 4 }, () => 0))
const accepted = (question: Uint8Array, body: Uint8Array): Uint8Array => bytesOf(question.subarray(0, 4), u32(1), u32(0), u32(0), u32(0), u32(0), body)
const mapping = (program: number, version: number, proto: number, port: number): Uint8Array => bytesOf(u32(1), u32(program), u32(version), u32(proto), u32(port))
const exported = (path: string, ...clients: readonly string[]): Uint8Array => bytesOf(u32(1), text(path), ...clients.map((client) => bytesOf(u32(1), text(client))), u32(0))

async function nfsHost(t: TestContext, exports: Uint8Array | null): Promise<number> {
  const mount = await answers(t, (question) => inRecord(exports === null ? bytesOf(question.subarray(4, 8), u32(1), u32(1), u32(1), u32(5)) : accepted(outOfRecord(question), exports)))
  return answers(t, (question) => inRecord(accepted(outOfRecord(question), bytesOf(
    mapping(100_000, 4, 6, 111), mapping(100_003, 3, 6, 2049), mapping(100_003, 4, 6, 2049), mapping(100_005, 1, 6, 9), mapping(100_005, 3, 6, mount), mapping(100_005, 3, 17, 20_048), u32(0),
  ))))
}

test('programs and exports of an NFS host are told, and which of them anybody may mount', async (t) => {
  const open = await lookAt(rpcbind, await nfsHost(t, bytesOf(exported('/srv/all'), exported('/srv/star', '*'), exported('/srv/some', '192.0.2.0/24', 'build.example'), u32(0))))
  assert.deepEqual(open?.facts?.['nfsVersions'], [3, 4])
  assert.deepEqual(open?.facts?.['exports'], ['/srv/all *', '/srv/star *', '/srv/some 192.0.2.0/24 build.example'])
  assert.deepEqual(open?.facts?.['worldExports'], ['/srv/all', '/srv/star'])
  const programs = open?.facts?.['programs']
  assert.ok(Array.isArray(programs) && programs.includes('nfs 3 tcp/2049'))
  const closed = await lookAt(rpcbind, await nfsHost(t, bytesOf(exported('/srv/some', '192.0.2.7'), u32(0))))
  assert.deepEqual([closed?.facts?.['worldExports'], closed?.incomplete], [[], undefined])
  assert.equal((await lookAt(rpcbind, await nfsHost(t, null)))?.facts?.['exports'], null)
})

test('a list over UDP is counted; a stranger, a cut answer and an endless list are nobody we know', async (t) => {
  const listed = await askUdp(rpcbindUdp, await serveUdp(t, (question) => accepted(question, bytesOf(...Array.from({ length: 20 }, (_, index) => mapping(100_003, index, 6, 2049)), u32(0)))))
  assert.deepEqual([listed?.facts?.['udp'], listed?.facts?.['amplification']], [true, 10.7])
  assert.equal(await lookAt(rpcbind, await serve(t, (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))), null)
  assert.equal(await lookAt(rpcbind, await answers(t, (question) => inRecord(accepted(outOfRecord(question), mapping(100_003, 3, 6, 2049).subarray(0, 11))))), null)
  assert.equal(await lookAt(rpcbind, await answers(t, () => hex('7fffffff 00000000'))), null)
})

// ---- IPMI: what a board says to Get Channel Authentication Capabilities and to Open Session.

const capable = (types: number, status: number, extended: number): Uint8Array => bytesOf(hex('0600ff07 00 00000000 00000000 10 811c63 2000 38 00 01'), [types, status, extended], hex('000000 00 00'))
const opened = (status: number): Uint8Array => bytesOf(hex('0600ff07 06 11 00000000 00000000'), [0x08, 0], [0x56, status, 0, 0], hex('56494731'))
const board = (t: TestContext, first: Uint8Array, second: Uint8Array | null): Promise<number> => serveUdp(t, (question) => (question[4] === 6 ? second : first))

test('a board that takes cipher suite 0 and nameless users is told from one that does not', async (t) => {
  const weak = await askUdp(ipmi, await board(t, capable(0x80 | 0x15, 0b00000111, 3), opened(0)))
  assert.deepEqual(weak?.facts, { versions: ['1.5', '2.0'], authTypes: ['none', 'MD5', 'password'], anonymous: true, nullUsers: true, userLevel: true, perMessage: true, cipherZero: true })
  const sound = await askUdp(ipmi, await board(t, capable(0x80, 0b00000100, 2), opened(0x11)))
  assert.deepEqual([sound?.facts?.['versions'], sound?.facts?.['anonymous'], sound?.facts?.['cipherZero']], [['2.0'], false, false])
  assert.equal((await askUdp(ipmi, await board(t, capable(0x80, 4, 2), null)))?.facts?.['cipherZero'], false, 'silence to a second question is a no')
  assert.equal((await askUdp(ipmi, await board(t, capable(0x04, 4, 0), null)))?.facts?.['cipherZero'], undefined, 'version 1.5 knows no suites')
  for (const profile of [{ ...loopbackProfile, defaults: false }, { ...loopbackProfile, login: false }, { ...loopbackProfile, fragile: true }]) {
    assert.equal((await askUdp(ipmi, await board(t, capable(0x80, 4, 2), opened(0)), { profile }))?.facts?.['cipherZero'], undefined, 'no session is asked for where the profile lets none be tried')
  }
  assert.equal(await askUdp(ipmi, await serveUdp(t, (question) => question)), null, 'an echo')
})

// ---- SQL Server: PRELOGIN of 2019 CU 27, as [MS-TDS] lays it out.

const prelogin = (version: Uint8Array, encryption: number): Uint8Array => bytesOf([4, 1], u16(8 + 11 + 7), [0, 0, 1, 0], [0], u16(11), u16(6), [1], u16(17), u16(1), [0xff], version, [encryption])

test('SQL Server tells its version and whether it can encrypt', async (t) => {
  const plain = await lookAt(mssql, await answers(t, () => prelogin(hex('0f 00 1117 0000'), 2)))
  assert.deepEqual([plain?.version, plain?.facts?.['edition'], plain?.facts?.['cleartextLogin'], plain?.cpe], ['15.0.4375', '2019', true, 'cpe:2.3:a:microsoft:sql_server:15.0.4375:*:*:*:*:*:*:*'])
  const strict = await lookAt(mssql, await answers(t, () => prelogin(hex('10 00 1036 0000'), 3)))
  assert.deepEqual([strict?.facts?.['encryption'], strict?.facts?.['cleartextLogin']], ['required', false])
  for (const stranger of [hex('04 01 0009 00000100 00'), hex('16 0301 0002 0228'), Uint8Array.from(Buffer.from('-ERR what?\r\n'))]) assert.equal(await lookAt(mssql, await answers(t, () => stranger)), null)
})

// ---- Modbus

test('a controller tells what it is; a profile for fragile devices does not even ask', async (t) => {
  const objects = bytesOf([0, 9], 'Schneider', [1, 9], 'BMXP34200', [2, 4], 'v2.8')
  const device = await lookAt(modbus, await answers(t, (question) => bytesOf(question.subarray(0, 4), u16(8 + objects.length), [0, 0x2b, 0x0e, 1, 1, 0, 0, 3], objects)))
  assert.deepEqual([device?.product, device?.facts], ['Schneider BMXP34200', { auth: false, vendor: 'Schneider', productCode: 'BMXP34200', revision: 'v2.8', exception: null }])
  const silent = await lookAt(modbus, await answers(t, (question) => bytesOf(question.subarray(0, 4), u16(3), [0, 0xab, 1])))
  assert.equal(silent?.facts?.['exception'], 1)
  assert.equal(await lookAt(modbus, await answers(t, () => Uint8Array.from(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))), null)
  assert.deepEqual([isAllowed(modbus, loopbackProfile), isAllowed(modbus, { ...loopbackProfile, fragile: true })], [true, false])
})
