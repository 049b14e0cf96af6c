import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/**
 * Rows on their way from a reader to the release: a file of frames, each two lengths, the rows as JSON, and their bodies one after another. A feed is read to its end
 * before any of it is loaded, so that a feed which breaks in the middle leaves nothing behind.
 * The first element of a row says what it is (below), the last how many bytes its body has, 0 for none.
 */
export type Row =
  | readonly ['s', vulnerability: string, key: string, aliases: readonly string[], body: number]
  | readonly ['a', vulnerability: string, key: string, ecosystem: string, name: string, hash: number, detects: 0 | 1, body: number]
  | readonly ['p', vulnerability: string, probability: number, percentile: number, body: 0]
  | readonly ['c', key: string, kind: string, title: string, category: string, severity: number, type: string, published: string | null, changed: string | null, cve: readonly string[], why: string | null, body: number, number?: number, version?: number, news?: string]
  | readonly ['e', key: string, products: readonly (readonly [string, string])[], body: number]
  | readonly ['l', key: string, body: number]
  | readonly ['f', file: string, position: number, body: number]
  | readonly ['h', prefix: string, organization: string, body: 0]
  | readonly ['b', key: string, body: number]
  | readonly ['r', benchmark: string, key: string, body: number]
  | readonly ['k', key: string, body: number]

const frameBytes = 1024 * 1024

export type SpoolWriter = Readonly<{ add(row: Row, body?: Uint8Array): void; close(): void }>

export function writeSpool(path: string): SpoolWriter {
  const file = openSync(path, 'wx', 0o600)
  let rows: Row[] = []
  // Filled again for each frame: memory outside the heap that comes and goes with every frame has the collector go over everything each time.
  let bodies = Buffer.allocUnsafe(frameBytes)
  let filled = 0
  let weight = 0
  const flush = (): void => {
    if (rows.length === 0) return
    const text = JSON.stringify(rows)
    const length = Buffer.byteLength(text)
    const head = Buffer.allocUnsafe(8 + length)
    head.writeUInt32LE(length, 0)
    head.writeUInt32LE(filled, 4)
    head.write(text, 8)
    writeWhole(file, head)
    writeWhole(file, bodies.subarray(0, filled))
    rows = []
    filled = 0
    weight = 0
  }
  return {
    add(row, body) {
      rows.push(row)
      if (body !== undefined) {
        bodies = roomFor(filled + body.length, bodies)
        bodies.set(body, filled)
        filled += body.length
      }
      weight += 120 + (body?.length ?? 0)
      if (weight >= frameBytes) flush()
    },
    close() {
      flush()
      closeSync(file)
    },
  }
}

/** The same buffer, or a larger one that begins with what it holds. */
function roomFor(length: number, buffer: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  if (length <= buffer.length) return buffer
  const larger = Buffer.allocUnsafe(Math.max(length, buffer.length * 2))
  buffer.copy(larger)
  return larger
}

/** A full disk writes less than was asked, then nothing. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}

/** A body is good until the next row is asked for. */
export function* readSpool(path: string): Generator<readonly [Row, Uint8Array | null]> {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(8)
    let frame = Buffer.allocUnsafe(frameBytes)
    for (;;) {
      if (!readWhole(file, head)) return
      const [textLength, bodiesLength] = [head.readUInt32LE(0), head.readUInt32LE(4)]
      frame = roomFor(textLength + bodiesLength, frame)
      const text = frame.subarray(0, textLength)
      const bodies = frame.subarray(textLength, textLength + bodiesLength)
      if (!readWhole(file, text) || !readWhole(file, bodies)) throw new Error('the spool ends in the middle')
      let at = 0
      for (const row of JSON.parse(text.toString('utf8')) as Row[]) {
        const length = (row[0] === 'c' ? row[11] : row.at(-1)) as number
        yield [row, length === 0 ? null : bodies.subarray(at, at + length)]
        at += length
      }
    }
  } finally {
    closeSync(file)
  }
}

function readWhole(file: number, into: Buffer): boolean {
  let at = 0
  while (at < into.length) {
    const count = readSync(file, into, at, into.length - at, null)
    if (count === 0) {
      if (at === 0) return false
      throw new Error('the spool ends in the middle')
    }
    at += count
  }
  return true
}
