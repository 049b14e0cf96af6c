import { createHash } from 'node:crypto'
import { bytesOf, clean, parse, u32, type ByteReader } from '../wire/byte-reader.ts'

/** Message numbers of RFC 4250, as far as they are spoken here. */
export const message = {
  disconnect: 1, ignore: 2, unimplemented: 3, debug: 4, serviceRequest: 5, serviceAccept: 6, extInfo: 7, kexInit: 20, newKeys: 21, kexdhInit: 30, kexdhReply: 31,
  gexGroup: 31, gexRequest: 34, authRequest: 50, authFailure: 51, authSuccess: 52, authBanner: 53,
} as const

export type KexInit = Readonly<{
  kex: readonly string[]
  hostKeys: readonly string[]
  ciphersIn: readonly string[]
  ciphersOut: readonly string[]
  macsIn: readonly string[]
  macsOut: readonly string[]
  compressionIn: readonly string[]
  compressionOut: readonly string[]
}>

const mostNames = 200

/** SSH_MSG_KEXINIT (RFC 4253 7.1). `Out` is client to server, `In` server to client. */
export function parseKexInit(payload: Uint8Array): KexInit | null {
  return parse(payload, (reader) => {
    if (reader.u8() !== message.kexInit) return null
    reader.skip(16)
    const list = (): readonly string[] => nameList(reader)
    const [kex, hostKeys, ciphersOut, ciphersIn, macsOut, macsIn, compressionOut, compressionIn] = [list(), list(), list(), list(), list(), list(), list(), list()]
    return { kex, hostKeys, ciphersIn, ciphersOut, macsIn, macsOut, compressionIn, compressionOut }
  })
}

function nameList(reader: ByteReader): readonly string[] {
  const text = reader.text(reader.u32())
  return text === '' ? [] : text.split(',', mostNames).map((name) => clean(name, 80)).filter((name) => name !== '')
}

/** What both ends agreed on, as the only choice of each list. */
export type Choice = Readonly<{ kex: string; hostKey: string; cipher: string; mac: string }>

export function kexInit(choice: Choice, cookie: Uint8Array): Uint8Array {
  const lists = [choice.kex, choice.hostKey, choice.cipher, choice.cipher, choice.mac, choice.mac, 'none', 'none', '', '']
  return bytesOf(message.kexInit, cookie, ...lists.map((list) => string(list)), 0, u32(0))
}

export function string(value: Uint8Array | string): Uint8Array {
  const bytes = bytesOf(value)
  return bytesOf(u32(bytes.length), bytes)
}

/** Multiple-precision integer, positive. */
export function mpint(value: Uint8Array): Uint8Array {
  let at = 0
  while (at < value.length && value[at] === 0) at++
  const digits = value.subarray(at)
  return string(digits.length > 0 && (digits[0]! & 0x80) !== 0 ? bytesOf(0, digits) : digits)
}

export function bitsOf(value: Uint8Array): number {
  let at = 0
  while (at < value.length && value[at] === 0) at++
  return at === value.length ? 0 : (value.length - at - 1) * 8 + (32 - Math.clz32(value[at]!))
}

export function readString(reader: ByteReader): Uint8Array {
  return reader.take(reader.u32())
}

/** KEXDH_REPLY and its elliptic kin: host key, the server's public value, signature. */
export function parseKexReply(payload: Uint8Array): Readonly<{ hostKey: Uint8Array; value: Uint8Array }> | null {
  return parse(payload, (reader) => (reader.u8() === message.kexdhReply ? { hostKey: readString(reader), value: readString(reader) } : null))
}

export type HostKey = Readonly<{ type: string; bits: number; fingerprint: string }>

/** Public host key blob (RFC 4253 6.6, 5656, 8709). `bits` is that of the modulus or field; 0 for a type we do not know. */
export function parseHostKey(blob: Uint8Array): HostKey | null {
  return parse(blob, (reader) => {
    const type = clean(reader.text(reader.u32()), 80)
    if (type === '') return null
    const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
    return { type, bits: keyBits(type, reader), fingerprint }
  })
}

function keyBits(type: string, reader: ByteReader): number {
  if (type === 'ssh-rsa') {
    readString(reader)
    return bitsOf(readString(reader))
  }
  if (type === 'ssh-dss') return bitsOf(readString(reader))
  if (type === 'ssh-ed25519') return 256
  if (type === 'ssh-ed448') return 456
  return Number(/nistp(\d{3})$/.exec(type)?.[1] ?? 0)
}

/** USERAUTH_FAILURE: the methods that can continue. */
export function parseAuthFailure(payload: Uint8Array): readonly string[] | null {
  return parse(payload, (reader) => (reader.u8() === message.authFailure ? nameList(reader) : null))
}

/** The group of a group exchange: its size in bits. */
export function parseGexGroup(payload: Uint8Array): number | null {
  return parse(payload, (reader) => (reader.u8() === message.gexGroup ? bitsOf(readString(reader)) : null))
}
