import { bytesOf, byteReader, clean, parse, u16le, u32le, utf16le } from './byte-reader.ts'
import { textOf } from '../../net/transcript.ts'

/** NTLMSSP messages ([MS-NLMP]) as far as they tell who a Windows host is, and the anonymous answer. */
const signature = 'NTLMSSP\0'
/** Unicode, request target, NTLM, extended session security, version, 128 bit. */
const flags = 0x0200_0000 | 0x2000_0000 | 0x0008_0000 | 0x0000_0200 | 0x0000_0004 | 0x0000_0001
const anonymousFlag = 0x0000_0800
const version = [10, 0, 0, 0, 0, 0, 0, 15]

export function ntlmNegotiate(): Uint8Array {
  return bytesOf(signature, u32le(1), u32le(flags), new Uint8Array(16), version)
}

/** The answer of nobody: an empty name and an empty LM response ([MS-NLMP] 3.2.5.1.2). */
export function ntlmAnonymous(): Uint8Array {
  const headers = 88
  const field = (length: number, offset: number): readonly number[] => [...u16le(length), ...u16le(length), ...u32le(offset)]
  return bytesOf(
    signature,
    u32le(3),
    field(1, headers),
    field(0, headers + 1),
    field(0, headers),
    field(0, headers),
    field(0, headers),
    field(0, headers + 1),
    u32le(flags | anonymousFlag),
    version,
    new Uint8Array(16),
    0,
  )
}

export type NtlmChallenge = Readonly<{
  target: string | null
  computer: string | null
  domain: string | null
  dnsComputer: string | null
  dnsDomain: string | null
  /** `10.0.17763`; null when not told. Samba says 6.1.0, others 0.0.0: see `windowsOf`. */
  os: string | null
}>

/** Finds the challenge anywhere in the bytes, whatever wraps it (SPNEGO, TSRequest). */
export function readNtlmChallenge(bytes: Uint8Array): NtlmChallenge | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(signature, 0, 'latin1')
  if (start < 0) return null
  const message = bytes.subarray(start)
  return parse(message, (reader) => {
    reader.skip(8)
    if (reader.u32le() !== 2) return null
    const field = (): Uint8Array => {
      const length = reader.u16le()
      reader.skip(2)
      const offset = reader.u32le()
      return message.subarray(Math.min(offset, message.length), Math.min(offset + length, message.length))
    }
    const target = field()
    const flags = reader.u32le()
    reader.skip(16)
    const pairs = pairsOf(reader.left >= 8 ? field() : new Uint8Array())
    const told = (flags & 0x0200_0000) !== 0 && reader.left >= 8
    const text = (id: number): string | null => pairs.get(id) ?? null
    return {
      target: clean((flags & 1) !== 0 ? utf16le(target) : textOf(target)) || null,
      computer: text(1),
      domain: text(2),
      dnsComputer: text(3),
      dnsDomain: text(4),
      os: told ? `${reader.u8()}.${reader.u8()}.${reader.u16le()}` : null,
    }
  })
}

function pairsOf(bytes: Uint8Array): ReadonlyMap<number, string> {
  const pairs = new Map<number, string>()
  const reader = byteReader(bytes)
  while (reader.left >= 4 && pairs.size < 16) {
    const id = reader.u16le()
    const length = reader.u16le()
    if (id === 0 || length > reader.left) break
    const value = reader.take(length)
    if (id <= 5) pairs.set(id, clean(utf16le(value)))
  }
  return pairs
}

/** The build of Windows, or null where the version is a stand-in, as Samba's and xrdp's are. */
export function windowsOf(challenge: NtlmChallenge | null): string | null {
  const os = challenge?.os ?? null
  return os === null || os.endsWith('.0') ? null : os
}
