import type { Affected } from '#core/knowledge/affected.ts'
import { parseCpe } from '#core/version/cpe.ts'

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

/** Reads a CPE name of either binding, `cpe:2.3:a:…` or `cpe:/a:…`; null when it is none or names no product. */
export function readCpe(text: unknown): CpeName | null {
  const cpe = typeof text === 'string' ? parseCpe(text) : null
  if (cpe === null || !isNamed(cpe.vendor) || !isNamed(cpe.product)) return null
  const field = (value: string | null): string => (value === null ? '*' : value === '' ? '-' : value)
  return {
    part: cpe.part, name: `${cpe.vendor}:${cpe.product}`, version: field(cpe.version), update: field(cpe.update), edition: field(cpe.edition),
    softwareEdition: field(cpe.softwareEdition), targetSoftware: field(cpe.targetSoftware), targetHardware: field(cpe.targetHardware),
  }
}

function isNamed(text: string | null): text is string {
  // oxlint-disable-next-line no-control-regex
  return text !== null && text !== '' && text.length <= 140 && !/[\u0000-\u001f]/.test(text)
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
