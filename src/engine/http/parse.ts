/** Most of a response's head; of one header; headers in all. */
export const headMost = 65_536
const valueMost = 8192
const headersMost = 200

export type Head = Readonly<{ version: string; status: number; reason: string; headers: Readonly<Record<string, string>>; length: number }>

/** Where the head ends, or null while it has not. Tolerates bare line feeds. `from`: bytes already looked at. */
export function headEnd(bytes: Uint8Array, from = 0): number | null {
  for (let at = bytes.indexOf(10, Math.max(0, from - 3)); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3
  }
  return null
}

/** Reads a head leniently: what real servers send is more various than any RFC. null: it does not begin like HTTP/1. */
export function parseHead(text: string): Head | null {
  const lines = text.split(/\r?\n/)
  const first = /^HTTP\/(\d\.\d)[ \t]+(\d{3})(?:[ \t]+(.{0,256}))?/.exec(lines[0] ?? '')
  if (first === null) return null
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  let last = ''
  let count = 0
  for (const line of lines.slice(1)) {
    if (/^[ \t]/.test(line) && last !== '') {
      headers[last] = `${headers[last]} ${line.trim()}`.slice(0, valueMost)
      continue
    }
    const colon = line.indexOf(':')
    if (colon < 1 || count >= headersMost) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/.test(name) || name === '__proto__') continue
    const value = line.slice(colon + 1).trim().slice(0, valueMost)
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}${name === 'set-cookie' ? '\n' : ', '}${value}`.slice(0, valueMost)
    last = name
    count += 1
  }
  return { version: first[1]!, status: Number(first[2]), reason: first[3]?.trim() ?? '', headers: { ...headers }, length: text.length }
}

/**
 * Follows a chunked body as it arrives. Called with all bytes so far, it goes on where it stopped; `end` is set once the last chunk and its
 * trailers are in, or the framing is broken (then what came counts).
 */
export function chunkReader(most: number): { feed(bytes: Uint8Array): number | null; parts(bytes: Uint8Array): Uint8Array; cut(): boolean } {
  const pieces: [start: number, end: number][] = []
  let at = 0
  let taken = 0
  let broken = false

  function feed(bytes: Uint8Array): number | null {
    for (;;) {
      const lineEnd = bytes.indexOf(10, at)
      if (lineEnd < 0) return bytes.length - at > 4096 ? stop(bytes.length) : null
      const size = /^\s*([0-9a-fA-F]{1,8})\s*(?:;.*)?\r?$/.exec(Buffer.from(bytes.subarray(at, Math.min(lineEnd, at + 1024))).toString('latin1'))?.[1]
      if (size === undefined) return stop(bytes.length)
      const length = Number.parseInt(size, 16)
      const start = lineEnd + 1
      if (length === 0) {
        const done = bytes[start] === 10 ? start + 1 : bytes[start] === 13 && bytes[start + 1] === 10 ? start + 2 : headEnd(bytes.subarray(start))
        if (done === null) return bytes.length - start > 8192 ? stop(bytes.length) : null
        return bytes[start] === 10 || bytes[start] === 13 ? done : start + done
      }
      if (taken + length > most) {
        const room = start + most - taken
        if (bytes.length < room) return null
        pieces.push([start, room])
        return stop(room)
      }
      if (bytes.length < start + length + 1) return null
      if (bytes[start + length] === 13 && bytes.length < start + length + 2) return null
      pieces.push([start, start + length])
      taken += length
      at = start + length + (bytes[start + length] === 13 ? 2 : 1)
    }
  }

  function stop(end: number): number {
    broken = true
    return end
  }

  return {
    feed,
    parts: (bytes) => Buffer.concat(pieces.map(([start, end]) => bytes.subarray(start, Math.min(end, bytes.length)))),
    cut: () => broken,
  }
}
