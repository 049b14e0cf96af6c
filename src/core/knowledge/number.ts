/**
 * Our number space for checks, all below 2³¹ (docs/user/check-numbers.md):
 * below 100,000,000 are our own signatures; 100,000,000–999,999,999 are numbers given to what has a name of its own (templates, libraries, life cycles, advisories
 * without a CVE), by a hash of the name, the next free one if it is taken; from 1,000,000,000 on a CVE has the number that its id spells.
 */
const first = 100_000_000
const firstCve = 1_000_000_000
const sequences = 10_000_000

/** `CVE-2024-6387` → 1340006387. Null for what is no CVE id of the years 1990 to 2098. */
export function cveNumber(name: string): number | null {
  const parts = /^CVE-(\d{4})-(\d{4,7})$/.exec(name)
  if (parts === null) return null
  const year = Number(parts[1]) - 1990
  return year < 0 || year > 108 ? null : firstCve + year * sequences + Number(parts[2])
}

/** The inverse of `cveNumber`, or null for a number that is no CVE's. */
export function cveOfNumber(number: number): string | null {
  if (number < firstCve || number > 2_147_483_647) return null
  const rest = number - firstCve
  return `CVE-${1990 + Math.floor(rest / sequences)}-${String(rest % sequences).padStart(4, '0')}`
}

/** Where the search for a free number starts: FNV-1a over the text, spread over 900 million. */
export function namedNumber(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0
  return first + (hash % (firstCve - first))
}

export function nextNumber(number: number): number {
  return number + 1 >= firstCve ? first : number + 1
}
