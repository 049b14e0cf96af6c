import { placeOf, type Columns } from './columns.ts'
import type { Mask } from './text.ts'

/** How a text reads as an id: of one CVE, of those that begin like it, or of none. */
export type Identifier = Readonly<{ year: number; digits: string }> | null

/** `CVE-2024-6387`, `cve-2024-63`, `2024-6387`, `cve-2024`. */
export function identifierIn(text: string): Identifier {
  const found = /^(?:cve[-\s]?)((?:19|20)\d{2})(?:-(\d{0,7}))?$/i.exec(text) ?? /^((?:19|20)\d{2})-(\d{3,7})$/.exec(text)
  return found === null ? null : { year: Number(found[1]), digits: found[2] ?? '' }
}

/** Marks what begins with the id in `begins`, and the id itself in `exact`. Returns whether there was any. */
export function markIdentifier(columns: Columns, { year, digits }: NonNullable<Identifier>, begins: Mask, exact: Mask): boolean {
  const first = 1_000_000_000 + (year - 1990) * 10_000_000
  const whole = digits.length >= 4 ? placeOf(columns, first + Number(digits)) : -1
  let any = false
  if (whole >= 0) {
    exact[whole] = 1
    begins[whole] = 1
    any = true
  }
  let at = placeOf(columns, first)
  if (at < 0) at = -at - 1
  for (; at < columns.count && columns.id[at]! < first + 10_000_000; at++) {
    const sequence = columns.id[at]! - first
    if (digits !== '' && !(sequence < 1000 ? String(sequence).padStart(4, '0') : String(sequence)).startsWith(digits)) continue
    begins[at] = 1
    any = true
  }
  return any
}
