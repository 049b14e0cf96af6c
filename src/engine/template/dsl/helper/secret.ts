import { createCipheriv, createHash, createHmac } from 'node:crypto'
import type { Helper } from '../call.ts'
import type { Scope, Value } from '../scope.ts'
import { fromBuffer, integer, none, text, toBuffer } from './argument.ts'
import { goJson, object, sorted } from './code.ts'
import { murmur } from './murmur.ts'

/** Helpers that hash, sign and encrypt. */
export const secretHelpers: Readonly<Record<string, Helper>> = {
  md5: ([of]) => hashed('md5', text(of)),
  sha1: ([of]) => hashed('sha1', text(of)),
  sha256: ([of]) => hashed('sha256', text(of)),
  sha512: ([of]) => hashed('sha512', text(of)),
  mmh3: ([of]) => String(murmur(toBuffer(text(of)))),
  hmac: ([by, of, key]) => createHmac(algorithm(text(by)), toBuffer(text(key))).update(toBuffer(text(of))).digest('hex'),
  aescbc: ([of, key, start]) => encrypted(text(of), text(key), text(start)),
  aesgcm: ([key, of], scope) => sealed(text(key), text(of), scope),
  generatejwt: (of, scope) => token(of, scope),
  xor: (of) => {
    const all = of.map(text)
    if (all.some((one) => one.length !== all[0]!.length)) none('texts of different lengths')
    return [...all[0]!].map((_, at) => String.fromCharCode(all.reduce((sum, one) => sum ^ one.charCodeAt(at), 0))).join('')
  },
}

function hashed(by: string, bytes: string): string {
  return createHash(by).update(toBuffer(bytes)).digest('hex')
}

function algorithm(name: string): string {
  return /^(?:md5|sha-?1|sha-?256|sha-?512)$/.test(name) ? name.replace('-', '') : none(`the hash ${name.slice(0, 40)}`)
}

function sizeBits(key: string): number {
  return key.length === 16 || key.length === 24 || key.length === 32 ? key.length * 8 : none(`a key of ${key.length} bytes`)
}

function encrypted(of: string, key: string, start: string): string {
  if (start.length !== 16) none(`a start of ${start.length} bytes`)
  const cipher = createCipheriv(`aes-${sizeBits(key)}-cbc`, toBuffer(key), toBuffer(start))
  return fromBuffer(Buffer.concat([cipher.update(toBuffer(of)), cipher.final()]))
}

/** Twelve bytes of chance, what is sealed with them, and the tag. */
function sealed(key: string, of: string, { chance }: Scope): string {
  const start = Buffer.from(Array.from({ length: 12 }, () => Math.floor(chance() * 256)))
  const cipher = createCipheriv(`aes-${sizeBits(key) as 128 | 192 | 256}-gcm`, toBuffer(key), start)
  return fromBuffer(Buffer.concat([start, cipher.update(toBuffer(of)), cipher.final(), cipher.getAuthTag()]))
}

/** Signed by a shared secret, or by nothing; keys of one's own are in no template. */
function token([json, by, secret, age]: readonly Value[], { now }: Scope): string {
  const name = by === undefined ? '' : text(by)
  const isOpen = name === '' || /^\s*none\s*$/i.test(name)
  const hash = isOpen ? null : /^HS(256|384|512)$/i.test(name) ? `sha${name.slice(2)}` : none(`the algorithm ${name.slice(0, 40)}`)
  const seconds = Math.floor(now / 1000)
  const claims = { ...object(text(json)), ...(age === undefined ? {} : { exp: integer(age), iat: seconds }) }
  const part = (value: unknown): string => toBuffer(goJson(value)).toString('base64url')
  const head = `${part({ alg: hash === null ? name : name.toUpperCase(), typ: 'JWT' })}.${part(sorted(claims))}`
  return `${head}.${hash === null ? '' : createHmac(hash, toBuffer(secret === undefined ? '' : text(secret))).update(toBuffer(head)).digest('base64url')}`
}
