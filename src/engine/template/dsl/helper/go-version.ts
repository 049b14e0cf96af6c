/** Versions as hashicorp/go-version reads and compares them, which is what `compare_versions` means. */
export type GoVersion = Readonly<{ segments: readonly bigint[]; given: number; pre: string }>

const written = '(?:v)?([0-9]+(?:\\.[0-9]+)*?)(?:-([0-9]+[0-9A-Za-z\\-~]*(?:\\.[0-9A-Za-z\\-~]+)*)|-?([A-Za-z\\-~]+[0-9A-Za-z\\-~]*(?:\\.[0-9A-Za-z\\-~]+)*))?(?:\\+[0-9A-Za-z\\-~]+(?:\\.[0-9A-Za-z\\-~]+)*)?'
const whole = new RegExp(`^${written}$`)
const constraint = new RegExp(`^\\s*(=|!=|>=|<=|~>|>|<|)\\s*(${written})\\s*$`)
const longest = 200

export function parseVersion(text: string): GoVersion | null {
  const found = text.length > longest ? null : whole.exec(text)
  if (found === null) return null
  const segments = found[1]!.split('.').map(BigInt)
  const given = segments.length
  while (segments.length < 3) segments.push(0n)
  return { segments, given, pre: found[2] ?? found[3] ?? '' }
}

/** Whether a version is in a range as `>= 1.2, < 2.0`; null for what is no range. */
export function inRange(version: GoVersion, range: string): boolean | null {
  let holds = true
  for (const part of range.split(',')) {
    const found = part.length > longest ? null : constraint.exec(part)
    const bound = found === null ? null : parseVersion(found[2]!)
    if (bound === null) return null
    holds &&= check(version, found![1]!, bound)
  }
  return holds
}

function check(version: GoVersion, sign: string, bound: GoVersion): boolean {
  const order = compare(version, bound)
  switch (sign) {
    case '':
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return comparable(version, bound) && order > 0
    case '<':
      return comparable(version, bound) && order < 0
    case '>=':
      return comparable(version, bound) && order >= 0
    case '<=':
      return comparable(version, bound) && order <= 0
    default:
      return isNear(version, bound, order)
  }
}

/** What comes before a release is compared only with what comes before the same release. */
function comparable(version: GoVersion, bound: GoVersion): boolean {
  if (version.pre === '') return true
  return bound.pre !== '' && version.segments.length === bound.segments.length && version.segments.every((one, at) => one === bound.segments[at])
}

function isNear(version: GoVersion, bound: GoVersion, order: number): boolean {
  if (!comparable(version, bound) || (bound.pre !== '' && version.pre === '') || order < 0 || bound.segments.length > version.segments.length) return false
  for (let at = 0; at < bound.given - 1; at++) if (version.segments[at] !== bound.segments[at]) return false
  const last = bound.segments.length - 1
  return bound.segments[last]! <= version.segments[last]!
}

export function compare(one: GoVersion, other: GoVersion): number {
  for (let at = 0; at < Math.max(one.segments.length, other.segments.length); at++) {
    const by = (one.segments[at] ?? 0n) - (other.segments[at] ?? 0n)
    if (by !== 0n) return by < 0n ? -1 : 1
  }
  if (one.pre === other.pre) return 0
  if (one.pre === '' || other.pre === '') return one.pre === '' ? 1 : -1
  const [a, b] = [one.pre.split('.'), other.pre.split('.')]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const by = comparePart(a[at] ?? '', b[at] ?? '')
    if (by !== 0) return by
  }
  return 0
}

function comparePart(one: string, other: string): number {
  if (one === other) return 0
  const [isNumber, isOther] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (one === '') return isOther ? -1 : 1
  if (other === '') return isNumber ? 1 : -1
  if (isNumber !== isOther) return isNumber ? -1 : 1
  if (isNumber) return BigInt(one) > BigInt(other) ? 1 : -1
  return one > other ? 1 : -1
}
