import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import type { Socket } from 'node:net'
import { pour } from './hostile-scan.ts'

/** Bytes as others might send them who mean harm: lengths that lie, nesting without end, lists without end. Each answers whatever it is asked. */
const said = (bytes: Uint8Array) => (socket: Socket): void => void socket.on('data', () => socket.write(bytes))
const greets = (bytes: Uint8Array, more?: Uint8Array) => (socket: Socket): void => {
  socket.write(bytes)
  if (more !== undefined) socket.on('data', () => socket.write(more))
}
const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const uint32 = (value: number): Buffer => Buffer.from([(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])

function kexinit(lists: readonly string[]): Buffer {
  const body = Buffer.concat([Buffer.from([20]), Buffer.alloc(16), ...lists.map((list) => Buffer.concat([uint32(list.length), text(list)])), Buffer.alloc(5)])
  return Buffer.concat([uint32(body.length + 5), Buffer.from([4]), body, Buffer.alloc(4)])
}

/** BER: `depth` sequences in one another, of indefinite, absurd or true length. */
export function nested(depth: number): Buffer {
  return Buffer.from(Array.from({ length: depth }, () => [0x30, 0x80]).flat())
}
export const absurdBer = Buffer.concat([Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02, 0x88]), Buffer.alloc(8, 255), Buffer.alloc(40, 0x30)])

/** A DNS answer whose names point at themselves and at one another, with counts that lie. */
export function dnsLoop(id: Uint8Array): Buffer {
  return Buffer.concat([id.subarray(0, 2), Buffer.from([0x84, 0x00, 0, 1, 255, 255, 255, 255, 255, 255]), Buffer.from([0xc0, 0x0e, 0xc0, 0x0c, 0, 16, 0, 3, 0xc0, 0x0c, 0, 16, 0, 3, 0, 0, 0, 0, 255, 255, 255, 0xc0, 0xff])])
}

