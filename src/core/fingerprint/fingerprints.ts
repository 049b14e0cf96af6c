import type { Fingerprint } from '../knowledge/record.ts'
import { BadPattern } from './pattern-tree.ts'
import { translatePattern } from './translate.ts'

export type FingerprintMatch = Readonly<{
  fingerprint: Fingerprint
  /** What the pattern says of the software: `service.vendor`, `service.product`, `service.version`, `service.cpe23`, `os.…`, `hw.…`, `host.…`; empty where the pattern found nothing there. */
  params: ReadonlyMap<string, string>
}>

export type Fingerprints = Readonly<{
  size: number
  /** The first match in file order among the patterns for this kind of text (`ssh.banner`), or null. Texts are cut at 4,096 characters. */
  find(matches: string, text: string): FingerprintMatch | null
  /** Whether there is any pattern for this kind of text. */
  knows(matches: string): boolean
  /** Patterns that cannot be used, with why; they are compiled the first time their kind is asked for, so that this asks for all. */
  unusable(): readonly Readonly<{ fingerprint: Fingerprint; problem: string }>[]
}>

type Ready = Readonly<{ fingerprint: Fingerprint; needs: readonly string[]; source: string; pattern: { compiled: RegExp | null } }>
type Bad = Readonly<{ fingerprint: Fingerprint; problem: string }>

const longestText = 4096

/** Makes a list of fingerprints ready to be asked. Cheap: patterns are translated when their kind is first asked for, and compiled when a text may match. */
export function compileFingerprints(list: readonly Fingerprint[]): Fingerprints {
  const byKind = new Map<string, Fingerprint[]>()
  for (const fingerprint of list) {
    const same = byKind.get(fingerprint.matches)
    if (same === undefined) byKind.set(fingerprint.matches, [fingerprint])
    else same.push(fingerprint)
  }
  const ready = new Map<string, readonly Ready[]>()
  const bad: Bad[] = []

  const readyFor = (matches: string): readonly Ready[] => {
    const known = ready.get(matches)
    if (known !== undefined) return known
    const sorted = (byKind.get(matches) ?? []).toSorted((one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : one.order - other.order))
    const made = sorted.map((fingerprint) => prepare(fingerprint, bad)).filter((one) => one !== null)
    ready.set(matches, made)
    return made
  }

  return {
    size: list.length,
    knows: (matches) => byKind.has(matches),
    find(matches, whole) {
      const text = whole.length > longestText ? whole.slice(0, longestText) : whole
      const lower = text.toLowerCase()
      for (const one of readyFor(matches)) {
        if (one.needs.length > 0 && !one.needs.some((need) => lower.includes(need))) continue
        one.pattern.compiled ??= compiled(one.source)
        const found = one.pattern.compiled.exec(text)
        if (found !== null) return { fingerprint: one.fingerprint, params: paramsOf(one.fingerprint, found) }
      }
      return null
    },
    unusable() {
      for (const matches of byKind.keys()) readyFor(matches)
      return bad
    },
  }
}

/** A pattern too large for the machine matches nothing, rather than to end the scan. */
function compiled(source: string): RegExp {
  try {
    return new RegExp(source, 'm')
  } catch {
    return /(?!)/
  }
}

function prepare(fingerprint: Fingerprint, bad: Bad[]): Ready | null {
  try {
    const { source, needs } = translatePattern(fingerprint.pattern, fingerprint.flags)
    return { fingerprint, needs, source, pattern: { compiled: null } }
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error
    bad.push({ fingerprint, problem: error.message })
    return null
  }
}

function paramsOf(fingerprint: Fingerprint, found: RegExpExecArray): ReadonlyMap<string, string> {
  const params = new Map<string, string>()
  for (const { pos, name, value } of fingerprint.params) {
    const said = pos === 0 ? value : found.groups?.[`g${pos}`]
    if (said !== undefined) params.set(name, said)
  }
  for (const [name, value] of params) if (value.includes('{')) params.set(name, interpolated(name, value, params))
  return params
}

/** `{service.version}` becomes that param. Inside a CPE an unknown one is `-`, as its source has it; elsewhere it is nothing. */
function interpolated(name: string, value: string, params: ReadonlyMap<string, string>): string {
  return value.replace(/\{([a-z0-9_.]{1,80})\}/gi, (_, other: string) => {
    const known = other === name ? undefined : params.get(other)
    return known !== undefined && known !== '' ? known : (name.endsWith('cpe23') ? '-' : '')
  })
}
