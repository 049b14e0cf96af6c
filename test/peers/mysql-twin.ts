import { constants, createHash, generateKeyPairSync, privateDecrypt, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { packet } from '#engine/services/database/mysql-message.ts'
import { certificate, run } from './system.ts'

/** What the twin heard: by which way the password came, and whether it was it. */
export type MysqlTwin = Readonly<{ port: number; heard: { by: string; right: boolean }[]; stop(): Promise<void> }>

const challenge = Buffer.from('abcdefghijklmnopqrst')
const sha256 = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/**
 * MySQL 8 as it lets people in by `caching_sha2_password`, which no daemon of Debian speaks: by the cache (`fast`), else with the whole password inside TLS, or sealed to its RSA key. Every question then
 * gets the same error. Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
 */
export async function startMysqlTwin({ password, secure = false, fast = false }: Readonly<{ password: string; secure?: boolean; fast?: boolean }>): Promise<MysqlTwin> {
  const heard: { by: string; right: boolean }[] = []
  const sockets = new Set<Socket>()
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const directory = await mkdtemp(join(tmpdir(), 'vigil-mysql-'))
  if (secure) await run(certificate(), { cwd: directory })
  const context = secure ? { key: readFileSync(join(directory, 'server.key')), cert: readFileSync(join(directory, 'server.crt')) } : null
  const flags = 0x0008_8200 | (secure ? 0x0800 : 0)
  const greeting = Buffer.concat([Buffer.from('\n8.0.39\0'), Buffer.of(1, 0, 0, 0), challenge.subarray(0, 8), Buffer.of(0, flags & 255, (flags >> 8) & 255, 45, 2, 0, flags >> 16, 0, 21), Buffer.alloc(10), challenge.subarray(8), Buffer.from('\0caching_sha2_password\0')])
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.write(packet(0, greeting))
    void serve(socket).catch(() => socket.destroy())
  })

  async function serve(socket: Socket): Promise<void> {
    let plain = packetsOf(socket)
    let reply: (sequence: number, bytes: Uint8Array) => void = (sequence, bytes) => void socket.write(packet(sequence, bytes))
    let login = await plain.next()
    if (context !== null && login.body.length === 32) {
      plain.release()
      const inside = new TLSSocket(socket, { isServer: true, ...context })
      inside.on('error', () => {})
      plain = packetsOf(inside)
      reply = (sequence, bytes) => void inside.write(packet(sequence, bytes))
      login = await plain.next()
    }
    const from = login.body.indexOf(0, 32) + 1
    const proof = login.body.subarray(from + 1, from + 1 + login.body[from]!)
    const finish = (sequence: number, by: string, right: boolean): void => {
      heard.push({ by, right })
      reply(sequence, right ? Buffer.of(0, 0, 0, 2, 0, 0, 0) : Buffer.from('\xff\x15\x04#28000Access denied', 'latin1'))
    }
    const twice = sha256(sha256(sha256(Buffer.from(password))), challenge)
    const right = proof.length === 32 && timingSafeEqual(sha256(Buffer.from(password)), Buffer.from(proof.map((byte, index) => byte ^ twice[index]!)))
    if (fast && right) {
      reply(login.sequence + 1, Buffer.of(1, 3))
      finish(login.sequence + 2, 'cache', true)
    } else {
      reply(login.sequence + 1, Buffer.of(1, 4))
      const answer = await plain.next()
      if (context !== null) finish(answer.sequence + 1, 'tls', answer.body.toString() === `${password}\0`)
      else if (answer.body.length !== 1 || answer.body[0] !== 2) finish(answer.sequence + 1, 'clear', false)
      else {
        reply(answer.sequence + 1, Buffer.concat([Buffer.of(1), Buffer.from(keys.publicKey.export({ type: 'spki', format: 'pem' }).toString())]))
        const sealed = await plain.next()
        const opened = privateDecrypt({ key: keys.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, sealed.body)
        finish(sealed.sequence + 1, 'rsa', Buffer.from(opened.map((byte, index) => byte ^ challenge[index % 20]!)).toString() === `${password}\0`)
      }
    }
    for (;;) {
      const asked = await plain.next()
      reply(asked.sequence + 1, Buffer.from('\xff\x78\x04#42000no', 'latin1'))
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, heard,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function packetsOf(socket: Socket) {
  let held = Buffer.alloc(0)
  let wake = (): void => {}
  const take = (bytes: Buffer): void => {
    held = Buffer.concat([held, bytes])
    wake()
  }
  socket.on('data', take).on('close', () => wake())
  return {
    /** What came after goes back: whoever begins TLS does not wait for an answer. */
    release() {
      socket.off('data', take).pause()
      if (held.length > 0) socket.unshift(held)
    },
    async next(): Promise<Readonly<{ sequence: number; body: Buffer }>> {
      while (held.length < 4 || held.length < 4 + held.readUIntLE(0, 3)) {
        if (socket.destroyed) throw new Error('gone')
        await new Promise<void>((resolve) => { wake = resolve })
      }
      const length = held.readUIntLE(0, 3)
      const message = { sequence: held[3]!, body: held.subarray(4, 4 + length) }
      held = held.subarray(4 + length)
      return message
    },
  }
}
