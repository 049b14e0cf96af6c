import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { onBytes, type LabService } from '../service.ts'

type Offer = Readonly<{ banner: string; kex: string; hostKeys: string; ciphers: string; macs: string }>

const old: Offer = {
  banner: 'SSH-2.0-OpenSSH_7.2p2',
  kex: 'curve25519-sha256@libssh.org,diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1',
  hostKeys: 'ssh-rsa,ssh-dss',
  ciphers: 'chacha20-poly1305@openssh.com,aes128-ctr,aes256-cbc,3des-cbc,arcfour',
  macs: 'hmac-sha2-256,hmac-sha1,hmac-md5,hmac-sha1-96',
}

const hardened: Offer = {
  banner: 'SSH-2.0-OpenSSH_10.0',
  kex: 'mlkem768x25519-sha256,sntrup761x25519-sha512,curve25519-sha256,kex-strict-s-v00@openssh.com',
  hostKeys: 'ssh-ed25519',
  ciphers: 'chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com',
  macs: 'hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com',
}

/** The opening of SSH and no more: banner and KEXINIT (RFC 4253 7.1), then a goodbye. There is nothing to log in to. */
export const ssh: LabService = {
  name: 'SSH',
  wrong: 'banner of 2016, key exchange, ciphers and MACs that are broken',
  better: 'current algorithms only',
  expects: [11001, 11002, 11003, 11004, 11005, 11006, 11011, 11013, 60002],
  weak: [{ kind: 'tcp', port: 22, talk: (socket) => offer(socket, old) }],
  twin: [{ kind: 'tcp', port: 22, talk: (socket) => offer(socket, hardened) }],
}

function offer(socket: Socket, lists: Offer): void {
  socket.write(`${lists.banner}\r\n`)
  socket.write(packet(kexInit(lists)))
  let greeted = false
  onBytes(socket, (bytes) => {
    if (!greeted) {
      const end = bytes.indexOf('\n')
      greeted = end >= 0
      return end + 1
    }
    if (bytes.length < 6) return 0
    const length = bytes.readUInt32BE(0) + 4
    if (bytes.length < length) return 0
    // 20 is the client's own KEXINIT; at whatever comes next the conversation is over: 3, "key exchange failed".
    if (bytes[5] !== 20) socket.end(packet(Buffer.concat([Buffer.of(1, 0, 0, 0, 3), text('practice range: no key exchange here'), text('')])))
    return length
  })
}

function kexInit(lists: Offer): Buffer {
  const names = [lists.kex, lists.hostKeys, lists.ciphers, lists.ciphers, lists.macs, lists.macs, 'none', 'none', '', '']
  return Buffer.concat([Buffer.of(20), randomBytes(16), ...names.map(text), Buffer.alloc(5)])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 4
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + padding + 1)
  head[4] = padding
  return Buffer.concat([head, payload, randomBytes(padding)])
}
