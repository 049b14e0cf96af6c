import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32, deflateRawSync, gunzipSync } from 'node:zlib'
import type { FeedEntry, FeedInput } from './feed-input.ts'

/** A file of an archive made in a test. The rest is for archives that lie. */
export type Made = Readonly<{ name: string; text?: string | Uint8Array; kind?: string; mode?: number; flags?: number; method?: number; localName?: string; size?: number }>

/** A tar of these files, in pure ustar; `kind` as in its header ('2' is a symbolic link). `end` false leaves out the two zero blocks. */
export function tarOf(files: readonly Made[], end = true): Buffer {
  const blocks: Buffer[] = []
  for (const file of files) {
    const body = Buffer.from(file.text ?? '')
    const head = Buffer.alloc(512)
    head.write(file.name, 0, 100)
    head.write('0000644\0', 100)
    head.write(`${(file.size ?? body.length).toString(8).padStart(11, '0')}\0`, 124)
    head.write('        ', 148)
    head.write(file.kind ?? '0', 156)
    head.write('ustar\u000000', 257)
    head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148)
    blocks.push(head, body, Buffer.alloc((512 - (body.length % 512)) % 512))
  }
  if (end) blocks.push(Buffer.alloc(1024))
  return Buffer.concat(blocks)
}

/** A zip of these files, deflated unless `method` is 0; `wide` writes all sizes as zip64 does. */
export function zipOf(files: readonly Made[], wide = false): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const body = Buffer.from(file.text ?? '')
    const method = file.method ?? 8
    const packed = method === 8 ? deflateRawSync(body) : body
    const size = file.size ?? body.length
    const head = (signature: number, name: Buffer, extra: Buffer, central: boolean): Buffer => {
      const fixed = Buffer.alloc(central ? 46 : 30)
      fixed.writeUInt32LE(signature, 0)
      const at = central ? 6 : 4
      fixed.writeUInt16LE(wide ? 45 : 20, at)
      fixed.writeUInt16LE(file.flags ?? 0, at + 2)
      fixed.writeUInt16LE(method, at + 4)
      fixed.writeUInt32LE(crc32(body), at + 10)
      fixed.writeUInt32LE(wide ? 0xffffffff : packed.length, at + 14)
      fixed.writeUInt32LE(wide ? 0xffffffff : size, at + 18)
      fixed.writeUInt16LE(name.length, at + 22)
      fixed.writeUInt16LE(extra.length, at + 24)
      if (central) {
        fixed.writeUInt32LE(((file.mode ?? 0) << 16) >>> 0, 38)
        fixed.writeUInt32LE(wide ? 0xffffffff : offset, 42)
      }
      return Buffer.concat([fixed, name, extra])
    }
    const extra = (withOffset: boolean): Buffer => {
      if (!wide) return Buffer.alloc(0)
      const bytes = Buffer.alloc(withOffset ? 28 : 20)
      bytes.writeUInt16LE(1, 0)
      bytes.writeUInt16LE(bytes.length - 4, 2)
      bytes.writeBigUInt64LE(BigInt(size), 4)
      bytes.writeBigUInt64LE(BigInt(packed.length), 12)
      if (withOffset) bytes.writeBigUInt64LE(BigInt(offset), 20)
      return bytes
    }
    directory.push(head(0x02014b50, Buffer.from(file.name), extra(true), true))
    const local = Buffer.concat([head(0x04034b50, Buffer.from(file.localName ?? file.name), extra(false), false), packed])
    parts.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const tail: Buffer[] = []
  if (wide) {
    const end = Buffer.alloc(56 + 20)
    end.writeUInt32LE(0x06064b50, 0)
    end.writeBigUInt64LE(44n, 4)
    end.writeBigUInt64LE(BigInt(files.length), 24)
    end.writeBigUInt64LE(BigInt(files.length), 32)
    end.writeBigUInt64LE(BigInt(central.length), 40)
    end.writeBigUInt64LE(BigInt(offset), 48)
    end.writeUInt32LE(0x07064b50, 56)
    end.writeBigUInt64LE(BigInt(offset + central.length), 64)
    end.writeUInt32LE(1, 72)
    tail.push(end)
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(wide ? 0xffff : files.length, 8)
  end.writeUInt16LE(wide ? 0xffff : files.length, 10)
  end.writeUInt32LE(wide ? 0xffffffff : central.length, 12)
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16)
  return Buffer.concat([...parts, central, ...tail, end])
}

/** A feed that lies in memory: name → content. For tests of readers; archives have tests of their own. */
export function feedOf(name: string, files: Readonly<Record<string, string | Uint8Array>>): FeedInput {
  return {
    name,
    async *entries() {
      for (const [file, content] of Object.entries(files)) {
        const bytes = Buffer.from(content)
        const plain = (): Buffer => (file.endsWith('.gz') ? gunzipSync(bytes) : bytes)
        yield {
          name: file,
          bytes: () => Promise.resolve(plain()),
          async *stream() {
            for (let at = 0; at < plain().length; at += 1000) yield plain().subarray(at, at + 1000)
          },
          packed: () => Promise.resolve(bytes),
        } satisfies FeedEntry
      }
    },
  }
}

/** Runs `work` with a path of this name that holds `content`: bytes of a file, or files of a folder. */
export async function withPath<T>(name: string, content: Uint8Array | Readonly<Record<string, string | Uint8Array>>, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-feed-'))
  const path = join(folder, name)
  try {
    if (content instanceof Uint8Array) await writeFile(path, content)
    else {
      for (const [file, text] of Object.entries(content)) {
        await mkdir(dirname(join(path, file)), { recursive: true })
        await writeFile(join(path, file), text)
      }
    }
    return await work(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}
