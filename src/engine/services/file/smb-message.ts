import { byteReader, bytesOf, malformed, parse, u16le, u32le, utf16le, type Piece } from '../wire/byte-reader.ts'
import { ber, berOid } from '../wire/ber.ts'

/** SMB 1 and 2/3 messages ([MS-CIFS], [MS-SMB2]) as far as an anonymous visitor gets. Every message is framed for TCP. */
export const commands = Object.freeze({ negotiate: 0, sessionSetup: 1, treeConnect: 3, create: 5, ioctl: 11 })
export const statuses = Object.freeze({ success: 0, moreProcessing: 0xc000_0016, bufferOverflow: 0x8000_0005 })

/** Dialects of SMB 2 and 3 with the names people use. */
export const dialects = Object.freeze([
  [0x0202, '2.0.2'],
  [0x0210, '2.1'],
  [0x0300, '3.0'],
  [0x0302, '3.0.2'],
  [0x0311, '3.1.1'],
] as const)

function framed(...pieces: readonly Piece[]): Uint8Array {
  const message = bytesOf(...pieces)
  return bytesOf(0, [message.length >>> 16, (message.length >>> 8) & 255, message.length & 255], message)
}

/** Length of the first framed message once it is whole. */
export function smbLength(received: Uint8Array): number | null {
  if (received.length < 4) return null
  if (received[0] !== 0) return received.length
  const length = 4 + received[1]! * 65_536 + received[2]! * 256 + received[3]!
  return received.length >= length ? length : null
}

export type Smb2Context = Readonly<{ message?: number; tree?: number; session?: Uint8Array }>

const noSession = new Uint8Array(8)

export function smb2(command: number, context: Smb2Context, ...body: readonly Piece[]): Uint8Array {
  return framed(
    [0xfe, 0x53, 0x4d, 0x42],
    u16le(64),
    u16le(1),
    u32le(0),
    u16le(command),
    u16le(31),
    u32le(0),
    u32le(0),
    u32le(context.message ?? 0),
    u32le(0),
    u32le(0xfeff),
    u32le(context.tree ?? 0),
    context.session ?? noSession,
    new Uint8Array(16),
    ...body,
  )
}

export function smb2Negotiate(dialect: number, salt: Uint8Array): Uint8Array {
  const hash = bytesOf(u16le(1), u16le(38), u32le(0), u16le(1), u16le(32), u16le(1), salt.subarray(0, 32), [0, 0])
  const ciphers = bytesOf(u16le(2), u16le(6), u32le(0), u16le(2), u16le(2), u16le(1))
  const is311 = dialect === 0x0311
  const contexts = is311 ? bytesOf([0, 0], hash, ciphers) : new Uint8Array()
  // Contexts start on a multiple of eight: 64 + 36 + 2 + 2 = 104.
  return smb2(
    commands.negotiate,
    {},
    u16le(36),
    u16le(1),
    u16le(1),
    u16le(0),
    u32le(dialect >= 0x0300 ? 0x40 : 0),
    salt.subarray(0, 16),
    is311 ? [...u32le(104), ...u16le(2), 0, 0] : new Uint8Array(8),
    u16le(dialect),
    contexts,
  )
}

/** `token` wrapped in SPNEGO: as the first one, or as an answer. */
export function smb2SessionSetup(context: Smb2Context, token: Uint8Array, first: boolean): Uint8Array {
  const wrapped = first
    ? ber(
        0x60,
        berOid('1.3.6.1.5.5.2'),
        ber(0xa0, ber(0x30, ber(0xa0, ber(0x30, berOid('1.3.6.1.4.1.311.2.2.10'))), ber(0xa2, ber(4, token)))),
      )
    : ber(0xa1, ber(0x30, ber(0xa2, ber(4, token))))
  return smb2(
    commands.sessionSetup,
    context,
    u16le(25),
    0,
    1,
    u32le(0),
    u32le(0),
    u16le(88),
    u16le(wrapped.length),
    noSession,
    wrapped,
  )
}

export function smb2TreeConnect(context: Smb2Context, path: string): Uint8Array {
  const name = Buffer.from(path, 'utf16le')
  return smb2(commands.treeConnect, context, u16le(9), u16le(0), u16le(72), u16le(name.length), name)
}

export type Smb2Answer = Readonly<{
  command: number
  status: number
  tree: number
  session: Uint8Array
  body: Uint8Array
  message: Uint8Array
}>

/** Reads a framed SMB 2 message; offsets inside the body count from the start of `message`. */
export function readSmb2(bytes: Uint8Array): Smb2Answer | null {
  return parse(bytes.subarray(4), (reader) => {
    if (reader.u32() !== 0xfe53_4d42 || reader.u16le() !== 64) malformed('header')
    reader.skip(2)
    const status = reader.u32le()
    const command = reader.u16le()
    reader.skip(2)
    // Not a response: an echo of what we asked.
    if ((reader.u32le() & 1) === 0) malformed('request')
    reader.skip(16)
    const tree = reader.u32le()
    const session = reader.take(8)
    reader.skip(16)
    return { command, status, tree, session, body: reader.rest(), message: bytes.subarray(4) }
  })
}

