import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { Unseen } from '../../probe.ts'
import type { UdpService } from '../../service.ts'
import { askUdp, loopbackProfile } from '../../testing.ts'
import { ber, berInteger, tags } from '../wire/ber.ts'
import { bytesOf, u16, u32 } from '../wire/byte-reader.ts'
import { bacnet, readBacnet } from './bacnet.ts'
import { cldap } from './cldap.ts'
import { coap, readCoap } from './coap.ts'
import { ike, readIke } from './ike.ts'
import { mdns } from './mdns.ts'
import { netbios, readNetbiosStatus } from './netbios.ts'
import { isOpenvpn, openvpn } from './openvpn.ts'
import { readSlpTypes, slp, slpTypes } from './slp.ts'
import { readSqlBrowser, sqlBrowser } from './sql-browser.ts'
import { readSsdp, ssdp } from './ssdp.ts'
import { readStun, stun } from './stun.ts'

const all: readonly UdpService[] = [bacnet, cldap, coap, ike, mdns, netbios, openvpn, slp, sqlBrowser, ssdp, stun]

async function serve(t: TestContext, answer: (question: Buffer) => Uint8Array | null): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const said = answer(message)
    if (said !== null) socket.send(said, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => void socket.close())
  return socket.address().port
}

/** MS-SQLR 4.1. */
const instances = 'ServerName;ILSUNG1;InstanceName;YUKONSTD;IsClustered;No;Version;9.00.1399.06;tcp;57137;;ServerName;ILSUNG1;InstanceName;YUKONDEV;IsClustered;No;Version;9.00.1399.06;np;\\\\ILSUNG1\\pipe\\x;;'

test('what SQL Server, SLP, BACnet and a domain controller answer is read', async (t) => {
  const browser = await serve(t, (question) => (question.equals(Buffer.of(3)) ? bytesOf(5, [instances.length & 255, instances.length >> 8], instances) : null))
  assert.deepEqual((await askUdp(sqlBrowser, browser))?.facts, { instances: ['YUKONSTD 9.00.1399.06 tcp/57137', 'YUKONDEV 9.00.1399.06'], amplification: instances.length + 3 })
  const types = 'service:ftp,service:wbem:https'
  const agent = await serve(t, (question) => {
    assert.equal(question.readUIntBE(2, 3), question.length)
    return question[1] === 9 ? bytesOf(2, 10, 0, u16(20 + types.length), u16(0), 0, u16(0), question.subarray(10, 12), u16(2), 'en', u16(0), u16(types.length), types) : null
  })
  assert.deepEqual((await askUdp(slp, agent))?.facts!['types'], ['service:ftp', 'service:wbem:https'])
  const device = await serve(t, (question) => bytesOf([0x81, 0x0a, 0, 0x17, 1, 0, 0x30, 1, 0x0c, 0x0c, 2, 0x3f, 0xff, 0xff, 0x19, 0x4b, 0x3e, 0xc4], u32((8 << 22) | question[8]! * 1000 + 234), 0x3f))
  assert.deepEqual((await askUdp(bacnet, device))?.facts, { auth: false, device: 1234 })
  const entry = ber(0x64, ber(tags.octets, ''), ber(tags.sequence, ber(tags.sequence, ber(tags.octets, 'dnsHostName'), ber(tags.set, ber(tags.octets, 'dc1.example.test')))))
  const controller = await serve(t, () => ber(tags.sequence, berInteger(1), entry))
  const { rootEntry, hostname } = (await askUdp(cldap, controller))!.facts!
  assert.deepEqual([rootEntry, hostname], [true, 'dc1.example.test'])
})

test('no stranger is mistaken for any of them: echoes, DNS, noise, zeros, one byte', async (t) => {
  const profile = { ...loopbackProfile, limits: { ...loopbackProfile.limits, answer: 300 } }
  const strangers: readonly ((question: Buffer) => Uint8Array)[] = [
    (question) => question, () => new Uint8Array(600), () => Uint8Array.from({ length: 600 }, (_, index) => (index * 7919 + 13) & 255), () => Uint8Array.of(0),
    (question) => bytesOf(question.subarray(0, 2), u16(0x8185), u16(0), u16(0), u16(0), u16(0)), () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ]
  for (const stranger of strangers) {
    const port = await serve(t, stranger)
    for (const service of all) assert.equal(await askUdp(service, port, { profile }), null, service.name)
  }
})

test('silence and a closed port are not seen, by none of them', async (t) => {
  const profile = { ...loopbackProfile, limits: { ...loopbackProfile.limits, answer: 200 } }
  const silent = await serve(t, () => null)
  const gone = createSocket('udp4').bind(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address()
  gone.close()
  await once(gone, 'close')
  await Promise.all(all.map(async (service) => {
    await assert.rejects(askUdp(service, silent, { profile }), (error: unknown) => error instanceof Unseen && error.code === 'silent', service.name)
    await assert.rejects(askUdp(service, port, { profile }), (error: unknown) => error instanceof Unseen && error.code === 'refused', service.name)
  }))
})

test('messages cut short or bent never throw', () => {
  const mine = randomBytes(12)
  const readers: readonly ((bytes: Uint8Array) => unknown)[] = [
    readBacnet, readSqlBrowser, readSsdp, (bytes) => readCoap(bytes, mine.subarray(0, 2), mine.subarray(0, 4)), (bytes) => readIke(bytes, mine.subarray(0, 8)), (bytes) => readNetbiosStatus(bytes, 7),
    (bytes) => isOpenvpn(bytes, mine.subarray(0, 8)), (bytes) => readSlpTypes(bytes, 7), (bytes) => readStun(bytes, mine),
  ]
  const beginnings = [bytesOf(0x81, 0x0a, 0, 40, 1, 8), bytesOf(5, 40, 0), bytesOf(0x64, 0x45, mine), bytesOf(mine.subarray(0, 8), mine.subarray(0, 8), 41, 0x20), bytesOf(u16(7), u16(0x8400)), bytesOf(0x40, mine), slpTypes(7), bytesOf(u16(0x0101), u16(500), u32(0x2112a442), mine)]
  for (const read of readers) {
    for (const beginning of beginnings) for (let length = 0; length < 64; length++) read(bytesOf(beginning, randomBytes(length)).subarray(0, length + 4))
  }
})
