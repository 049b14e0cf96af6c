import type { Connection } from '../../net.ts'
import { failed } from '../../net.ts'
import { byteReader, bytesOf, clean, malformed, parse, u16le, u32le, utf16le, type Piece } from '../wire/byte-reader.ts'
import { commands, readSmb2, smb2, smbLength, statuses, type Smb2Answer, type Smb2Context } from './smb-message.ts'

export type Share = Readonly<{ name: string; disk: boolean; comment: string }>

const syntax = Buffer.from('c84f324b7016d30112785a47bf6ee18803000000', 'hex')
const transfer = Buffer.from('045d888aeb1cc9119fe808002b10486002000000', 'hex')

/** Asks the pipe `srvsvc` of an open IPC$ for the names of shares ([MS-SRVS] 3.1.4.8, level 1). null when it is not allowed. */
export async function listShares(
  connection: Connection,
  context: Smb2Context,
  message: number,
): Promise<readonly Share[] | null> {
  const name = Buffer.from('srvsvc', 'utf16le')
  const opened = await talk(
    connection,
    smb2(
      commands.create,
      { ...context, message },
      u16le(57),
      0,
      0,
      u32le(2),
      new Uint8Array(16),
      u32le(0x0012_019f),
      u32le(0),
      u32le(7),
      u32le(1),
      u32le(0),
      u16le(120),
      u16le(name.length),
      u32le(0),
      u32le(0),
      name,
    ),
  )
  if (opened === null || opened.status !== statuses.success || opened.body.length < 80) return null
  const file = opened.body.slice(64, 80)
  const bound = await throughPipe(connection, { ...context, message: message + 1 }, file, dceBind())
  if (bound === null || bound[2] !== 12) return null
  const listed = await throughPipe(connection, { ...context, message: message + 2 }, file, dceShareEnum())
  return listed === null ? null : readShareEnum(listed)
}

export async function talk(connection: Connection, request: Uint8Array): Promise<Smb2Answer | null> {
  connection.write(request)
  // The server may first say that it takes longer (STATUS_PENDING).
  for (let count = 0; count < 4; count++) {
    const answer = await connection.read({ until: smbLength, most: 262_144 })
    if (failed(answer)) return null
    const message = readSmb2(answer.bytes)
    if (message === null || message.status !== 0x0000_0103) return message
  }
  return null
}

async function throughPipe(
  connection: Connection,
  context: Smb2Context,
  file: Uint8Array,
  request: Uint8Array,
): Promise<Uint8Array | null> {
  const answer = await talk(
    connection,
    smb2(
      commands.ioctl,
      context,
      u16le(57),
      u16le(0),
      u32le(0x0011_c017),
      file,
      u32le(120),
      u32le(request.length),
      u32le(0),
      u32le(0),
      u32le(0),
      u32le(65_536),
      u32le(1),
      u32le(0),
      request,
    ),
  )
  if (answer === null || (answer.status !== statuses.success && answer.status !== statuses.bufferOverflow)) return null
  return parse(answer.body, (reader) => {
    reader.skip(32)
    const offset = reader.u32le()
    const length = reader.u32le()
    if (offset + length > answer.message.length || length < 24) malformed('pipe')
    return answer.message.slice(offset, offset + length)
  })
}

function dce(type: number, call: number, ...pieces: readonly Piece[]): Uint8Array {
  const body = bytesOf(...pieces)
  return bytesOf(5, 0, type, 3, [0x10, 0, 0, 0], u16le(body.length + 16), u16le(0), u32le(call), body)
}

function dceBind(): Uint8Array {
  return dce(11, 1, u16le(4280), u16le(4280), u32le(0), 1, [0, 0, 0], u16le(0), 1, 0, syntax, transfer)
}

function dceShareEnum(): Uint8Array {
  const server = Buffer.from('\\\\*\0', 'utf16le')
  const stub = bytesOf(
    u32le(0x0002_0000),
    u32le(4),
    u32le(0),
    u32le(4),
    server,
    u32le(1),
    u32le(1),
    u32le(0x0002_0004),
    u32le(0),
    u32le(0),
    [0xff, 0xff, 0xff, 0xff],
    u32le(0),
  )
  return dce(0, 2, u32le(stub.length), u16le(0), u16le(15), stub)
}

const mostShares = 64

/** The answer of NetrShareEnum, level 1, in NDR. Administrative shares are left out: every Windows has them. */
export function readShareEnum(bytes: Uint8Array): readonly Share[] | null {
  return parse(bytes, (reader) => {
    reader.skip(2)
    if (reader.u8() !== 2) malformed('not a response')
    reader.skip(21)
    if (reader.u32le() !== 1) malformed('level')
    reader.skip(4)
    if (reader.u32le() === 0) return []
    const count = Math.min(reader.u32le(), mostShares)
    if (reader.u32le() === 0) return []
    if (reader.u32le() > 4096) malformed('count')
    const types: number[] = []
    for (let index = 0; index < count; index++) {
      reader.skip(4)
      types.push(reader.u32le())
      reader.skip(4)
    }
    const strings = byteReader(reader.rest())
    const shares: Share[] = []
    for (const type of types) {
      if (strings.left < 24) break
      const name = ndrText(strings)
      const comment = ndrText(strings)
      if ((type & 0x8000_0000) === 0 && !name.endsWith('$')) shares.push({ name, comment, disk: (type & 0xffff) === 0 })
    }
    return shares
  })
}

function ndrText(reader: ReturnType<typeof byteReader>): string {
  reader.skip(8)
  const characters = reader.u32le()
  if (characters > 1024) malformed('text')
  const text = utf16le(reader.take(characters * 2))
  reader.skip(Math.min(reader.left, (4 - ((characters * 2) % 4)) % 4))
  return clean(text.replace(/\0$/, ''), 80)
}
