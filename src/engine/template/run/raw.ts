import { bytesOf } from '#core/template/bytes.ts'

/** A request as a template writes it out: bytes as Latin-1. */
export type RawRequest = Readonly<{ method: string; target: string; headers: readonly (readonly [string, string])[]; body: string }>

/**
 * Reads a written request as people write them: lines end as they like, values have blanks around them, a header that comes twice counts as it came last. Null when it has no request line.
 * Lines that begin with `@` before it are notes for the runner, read long ago.
 */
export function parseRaw(text: string): RawRequest | null {
  let rest = text
  while (/^(?:@[^\n]*\n|\s*\n)/.test(rest)) rest = rest.slice(rest.indexOf('\n') + 1)
  const first = lineOf(rest)
  const parts = first.line.split(/[ \t]+/).filter((part) => part !== '')
  if (parts.length < 2) return null
  // `GET HTTP/1.1`: the path is left as it is.
  const target = parts.length === 2 && parts[1]!.includes('HTTP') ? '' : parts[1]!
  rest = first.rest
  const headers: (readonly [string, string])[] = []
  let isMultipart = false
  for (;;) {
    const { line, rest: after, last } = lineOf(rest)
    rest = after
    const trimmed = line.trim()
    if (trimmed === '') break
    const colon = trimmed.indexOf(':')
    const name = (colon < 0 ? trimmed : trimmed.slice(0, colon)).trim()
    const value = colon < 0 ? '' : trimmed.slice(colon + 1).trim()
    if (name.includes('Content-Type') && value.includes('multipart/')) isMultipart = true
    const known = headers.findIndex(([other]) => other === name)
    if (known < 0) headers.push([name, value])
    else headers[known] = [name, value]
    if (last) break
  }
  const body = isMultipart || !rest.endsWith('\r\n') ? rest : rest.slice(0, -2)
  return { method: parts[0]!, target: relative(target), headers, body }
}

function lineOf(text: string): Readonly<{ line: string; rest: string; last: boolean }> {
  const end = text.indexOf('\n')
  if (end < 0) return { line: text, rest: '', last: true }
  return { line: text.slice(0, end).replace(/\r$/, ''), rest: text.slice(end + 1), last: false }
}

/** What stands after the host in a whole URL; anything else as it is. */
export function relative(target: string): string {
  const whole = /^https?:\/\/[^/?#]*/i.exec(target)
  if (whole === null) return target === '' ? '/' : target
  const after = target.slice(whole[0].length)
  return after.startsWith('/') ? after : `/${after}`
}

/** What no request line can hold goes escaped; the rest stays as the template wrote it, dots, slashes and percent signs included. */
export function onTheLine(target: string): string {
  // eslint-disable-next-line no-control-regex
  return target.replace(/#.*$/s, '').replace(/[\x00-\x20"<>\x7f-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

export const latin1 = (text: string): Uint8Array => Buffer.from(bytesOf8(text), 'latin1')

/** Expressions give bytes already; a text above Latin-1 can only come from a mistake, and is sent as UTF-8. */
function bytesOf8(text: string): string {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\xff]*$/.test(text) ? text : bytesOf(text)
}
