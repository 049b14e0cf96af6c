/**
 * A CPE 2.3 name, as `cpe:2.3:a:vendor:product:version:update:edition:language:sw_edition:target_sw:target_hw:other`, or a 2.2
 * URI (`cpe:/a:vendor:product:version`). Values are lower case and unescaped; null stands for ANY (`*` or left out), '' for NA
 * (`-`: there is none).
 */
export type CpeName = Readonly<{
  part: 'a' | 'o' | 'h'
  vendor: string | null
  product: string | null
  version: string | null
  update: string | null
  edition: string | null
  language: string | null
  softwareEdition: string | null
  targetSoftware: string | null
  targetHardware: string | null
  other: string | null
}>

const longest = 1024

/** Null for what is no CPE name. */
export function parseCpe(text: string): CpeName | null {
  if (text.length > longest) return null
  const lower = text.trim().toLowerCase()
  if (lower.startsWith('cpe:2.3:')) {
    const values = splitUnescaped(lower.slice(8))
    return values.length === 11 ? nameOf(values.map(unescape)) : null
  }
  if (!lower.startsWith('cpe:/')) return null
  const values = lower.slice(5).split(':')
  if (values.length > 7) return null
  const [part, vendor, product, version, update, edition, language] = values.map(unescapeUri)
  // A packed edition: `~edition~sw_edition~target_sw~target_hw~other`.
  const packed = (values[5] ?? '').startsWith('~') ? values[5]!.split('~').slice(1).map(unescapeUri) : null
  if (packed !== null && packed.length !== 5) return null
  const [plain, softwareEdition, targetSoftware, targetHardware, other] = packed ?? [edition]
  const names = [part, vendor, product, version, update, plain, language, softwareEdition, targetSoftware, targetHardware, other]
  return nameOf(names.map((value) => value ?? null))
}

function nameOf(values: readonly (string | null)[]): CpeName | null {
  const [part] = values
  if (part !== 'a' && part !== 'o' && part !== 'h') return null
  const at = (index: number): string | null => values[index] ?? null
  return {
    part, vendor: at(1), product: at(2), version: at(3), update: at(4), edition: at(5), language: at(6), softwareEdition: at(7),
    targetSoftware: at(8), targetHardware: at(9), other: at(10),
  }
}

/** At colons that no backslash stands before. */
function splitUnescaped(text: string): string[] {
  const values: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === ':') {
      values.push(text.slice(start, index))
      start = index + 1
    }
  }
  values.push(text.slice(start))
  return values
}

function unescape(value: string): string | null {
  if (value === '*' || value === '') return null
  if (value === '-') return ''
  return value.includes('\\') ? value.replace(/\\(.)/g, '$1') : value
}

function unescapeUri(value: string): string | null {
  if (value === '') return null
  if (value === '-') return ''
  const wild: Readonly<Record<string, string>> = { '01': '?', '02': '*' }
  return value.replace(/%([0-9a-f]{2})/g, (_, digits: string) => wild[digits] ?? String.fromCharCode(Number.parseInt(digits, 16)))
}

/**
 * Version and update as one version to compare: `9.2` with update `p1` is `9.2-p1`, with `rc1` it comes before `9.2`. Null when
 * the name has no version.
 */
export function cpeVersion(name: Pick<CpeName, 'version' | 'update'>): string | null {
  if (name.version === null || name.version === '') return null
  return name.update === null || name.update === '' ? name.version : `${name.version}-${name.update}`
}