export type Smb2Negotiated = Readonly<{ dialect: number; signingEnabled: boolean; signingRequired: boolean; encryption: boolean }>

export function readSmb2Negotiated(answer: Smb2Answer): Smb2Negotiated | null {
  if (answer.status !== statuses.success || answer.command !== commands.negotiate) return null
  return parse(answer.body, (reader) => {
    if (reader.u16le() !== 65) malformed('structure')
    const mode = reader.u16le()
    const dialect = reader.u16le()
    const count = reader.u16le()
    reader.skip(16)
    const capabilities = reader.u32le()
    reader.skip(12 + 16 + 4)
    const offset = reader.u32le()
    const encryption =
      dialect === 0x0311
        ? hasCipher(answer.message.subarray(Math.min(offset, answer.message.length)), count)
        : (capabilities & 0x40) !== 0
    return { dialect, signingEnabled: (mode & 1) !== 0 || (mode & 2) !== 0, signingRequired: (mode & 2) !== 0, encryption }
  })
}

function hasCipher(bytes: Uint8Array, count: number): boolean {
  const reader = byteReader(bytes)
  for (let index = 0; index < Math.min(count, 16) && reader.left >= 8; index++) {
    const type = reader.u16le()
    const length = reader.u16le()
    reader.skip(4)
    if (reader.left < length) return false
    const data = byteReader(reader.take(length))
    if (type === 2) return data.left >= 4 && data.u16le() > 0 && data.u16le() !== 0
    reader.skip(Math.min(reader.left, (8 - (length % 8)) % 8))
  }
  return false
}

/** Flags of a session: what the server made of us. */
export function readSessionFlags(answer: Smb2Answer): Readonly<{ guest: boolean; anonymous: boolean }> | null {
  return parse(answer.body, (reader) => {
    reader.skip(2)
    const flags = reader.u16le()
    return { guest: (flags & 1) !== 0, anonymous: (flags & 2) !== 0 }
  })
}

const smb1Header = (command: number, user = 0): readonly number[] => [
  0xff,
  0x53,
  0x4d,
  0x42,
  command,
  0,
  0,
  0,
  0,
  0x18,
  ...u16le(0xc001),
  ...new Uint8Array(12),
  ...u16le(0),
  ...u16le(0xfeff),
  ...u16le(user),
  ...u16le(1),
]

export function smb1Negotiate(): Uint8Array {
  const dialect = bytesOf(2, 'NT LM 0.12', 0)
  return framed(smb1Header(0x72), 0, u16le(dialect.length), dialect)
}

/** Session of nobody without extended security: the answer names the server's software. */
export function smb1Anonymous(): Uint8Array {
  const text = Buffer.from('\0Vigil\0\0', 'utf16le')
  // Empty passwords; the strings (account, domain, system, manager) start on an even offset.
  const bytes = bytesOf(Buffer.from('\0', 'utf16le'), text)
  return framed(
    smb1Header(0x73),
    13,
    [0xff, 0],
    u16le(0),
    u16le(65_535),
    u16le(2),
    u16le(1),
    u32le(0),
    u16le(0),
    u16le(0),
    u32le(0),
    u32le(0x50),
    u16le(bytes.length + 1),
    0,
    bytes,
  )
}

export type Smb1Negotiated = Readonly<{ signingEnabled: boolean; signingRequired: boolean }>

/** null when it is not SMB 1, or the server took no dialect. */
export function readSmb1Negotiated(bytes: Uint8Array): Smb1Negotiated | null {
  return parse(bytes.subarray(4), (reader) => {
    if (reader.u32() !== 0xff53_4d42 || reader.u8() !== 0x72 || reader.u32le() !== 0 || reader.u8() < 0x80) malformed('header')
    reader.skip(22)
    if (reader.u8() !== 17 || reader.u16le() !== 0) malformed('dialect')
    const mode = reader.u8()
    return { signingEnabled: (mode & 4) !== 0, signingRequired: (mode & 8) !== 0 }
  })
}

/** Native system and manager (`Samba 4.17.12-Debian`) out of a session set-up's answer. */
export function readSmb1Session(
  bytes: Uint8Array,
): Readonly<{ granted: boolean; guest: boolean; system: string; software: string }> | null {
  return parse(bytes.subarray(4), (reader) => {
    if (reader.u32() !== 0xff53_4d42 || reader.u8() !== 0x73) malformed('header')
    const status = reader.u32le()
    if (reader.u8() < 0x80) malformed('request')
    reader.skip(22)
    const words = reader.u8()
    if (words < 3) return { granted: false, guest: false, system: '', software: '' }
    reader.skip(4)
    const action = reader.u16le()
    reader.skip((words - 3) * 2 + 2)
    if (reader.at % 2 === 1) reader.skip(1)
    const texts = utf16le(reader.rest()).split('\0', 3)
    return { granted: status === 0, guest: (action & 1) !== 0, system: texts[0] ?? '', software: texts[1] ?? '' }
  })
}
