import type { Pattern } from '../plan.ts'
import { emitPattern } from './emit.ts'
import { needsOf } from './needs.ts'
import { BadPattern } from './node.ts'
import { parsePattern } from './parse.ts'
import { shortened } from './shorten.ts'

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

/** The same for asking only whether it matches: how often something repeats at its beginning or its end decides nothing beyond the least, and costs much (`.*?error.*`, `[a-z]+@[a-z]+`). */
export function searchPattern({ original }: Pattern): Readonly<{ source: string; flags: string }> {
  return emitPattern(parsePattern(original).map((row) => shortened(row)))
}
