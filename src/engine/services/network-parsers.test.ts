import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, nat, property, uint8Array } from 'fast-check'
import { textOf } from '../net/transcript.ts'
import { amqpLength, readAmqp } from './message/amqp-frame.ts'
import { ber, berInteger, berLength, berOid, elementsOf, integerOf, oidOf, readBer } from './wire/ber.ts'
import { bytesOf, parse, u16, u16le, u32, u32le } from './wire/byte-reader.ts'
import { dnsQuery, readDns, tcpMessageLength, types } from './name/dns-message.ts'
import { zonesOf } from './name/dns-zone.ts'
import { generatorOf, httpIdentity } from './web/http-identity.ts'
import { ldapBind, readLdap } from './directory/ldap-message.ts'
import { mqttConnect, mqttLength, readMqtt } from './message/mqtt.ts'
import { readNtlmChallenge } from './wire/ntlm.ts'
import { readNtpControl, readNtpPrivate, readNtpTime, variablesOf } from './management/ntp-message.ts'
import { readRdpAnswer, tpktLength } from './desktop/rdp.ts'
import {
  amqpStart,
  ldapBound,
  smb1Negotiated,
  smb1Session,
  smb2Challenge,
  smb2Negotiated,
  snmpReport,
  snmpResponse,
} from './wire/recorded-bytes.ts'
import { readModuleList } from './file/rsync.ts'
import { readSmb1Negotiated, readSmb1Session, readSmb2, readSmb2Negotiated, readSessionFlags, smbLength } from './file/smb-message.ts'
import { readShareEnum } from './file/smb-shares.ts'
import { readSnmp } from './management/snmp-message.ts'
import { readTftp } from './file/tftp.ts'
import { readX11, x11Length } from './desktop/x11.ts'

type Parser = (bytes: Uint8Array) => unknown

const text =
  (read: (text: string) => unknown): Parser =>
  (bytes) =>
    read(textOf(bytes))
const utf16 = (value: string): Uint8Array => Buffer.from(value, 'utf16le')
const ndrText = (value: string): Uint8Array =>
  bytesOf(
    u32le(value.length + 1),
    u32le(0),
    u32le(value.length + 1),
    utf16(`${value}\0`),
    new Uint8Array((4 - (((value.length + 1) * 2) % 4)) % 4),
  )

const shareAnswer = bytesOf(
  5,
  0,
  2,
  3,
  [0x10, 0, 0, 0],
  u16le(0),
  u16le(0),
  u32le(2),
  u32le(0),
  u16le(0),
  0,
  0,
  u32le(1),
  u32le(1),
  u32le(4),
  u32le(2),
  u32le(8),
  u32le(2),
  u32le(12),
  u32le(0),
  u32le(16),
  u32le(20),
  u32le(0x8000_0003),
  u32le(24),
  ndrText('files'),
  ndrText('for all'),
  ndrText('IPC$'),
  ndrText(''),
  u32le(2),
  u32le(0),
  u32le(0),
)

const negotiated = (bytes: Uint8Array): unknown => {
  const answer = readSmb2(bytes)
  return answer === null ? null : readSmb2Negotiated(answer)
}

/** Each parser with a message that it accepts, so that cuts and flips of it reach deep. */
const parsers: Readonly<Record<string, readonly [Parser, Uint8Array | string]>> = {
  dns: [readDns, bytesOf(dnsQuery({ id: 7, name: 'peer.test', type: types.SOA }))],
  'dns zones': [text((name) => zonesOf([name])), 'www.peer.test'],
  ber: [
    (bytes) => parse(bytes, (reader) => elementsOf(readBer(reader).body).map(({ body }) => [integerOf(body), oidOf(body)])),
    ber(0x30, berInteger(5), berOid('1.3.6.1')),
  ],
  'snmp response': [readSnmp, snmpResponse],
  'snmp report': [readSnmp, snmpReport],
  'ldap bind': [readLdap, ldapBound],
  'ldap entry': [
    readLdap,
    ber(0x30, berInteger(2), ber(0x64, ber(4, 'dc=peer'), ber(0x30, ber(0x30, ber(4, 'dc'), ber(0x31, ber(4, 'peer')))))),
  ],
  'ntp time': [readNtpTime, bytesOf(0x24, 2, new Uint8Array(46))],
  'ntp control': [readNtpControl, bytesOf(0xd6, 0x82, u16(1), u16(0), u16(0), u16(0), u16(9), 'stratum=2')],
  'ntp private': [readNtpPrivate, bytesOf(0xd7, 0, 3, 42, u16(6), u16(72))],
  'ntp variables': [text(variablesOf), 'version="ntpd 4.2.8p15", stratum=2'],
  tftp: [readTftp, bytesOf(u16(5), u16(1), 'File not found', 0)],
  rsync: [text(readModuleList), 'hello\nbackup         \tnightly\n@RSYNCD: EXIT\n'],
  rdp: [readRdpAnswer, bytesOf([3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0, 2, 0, 8, 0], u32le(2))],
  ntlm: [readNtlmChallenge, smb2Challenge],
  amqp: [readAmqp, amqpStart],
  'mqtt connack': [readMqtt, bytesOf(0x20, 2, 0, 5)],
  'mqtt publish': [readMqtt, bytesOf(0x31, 7, u16(3), 'a/b', 'on')],
  x11: [readX11, bytesOf(0, 12, u16le(11), u16le(0), u16le(3), 'Not allowed.')],
  'x11 open': [
    readX11,
    bytesOf(
      1,
      0,
      u16le(11),
      u16le(0),
      u16le(11),
      u32le(12_101_007),
      new Uint8Array(12),
      u16le(10),
      u16le(0),
      1,
      new Uint8Array(11),
      'The X.Org.',
      0,
      0,
    ),
  ],
  'smb2 negotiate': [negotiated, smb2Negotiated],
  'smb2 session': [
    (bytes) => {
      const answer = readSmb2(bytes)
      return answer && readSessionFlags(answer)
    },
    smb2Challenge,
  ],
  'smb1 negotiate': [readSmb1Negotiated, smb1Negotiated],
  'smb1 session': [readSmb1Session, smb1Session],
  shares: [readShareEnum, shareAnswer],
  'http page': [
    text((body) => httpIdentity({ headers: { server: body, 'set-cookie': body, location: body }, body, title: body })),
    'Apache/2.4.6 (CentOS) OpenSSL/1.0.2k PHP/5.4.16',
  ],
  generator: [text((body) => generatorOf(body) ?? ''), '<meta name="generator" content="WordPress 6.1">'],
}