const many = 'aes256-ctr,'.repeat(3000)
export const packetServers: Readonly<Record<string, (socket: Socket) => void>> = {
  'SSH with lists of 30,000 characters': greets(text('SSH-2.0-Hostile_1.0\r\n'), kexinit(Array.from({ length: 10 }, (_, index) => (index === 0 ? many.slice(0, 30_000) : 'unheard-of')))),
  'SSH with a list of four gigabytes': greets(text('SSH-2.0-Hostile_1.0\r\n'), Buffer.concat([uint32(34_000), Buffer.from([4, 20]), Buffer.alloc(16), uint32(0xffffffff), Buffer.alloc(34_000, 'a')])),
  'SSH with a packet of four gigabytes': greets(text('SSH-2.0-x\r\n'), Buffer.concat([uint32(0xffffffff), Buffer.alloc(100)])),
  'SSH with a packet of none': greets(text('SSH-2.0-x\r\n'), Buffer.alloc(64)),
  'SSH after a thousand lines': greets(text(`${'not yet\r\n'.repeat(1000)}SSH-2.0-x\r\n`)),
  'MySQL with 16 MB announced': greets(Buffer.concat([Buffer.from([255, 255, 255, 0, 10]), text('8.0.36\0')])),
  'MySQL with nothing in it': greets(Buffer.from([0, 0, 0, 0])),
  'MySQL without an end of its version': greets(Buffer.concat([Buffer.from([200, 0, 0, 0, 10]), Buffer.alloc(199, 'x')])),
  'MySQL with a cut handshake': greets(Buffer.concat([Buffer.from([12, 0, 0, 0, 10]), text('8.0.36\0'), Buffer.from([1, 2, 3, 4])]), Buffer.from([1, 0, 0, 1, 255])),
  'LDAP of absurd length': said(absurdBer),
  'LDAP nested 30,000 deep': said(nested(30_000)),
  'DNS that turns in circles': (socket) => void socket.on('data', (asked: Buffer) => {
    const answer = dnsLoop(asked.subarray(2))
    socket.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]))
  }),
  'MongoDB of minus one': said(Buffer.concat([Buffer.from([255, 255, 255, 255]), Buffer.alloc(60, 255)])),
  'MongoDB of two gigabytes': said(Buffer.concat([Buffer.from([255, 255, 255, 127]), Buffer.alloc(12), Buffer.from([1, 0, 0, 0]), Buffer.alloc(100)])),
  'BSON nested 3,000 deep': said(Buffer.concat([Buffer.from([0xff, 0x7f, 0, 0]), Buffer.alloc(8), Buffer.from([0xdd, 7, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(Array.from({ length: 3000 }, () => [0xff, 0x7f, 0, 0, 3, 97, 0]).flat())])),
  'Redis with a bulk of ten digits': said(text('$9999999999\r\nredis_version:')),
  'Redis with a list of a billion': said(text('*1000000000\r\n*1000000000\r\n')),
  'PostgreSQL with an error of four gigabytes': said(Buffer.concat([text('E'), uint32(0xffffffff), text('SFATAL\0')])),
  'memcached with statistics without end': (socket) => socket.once('data', () => pour(socket, 'STAT version 1.6.9\r\n'.repeat(3000))),
  'SMB of 16 MB': said(Buffer.concat([Buffer.from([0, 255, 255, 255, 0xfe, 0x53, 0x4d, 0x42]), Buffer.alloc(200, 255)])),
  'RDP that lies': said(Buffer.from([3, 0, 255, 255, 2, 0xd0, 0, 0, 0, 0, 0])),
  'AMQP with a table in a table': said(Buffer.concat([Buffer.from([1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 10, 0, 10, 0, 9]), uint32(0x7fffffff), Buffer.from(Array.from({ length: 3000 }, () => [1, 97, 70, 0, 0, 255, 255]).flat())])),
  'MQTT with a length without end': said(Buffer.alloc(50, 255)),
  'VNC with 255 kinds of security': greets(text('RFB 003.008\n'), Buffer.alloc(256, 255)),
  'X11 that lies': said(Buffer.concat([Buffer.from([1, 0, 11, 0, 0, 0, 255, 255]), Buffer.alloc(40, 255)])),
  'telnet that negotiates for ever': (socket) => {
    socket.on('data', () => {})
    pour(socket, Buffer.from(Array.from({ length: 1000 }, () => [255, 253, 31, 255, 251, 1]).flat()))
  },
  'FTP with a greeting of a thousand lines': greets(text(`${'220-hello\r\n'.repeat(1000)}220 ready\r\n`), text('230-x\r\n'.repeat(3000))),
  'SMTP with capabilities without end': (socket) => {
    socket.write('220 mail ESMTP\r\n')
    socket.once('data', () => pour(socket, '250-STARTTLS\r\n'.repeat(2000)))
  },
  'IMAP that answers in literals': greets(text('* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n'), text('* {4294967295}\r\n')),
  'STARTTLS into nothing': (socket) => {
    socket.write('220 mail ESMTP\r\n')
    socket.on('data', (asked) => void (/EHLO/i.test(asked.toString('latin1')) ? socket.write('250-x\r\n250 STARTTLS\r\n') : /STARTTLS/i.test(asked.toString('latin1')) ? socket.write('220 go ahead\r\n') : undefined))
  },
  'TLS that stalls after its first record': (socket) => void socket.once('data', () => socket.write(Buffer.from([22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc, 3, 3]))),
  'TLS records of nothing': (socket) => void socket.once('data', () => pour(socket, Buffer.from(Array.from({ length: 1000 }, () => [22, 3, 3, 0, 0]).flat()))),
  'TLS warnings without end': (socket) => void socket.once('data', () => pour(socket, Buffer.from(Array.from({ length: 1000 }, () => [21, 3, 3, 0, 2, 1, 0]).flat()))),
  'a ServerHello with extensions that lie': said(Buffer.concat([Buffer.from([22, 3, 3, 0, 60, 2, 0, 0, 56, 3, 3]), Buffer.alloc(32), Buffer.from([255]), Buffer.alloc(21, 255)])),
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? Buffer.from([body.length]) : body.length < 256 ? Buffer.from([0x81, body.length]) : body.length < 65_536 ? Buffer.from([0x82, body.length >> 8, body.length & 255]) : Buffer.from([0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255])
  return Buffer.concat([Buffer.from([tag]), length, body])
}
const oid = (...bytes: readonly number[]): Buffer => der(6, Buffer.from(bytes))

/** A certificate from hell: a subject in T61 (OpenSSL serves no broken UTF-8, but takes anything as that) of broken UTF-8 and control characters, thousands of names, dates that cannot be, an extension that is not DER. */
export function hellishServer(names: number): TlsServer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))
  const name = (value: Uint8Array): Buffer => der(0x30, ...Array.from({ length: 20 }, () => der(0x31, der(0x30, oid(0x55, 4, 3), der(0x14, value)))))
  const broken = name(Buffer.concat([Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0, 27, 91, 51, 49, 109]), text('\r\n<script>alert(1)</script>=cmd|x'), Buffer.alloc(400, 0xed)]))
  const alternatives = der(0x30, ...Array.from({ length: names }, (_, n) => der(0x82, text(`host-${n}.\0<b>.example.org`))), der(0x87, Buffer.from([1, 2, 3])), der(0x82, text('*')))
  const extensions = der(0xa3, der(0x30, der(0x30, oid(0x55, 0x1d, 0x11), der(4, alternatives)), der(0x30, oid(0x55, 0x1d, 0x0f), der(4, Buffer.from([0x99, 1, 2, 3])))))
  const dates = der(0x30, der(0x18, text('99991231235959Z')), der(0x17, text('000101000000Z')))
  const body = der(0x30, der(0xa0, der(2, Buffer.from([2]))), der(2, Buffer.alloc(200, 0x7f)), algorithm, broken, dates, broken, publicKey.export({ type: 'spki', format: 'der' }), extensions)
  const certificate = der(0x30, body, algorithm, der(3, Buffer.from([0]), sign('sha256', body, privateKey)))
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`
  const server = createTlsServer({ cert: pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'))
  })
  server.on('tlsClientError', () => {})
  return server
}
