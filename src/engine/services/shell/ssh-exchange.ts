import { createECDH, createHash, createPublicKey, diffieHellman, generateKeyPairSync, getDiffieHellman, randomBytes } from 'node:crypto'
import { failed, type Failure } from '../../net.ts'
import { bytesOf } from '../wire/byte-reader.ts'
import { ciphers, macs, type DirectionKeys, type Transport } from './ssh-cipher.ts'
import { kexInit, message, mpint, parseKexReply, string, type Choice, type KexInit } from './ssh-message.ts'

/** One way to agree on a secret. `combine` throws on a bad value of the peer. `number`: values travel as mpint. */
type Agreement = Readonly<{ mine: Uint8Array; number: boolean; combine(theirs: Uint8Array): Uint8Array }>
type Method = Readonly<{ hash: string; begin(): Agreement }>

/** Key exchanges that we can speak, best first. */
const methods: Readonly<Record<string, Method>> = {
  'curve25519-sha256': { hash: 'sha256', begin: x25519 },
  'curve25519-sha256@libssh.org': { hash: 'sha256', begin: x25519 },
  'ecdh-sha2-nistp256': { hash: 'sha256', begin: () => ecdh('prime256v1') },
  'ecdh-sha2-nistp384': { hash: 'sha384', begin: () => ecdh('secp384r1') },
  'ecdh-sha2-nistp521': { hash: 'sha512', begin: () => ecdh('secp521r1') },
  'diffie-hellman-group14-sha256': { hash: 'sha256', begin: () => modp('modp14') },
  'diffie-hellman-group16-sha512': { hash: 'sha512', begin: () => modp('modp16') },
  'diffie-hellman-group18-sha512': { hash: 'sha512', begin: () => modp('modp18') },
  'diffie-hellman-group14-sha1': { hash: 'sha1', begin: () => modp('modp14') },
  'diffie-hellman-group1-sha1': { hash: 'sha1', begin: () => modp('modp2') },
}

function x25519(): Agreement {
  const pair = generateKeyPairSync('x25519')
  const mine = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  return {
    mine,
    number: false,
    combine(theirs) {
      const x = Buffer.from(theirs).toString('base64url')
      return diffieHellman({ privateKey: pair.privateKey, publicKey: createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x } }) })
    },
  }
}

function ecdh(curve: string): Agreement {
  const own = createECDH(curve)
  return { mine: own.generateKeys(), number: false, combine: (theirs) => own.computeSecret(theirs) }
}

function modp(group: string): Agreement {
  const own = getDiffieHellman(group)
  return { mine: own.generateKeys(), number: true, combine: (theirs) => own.computeSecret(theirs) }
}

const cannot: Failure = { failed: 'protocol', text: 'no algorithms in common for a key exchange' }

/** What to agree on for a host key of this algorithm, or why there is nothing. */
export function choose(server: KexInit, hostKey: string): Choice | Failure {
  const first = (mine: Readonly<Record<string, unknown>>, ...theirs: readonly (readonly string[])[]): string | undefined =>
    Object.keys(mine).find((name) => theirs.every((list) => list.includes(name)))
  const kex = first(methods, server.kex)
  const cipher = first(ciphers, server.ciphersIn, server.ciphersOut)
  // An AEAD cipher needs no MAC; the name is then only a filler that both know.
  const mac = first(macs, server.macsIn, server.macsOut) ?? (cipher !== undefined && ciphers[cipher]?.aead !== undefined ? 'hmac-sha2-256' : undefined)
  return kex === undefined || cipher === undefined || mac === undefined ? cannot : { kex, hostKey, cipher, mac }
}

export type Versions = Readonly<{ client: string; server: string }>

/** Exchanges keys as far as the host key; with `secure`, up to the encrypted line. The signature is not verified: looking is not trusting. */
export async function exchangeKeys(transport: Transport, versions: Versions, serverInit: Uint8Array, choice: Choice, secure: boolean): Promise<Uint8Array | Failure> {
  const method = methods[choice.kex]!
  const agreement = method.begin()
  const clientInit = kexInit(choice, randomBytes(16))
  transport.send(clientInit)
  const encode = agreement.number ? mpint : string
  transport.send(bytesOf(message.kexdhInit, encode(agreement.mine)))
  const answer = await transport.receive()
  if (failed(answer)) return answer
  const reply = parseKexReply(answer)
  if (reply === null) return { failed: 'protocol', text: 'no answer to the key exchange' }
  if (!secure) return reply.hostKey
  let secret: Uint8Array
  try {
    secret = mpint(agreement.combine(reply.value))
  } catch {
    return { failed: 'protocol', text: 'the server gave an impossible key exchange value' }
  }
  const hash = createHash(method.hash)
  for (const part of [versions.client, versions.server, clientInit, serverInit, reply.hostKey]) hash.update(string(part))
  const session = hash.update(encode(agreement.mine)).update(encode(reply.value)).update(secret).digest()
  const ready = await transport.receive()
  if (failed(ready)) return ready
  if (ready[0] !== message.newKeys) return { failed: 'protocol', text: 'no NEWKEYS after the key exchange' }
  transport.send(Uint8Array.of(message.newKeys))
  const keys = (letters: string): DirectionKeys => {
    const derive = (letter: string, length: number): Uint8Array => {
      let key = createHash(method.hash).update(secret).update(session).update(letter).update(session).digest()
      while (key.length < length) key = Buffer.concat([key, createHash(method.hash).update(secret).update(session).update(key).digest()])
      return key.subarray(0, length)
    }
    const cipher = ciphers[choice.cipher]!
    return {
      cipher: choice.cipher,
      mac: choice.mac,
      iv: derive(letters[0]!, cipher.iv),
      key: derive(letters[1]!, cipher.key),
      integrity: derive(letters[2]!, macs[choice.mac]!.key),
    }
  }
  transport.secure(keys('ACE'), keys('BDF'))
  return reply.hostKey
}
