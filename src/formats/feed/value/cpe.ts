import type { Affected } from '#core/knowledge/affected.ts'

export type CpeName = Readonly<{
  part: 'a' | 'o' | 'h'
  /** `vendor:product`, lower case, unescaped. */
  name: string
  /** `*` any, `-` none; unescaped. */
  version: string
  update: string
  edition: string
  softwareEdition: string
  targetSoftware: string
  targetHardware: string
}>

const longest = 1000

/** Reads a CPE name of either binding, `cpe:2.3:a:…` or `cpe:/a:…`; null when it is none or names no product. */
export function readCpe(text: unknown): CpeName | null {
  if (typeof text !== 'string' || text.length > longest) return null
  if (text.startsWith('cpe:2.3:')) return readFormatted(text)
  return text.startsWith('cpe:/') ? readUri(text) : null
}

function readFormatted(text: string): CpeName | null {
  const parts = text.includes('\\') ? splitEscaped(text) : text.toLowerCase().split(':')
  if (parts.length < 5 || parts.length > 13) return null
  return nameOf(parts[2]!, parts.slice(3))
}

/** `\:` is no separator. */
function splitEscaped(text: string): string[] {
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (letter === '\\' && at + 1 < text.length) part += text[++at]!
    else if (letter === ':') {
      parts.push(part.toLowerCase())
      part = ''
    } else part += letter
  }
  parts.push(part.toLowerCase())
  return parts
}

/** `cpe:/a:vendor:product:version:update:~edition~sw~target~hardware~other:language`. */
function readUri(text: string): CpeName | null {
  const parts = text.slice(5).split(':').map(decode)
  const [part, vendor, product, version, update, edition] = parts
  if (part === undefined || vendor === undefined || product === undefined) return null
  const packed = edition?.startsWith('~') === true ? edition.split('~') : null
  const [, plain, software, target, hardware] = packed ?? ['', edition, '', '', '']
  return nameOf(part, [vendor, product, version ?? '', update ?? '', plain ?? '', '', software ?? '', target ?? '', hardware ?? ''])
}

function decode(text: string): string {
  if (!text.includes('%')) return text.toLowerCase()
  try {
    return decodeURIComponent(text).toLowerCase()
  } catch {
    return text.toLowerCase()
  }
}

function nameOf(part: string, fields: readonly string[]): CpeName | null {
  if (part !== 'a' && part !== 'o' && part !== 'h') return null
  const [vendor = '', product = ''] = fields
  // oxlint-disable-next-line no-control-regex
  if (!isNamed(vendor) || !isNamed(product) || /[\u0000-\u001f]/.test(vendor + product)) return null
  const field = (index: number): string => (fields[index] === undefined || fields[index] === '' ? '*' : fields[index])
  return {
    part, name: `${vendor}:${product}`, version: field(2), update: field(3), edition: field(4), softwareEdition: field(6), targetSoftware: field(7), targetHardware: field(8),
  }
}

function isNamed(text: string): boolean {
  return text !== '' && text !== '*' && text !== '-' && text.length <= 140
}

/** What it says beyond product and version, or undefined when that is nothing. */
export function cpeAttributes(cpe: CpeName): Affected['cpe'] {
  const { update, edition, softwareEdition, targetSoftware, targetHardware } = cpe
  if (update === '*' && edition === '*' && softwareEdition === '*' && targetSoftware === '*' && targetHardware === '*') return undefined
  return {
    ...(update === '*' ? {} : { update }), ...(edition === '*' ? {} : { edition }), ...(softwareEdition === '*' ? {} : { softwareEdition }),
    ...(targetSoftware === '*' ? {} : { targetSoftware }), ...(targetHardware === '*' ? {} : { targetHardware }),
  }
}

/** A name in the way of CPE from what people write: `Connect Secure` → `connect_secure`. Null when nothing of it is a name. */
export function cpeWord(text: string): string | null {
  const word = text.trim().toLowerCase().replace(/[\s_]+/g, '_').replace(/[^a-z0-9_.!+~&-]/g, '').slice(0, 100)
  return word === '' || /^(n_?\/?a|unknown|unspecified|not_specified|none|-|_)+$/.test(word) ? null : word
}
