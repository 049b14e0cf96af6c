import { createHash, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { Socket } from 'node:net'
import { onBytes, type LabService } from '../service.ts'
import { plainPackets, sealedPackets, sshNumber, sshText, type Keys } from './ssh-packet.ts'

type Offer = Readonly<{
  banner: string
  kex: string
  hostKey: 'ssh-rsa' | 'ssh-ed25519'
  ciphers: string
  macs: string
  methods: string
}>
type HostKey = Readonly<{ blob: Buffer; privateKey: KeyObject }>

const old: Offer = {
  banner: 'SSH-2.0-OpenSSH_7.2p2',
  kex: 'curve25519-sha256@libssh.org,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1',
  hostKey: 'ssh-rsa',
  ciphers: 'aes128-ctr,chacha20-poly1305@openssh.com,aes256-cbc,3des-cbc,arcfour',
  macs: 'hmac-sha2-256,hmac-sha1,hmac-md5,hmac-sha1-96',
  methods: 'publickey,password',
}

const hardened: Offer = {
  banner: 'SSH-2.0-OpenSSH_10.0',
  kex: 'mlkem768x25519-sha256,sntrup761x25519-sha512,curve25519-sha256,kex-strict-s-v00@openssh.com',
  hostKey: 'ssh-ed25519',
  ciphers: 'aes128-ctr',
  macs: 'hmac-sha2-256',
  methods: 'publickey',
}

/**
 * SSH as far as the list of logins (RFC 4253, 4252): keys are really exchanged, by curve25519, aes128-ctr and hmac-sha2-256;
 * what else is offered is offered only. Every login fails: there is nothing to log in to.
 */
export const ssh: LabService = {
  name: 'SSH',
  wrong: 'release of 2016, key exchanges, ciphers and MACs that are broken, small host key',
  better: 'current algorithms, keys only',
  expects: [11001, 11002, 11003, 11004, 11005, 11006, 11012, 11013, 60002, 70301],
  weak: [{ kind: 'tcp', port: 22, talk: (socket) => serve(socket, old, hostKeyOf(old)) }],
  twin: [{ kind: 'tcp', port: 22, talk: (socket) => serve(socket, hardened, hostKeyOf(hardened)) }],
}

const made = new Map<string, HostKey>()

/** Made once, when first asked for: a new key at each visit would look like an attack. */
function hostKeyOf({ hostKey }: Offer): HostKey {
  const known = made.get(hostKey)
  if (known !== undefined) return known
  const pair = hostKey === 'ssh-rsa' ? generateKeyPairSync('rsa', { modulusLength: 1024 }) : generateKeyPairSync('ed25519')
  const { n = '', e = '', x = '' } = pair.publicKey.export({ format: 'jwk' })
  const part = (text: string): Buffer => Buffer.from(text, 'base64url')
  const blob = Buffer.concat([
    sshText(hostKey),
    ...(hostKey === 'ssh-rsa' ? [sshNumber(part(e)), sshNumber(part(n))] : [sshText(part(x))]),
  ])
  const key = { blob, privateKey: pair.privateKey }
  made.set(hostKey, key)
  return key
}

function serve(socket: Socket, offer: Offer, host: HostKey): void {
  const ours = kexInit(offer)
  let packets = plainPackets()
  let client: string | null = null
  let theirs = Buffer.alloc(0)
  let next: (() => void) | null = null
  socket.write(`${offer.banner}\r\n`)
  socket.write(packets.seal(ours))

  const take = (payload: Buffer): void => {
    const kind = payload[0]
    if (kind === 20) theirs = Buffer.from(payload)
    else if (kind === 30) {
      const point = payload.subarray(5)
      const agreed = agree(point, { client: client!, server: offer.banner, theirs, ours }, offer.hostKey, host)
      socket.write(packets.seal(agreed.reply))
      socket.write(packets.seal(Buffer.of(21)))
      // KEXINIT, reply, NEWKEYS went out; KEXINIT, init, NEWKEYS came in.
      next = () => (packets = sealedPackets(agreed.out, agreed.into, 3, 3))
    } else if (kind === 21 && next !== null) next()
    else if (kind === 5) socket.write(packets.seal(Buffer.concat([Buffer.of(6), payload.subarray(1)])))
    else if (kind === 50) socket.write(packets.seal(Buffer.concat([Buffer.of(51), sshText(offer.methods), Buffer.of(0)])))
    else if (kind !== 2 && kind !== 4) socket.end()
  }

  onBytes(socket, (bytes) => {
    if (client === null) {
      const end = bytes.indexOf('\n')
      if (end >= 0) client = bytes.toString('latin1', 0, end).trimEnd()
      return end + 1
    }
    try {
      const found = packets.take(bytes)
      if (found !== null) take(found.payload)
      return found?.used ?? 0
    } catch {
      socket.destroy()
      return bytes.length
    }
  })
}

type Said = Readonly<{ client: string; server: string; theirs: Buffer; ours: Buffer }>

function agree(point: Buffer, said: Said, algorithm: string, host: HostKey): Readonly<{ reply: Buffer; out: Keys; into: Keys }> {
  const own = generateKeyPairSync('x25519')
  const mine = Buffer.from(own.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: point.toString('base64url') } })
  const secret = sshNumber(diffieHellman({ privateKey: own.privateKey, publicKey }))
  const parts = [said.client, said.server, said.theirs, said.ours, host.blob, point, mine].map(sshText)
  const digest = createHash('sha256')
    .update(Buffer.concat([...parts, secret]))
    .digest()
  const signature = sign(algorithm === 'ssh-rsa' ? 'sha1' : null, digest, host.privateKey)
  const reply = Buffer.concat([
    Buffer.of(31),
    sshText(host.blob),
    sshText(mine),
    sshText(Buffer.concat([sshText(algorithm), sshText(signature)])),
  ])
  const derive = (letter: string, length: number): Buffer =>
    createHash('sha256').update(secret).update(digest).update(letter).update(digest).digest().subarray(0, length)
  return {
    reply,
    into: { iv: derive('A', 16), key: derive('C', 16), integrity: derive('E', 32) },
    out: { iv: derive('B', 16), key: derive('D', 16), integrity: derive('F', 32) },
  }
}

function kexInit(offer: Offer): Buffer {
  const names = [offer.kex, offer.hostKey, offer.ciphers, offer.ciphers, offer.macs, offer.macs, 'none', 'none', '', '']
  return Buffer.concat([Buffer.of(20), randomBytes(16), ...names.map(sshText), Buffer.alloc(5)])
}
