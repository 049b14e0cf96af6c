/** Most of a response's head; of one header; headers in all. */
export const headMost = 65_536
const valueMost = 8192
const headersMost = 200

/** Where the head ends, or -1 while it has not. Tolerates bare line feeds. `from`: bytes already looked at. */
export function headEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== 10) continue
    if (at + 1 < end && bytes[at + 1] === 10) return at + 2
    if (at + 2 < end && bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3
  }
  return -1
}

export type StatusLine = Readonly<{ version: string; status: number; reason: string }>

/** Lenient: what real servers send is more various than any RFC. null: it does not begin like HTTP/1. */
export function statusLine(head: string): StatusLine | null {
  const first = /^HTTP\/(\d(?:\.\d)?)[ \t]+(\d{3})(?!\d)(?:[ \t]+([^\r\n]{0,256}))?/.exec(head)
  return first === null ? null : { version: first[1]!, status: Number(first[2]), reason: first[3]?.trim() ?? '' }
}

export type HeaderList = readonly (readonly [name: string, value: string])[]

/** The headers as they came, at most 200; folded lines are joined, lines that are none are left out. */
export function headerList(head: string): HeaderList {
  const headers: [string, string][] = []
  for (let at = head.indexOf('\n') + 1, next = 0; at > 0 && at < head.length; at = next) {
    const end = head.indexOf('\n', at)
    next = end < 0 ? head.length : end + 1
    const line = head.slice(at, end < 0 ? head.length : head.charCodeAt(end - 1) === 13 ? end - 1 : end)
    const first = line.charCodeAt(0)
    const last = headers.at(-1)
    if ((first === 32 || first === 9) && last !== undefined) {
      last[1] = `${last[1]} ${line.trim()}`.slice(0, valueMost)
      continue
    }
    const colon = line.indexOf(':')
    if (colon < 1 || headers.length >= headersMost) continue
    const name = line.slice(0, colon).trim()
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(name)) continue
    headers.push([name, line.slice(colon + 1).trim().slice(0, valueMost)])
  }
  return headers
}

/** Names in lower case; repeats joined by `, `, those of set-cookie by a line feed. */
export function headerMap(list: HeaderList): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [spelt, value] of list) {
    const name = spelt.toLowerCase()
    if (name === '__proto__') continue
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}${name === 'set-cookie' ? '\n' : ', '}${value}`.slice(0, valueMost)
  }
  return { ...headers }
}
