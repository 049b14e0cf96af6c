/** Most of a response's head; of one header; headers in all. */
export const headMost = 65_536
const valueMost = 8192
const nameMost = 128
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
  if (head.charCodeAt(8) === 32 && head.startsWith('HTTP/1.') && isDigit(head, 7) && isDigit(head, 9) && isDigit(head, 10) && isDigit(head, 11) && head.charCodeAt(12) === 32) {
    return { version: head.slice(5, 8), status: Number(head.slice(9, 12)), reason: trimmed(head, 13, Math.min(269, lineEnd(head))) }
  }
  const first = /^HTTP\/(\d(?:\.\d)?)[ \t]+(\d{3})(?!\d)(?:[ \t]+([^\r\n]{0,256}))?/.exec(head)
  return first === null ? null : { version: first[1]!, status: Number(first[2]), reason: first[3]?.trim() ?? '' }
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

function lineEnd(head: string): number {
  const end = head.indexOf('\n')
  return end < 0 ? head.length : end
}

export type HeaderList = readonly (readonly [name: string, value: string])[]

/** The headers as they came, at most 200; folded lines are joined, lines that are none are left out. */
export function headerList(head: string): HeaderList {
  const headers: [string, string][] = []
  for (let at = head.indexOf('\n') + 1, next = 0; at > 0 && at < head.length; at = next) {
    const feed = head.indexOf('\n', at)
    const end = feed < 0 ? head.length : feed
    next = end + 1
    const first = head.charCodeAt(at)
    if (first === 32 || first === 9) {
      const last = headers.at(-1)
      if (last !== undefined) last[1] = `${last[1]} ${head.slice(at, end).trim()}`.slice(0, valueMost)
      continue
    }
    const colon = head.indexOf(':', at)
    if (colon <= at || colon >= end || headers.length >= headersMost) continue
    const name = tokenIn(head, at, colon)
    if (name !== '') headers.push([name, trimmed(head, colon + 1, end)])
  }
  return headers
}

/** The name of a header, or '' where it is none. Spaces before the colon are forgiven. */
function tokenIn(head: string, from: number, colon: number): string {
  let end = colon
  while (end > from && head.charCodeAt(end - 1) <= 32) end -= 1
  if (end === from || end - from > nameMost) return ''
  for (let at = from; at < end; at++) if (!isToken(head.charCodeAt(at))) return ''
  return head.slice(from, end)
}

function trimmed(head: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && head.charCodeAt(start) <= 32) start += 1
  while (end > start && head.charCodeAt(end - 1) <= 32) end -= 1
  return head.slice(start, Math.min(end, start + valueMost))
}

const tokens = new Uint8Array(256)
for (const letter of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") tokens[letter.charCodeAt(0)] = 1

function isToken(code: number): boolean {
  return tokens[code] === 1
}

/** What names are spelt in lower case. Servers use the same few; a hostile one cannot fill it, and its own names are just made anew. */
const spellings = new Map<string, string>()
const spellingsMost = 512

function lowered(spelt: string): string {
  const known = spellings.get(spelt)
  if (known !== undefined) return known
  const name = spelt.toLowerCase()
  if (spellings.size < spellingsMost) spellings.set(spelt, name)
  return name
}

/** Names in lower case; repeats joined by `, `, those of set-cookie by a line feed. */
export function headerMap(list: HeaderList): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (let at = 0; at < list.length; at++) {
    const [spelt, value] = list[at]!
    const name = lowered(spelt)
    if (name === '__proto__') continue
    if (Object.hasOwn(headers, name)) headers[name] = `${headers[name]}${name === 'set-cookie' ? '\n' : ', '}${value}`.slice(0, valueMost)
    else headers[name] = value
  }
  return headers
}
