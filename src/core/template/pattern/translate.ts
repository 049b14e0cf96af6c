import type { Pattern } from '../plan.ts'
import { emitPattern } from './emit.ts'
import { needsOf } from './needs.ts'
import { BadPattern } from './node.ts'
import { parsePattern } from './parse.ts'

/**
 * Go's regular expression (RE2) over text as V8's over bytes: same matches, same groups. A class or a dot under a large count takes bytes where Go takes characters; `(?i)k` takes no Kelvin sign, `(?i)s` no long s. Throws `BadPattern`, which
 * says in what it cannot be had.
 */
export function translatePattern(original: string): Pattern {
  const ways = parsePattern(original)
  const { source, flags } = emitPattern(ways)
  try {
    void new RegExp(source, flags)
  } catch (error) {
    throw new BadPattern(error instanceof Error ? error.message.slice(0, 200) : 'V8 refuses it')
  }
  return { source, flags, needs: needsOf(ways), original }
}

/** The same for asking only whether it matches: what may be nothing at its beginning or its end decides nothing, and costs much (`.*?error.*`). */
export function searchPattern({ original }: Pattern): Readonly<{ source: string; flags: string }> {
  const ways = parsePattern(original).map((row) => {
    const isNeeded = (node: (typeof row)[number]): boolean => node.kind !== 'repeat' || node.least > 0
    const first = row.findIndex(isNeeded)
    return first < 0 ? [] : row.slice(first, row.findLastIndex(isNeeded) + 1)
  })
  return emitPattern(ways)
}
