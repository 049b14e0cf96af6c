import { encoded } from '#core/template/bytes.ts'
import type { Helper } from '../call.ts'
import { entities } from './entities.ts'
import { fromBuffer, none, text, toBuffer } from './argument.ts'

/** Helpers that write a text in another way. */
export const codeHelpers: Readonly<Record<string, Helper>> = {
  base64: ([of]) => base64(text(of)),
  base64py: ([of]) => `${base64(text(of)).replace(/.{76}(?=.)/g, '$&\n')}\n`,
  base64decode: ([of]) => unbase64(text(of)),
  hexencode: ([of]) => toBuffer(text(of)).toString('hex'),
  hexdecode: ([of]) => (/^(?:[0-9a-fA-F]{2})*$/.test(text(of)) ? fromBuffer(Buffer.from(text(of), 'hex')) : none('it is not hex')),
  urlencode: ([of]) => text(of).replace(/[^A-Za-z0-9\-_.~]/g, (byte) => (byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)),
  urldecode: ([of]) => {
    if (/%(?![0-9A-Fa-f]{2})/.test(text(of))) none('a percent sign without two digits')
    return text(of).replace(/\+/g, ' ').replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
  },
  htmlescape: ([of]) => text(of).replace(/[&<>'"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' })[sign]!),
  htmlunescape: ([of]) => text(of).replace(/&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|([A-Za-z]\w{1,30}));/g, (all, hex?: string, decimal?: string, name?: string) => {
    const code = hex !== undefined ? parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : entities[name!]
    return code === undefined || code > 0x10ffff || code === 0 ? all : encoded(code)
  }),
  jsonminify: ([of]) => goJson(sorted(object(text(of)))),
  jsonprettify: ([of]) => {
    const bytes = text(of)
    parsed(bytes)
    return indented(bytes)
  },
}

export function base64(bytes: string): string {
  return toBuffer(bytes).toString('base64')
}

function unbase64(written: string): string {
  const plain = written.replace(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(plain)) none('it is not base64')
  return fromBuffer(Buffer.from(plain, 'base64'))
}

export function parsed(bytes: string): unknown {
  try {
    // Bytes as they are: in JSON nothing but quotes and what is in them can be beyond ASCII.
    return JSON.parse(bytes) as unknown
  } catch {
    return none('it is no JSON')
  }
}

export function object(bytes: string): Readonly<Record<string, unknown>> {
  const value = parsed(bytes)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : none('it is no JSON object')
}

/** Go writes the keys of a map in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, one]) => [key, sorted(one)]))
}

/** JSON as Go writes it, which escapes what HTML would take. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
}

/** Indented by four spaces; what is written stays as it is written. */
function indented(bytes: string): string {
  let out = ''
  let depth = 0
  for (const token of bytes.match(/"(?:[^"\\]|\\[^])*"|[{}[\],:]|[^\s"{}[\],:]+/g) ?? []) {
    if (token === '}' || token === ']') {
      depth--
      const isEmpty = /[{[]\s*$/.test(out)
      out = isEmpty ? out.trimEnd() + token : `${out}\n${'    '.repeat(depth)}${token}`
    } else if (token === '{' || token === '[') out += `${token}\n${'    '.repeat(++depth)}`
    else if (token === ',') out += `,\n${'    '.repeat(depth)}`
    else out += token === ':' ? ': ' : token
    if (out.length > 16_000_000) none('a text that is too long')
  }
  return out
}