/** Ends of messages: null, or a length no longer than what there is. */
const ends: Readonly<Record<string, (received: Uint8Array) => number | null>> = {
  tcpMessageLength,
  berLength,
  tpktLength,
  amqpLength,
  mqttLength,
  x11Length,
  smbLength,
}

const cheapEnough = { numRuns: 300 }
const sampleOf = (sample: Uint8Array | string): Uint8Array =>
  typeof sample === 'string' ? Buffer.from(sample, 'latin1') : sample

for (const [name, [read, sample]] of Object.entries(parsers)) {
  const good = sampleOf(sample)

  test(`${name}: accepts what it should, and survives anything`, () => {
    const accepted = read(good)
    assert.ok(accepted !== null && accepted !== undefined, 'the sample must be accepted, or cuts of it prove nothing')
    check(
      property(uint8Array({ maxLength: 300 }), (bytes) => {
        read(bytes)
      }),
      cheapEnough,
    )
    for (let length = 0; length <= good.length; length++) read(good.subarray(0, length))
    check(
      property(nat(good.length - 1), nat(255), uint8Array({ maxLength: 40 }), (at, byte, tail) => {
        const flipped = Uint8Array.from([...good, ...tail])
        flipped[at] = byte
        read(flipped)
      }),
      cheapEnough,
    )
  })
}

for (const [name, end] of Object.entries(ends)) {
  test(`${name}: never beyond what was received`, () => {
    const inside = (bytes: Uint8Array): void => {
      const length = end(bytes)
      assert.ok(length === null || (length > 0 && length <= bytes.length), `${length} of ${bytes.length}`)
    }
    for (const [, sample] of Object.values(parsers))
      for (let length = 0; length <= sample.length; length++) inside(sampleOf(sample).subarray(0, length))
    check(property(uint8Array({ maxLength: 200 }), inside), cheapEnough)
  })
}

test('a megabyte of one byte is parsed at once', () => {
  for (const byte of [0, 10, 32, 48, 60, 65, 0xc0, 255]) {
    const bytes = new Uint8Array(1_000_000).fill(byte)
    for (const [read] of Object.values(parsers)) read(bytes)
    for (const end of Object.values(ends)) end(bytes)
  }
})

test('what was recorded reads as what it was', () => {
  assert.deepEqual(negotiated(smb2Negotiated), {
    dialect: 0x0311,
    signingEnabled: true,
    signingRequired: false,
    encryption: true,
  })
  const challenge = readNtlmChallenge(smb2Challenge)
  assert.deepEqual(
    [challenge?.computer, challenge?.domain, challenge?.dnsComputer, challenge?.os],
    ['PEER', 'PEER', 'vm', '6.1.0'],
  )
  assert.deepEqual(readSmb1Negotiated(smb1Negotiated), { signingEnabled: false, signingRequired: false })
  assert.equal(readSmb1Session(smb1Session)?.software, 'Samba 4.17.12-Debian')
  const start = readAmqp(amqpStart)
  assert.ok(start?.method === 'start')
  assert.deepEqual(
    [start.properties['.product'], start.properties['.version'], start.mechanisms],
    ['RabbitMQ', '3.10.8', ['PLAIN', 'AMQPLAIN']],
  )
  const report = readSnmp(snmpReport)
  assert.ok(report?.version === 3)
  assert.match(report.engineId, /^80001f88/)
  const response = readSnmp(snmpResponse)
  assert.ok(response?.version === 1)
  assert.deepEqual(
    [response.id, response.community, response.values.get('1.3.6.1.2.1.1.5.0'), response.values.get('1.3.6.1.2.1.1.2.0')],
    [77, 'public', 'peer.test', '1.3.6.1.4.1.8072.3.2.10'],
  )
  assert.deepEqual(readShareEnum(shareAnswer), [{ name: 'files', comment: 'for all', disk: true }])
  assert.deepEqual(readLdap(ldapBind(1)), null)
  assert.equal(mqttLength(mqttConnect('vigil')), mqttConnect('vigil').length)
  assert.equal(amqpLength(bytesOf(1, u16(0), u32(1), 0, 0xce)), 9)
})

test('integers and object identifiers go there and back', () => {
  check(
    property(nat(0xffff_ffff), (value) => {
      assert.equal(integerOf(berInteger(value).subarray(2)), value)
    }),
  )
  for (const oid of ['1.3.6.1.2.1.1.1.0', '2.5.4.3', '1.2.840.113549.1.1.11']) assert.equal(oidOf(berOid(oid).subarray(2)), oid)
})
