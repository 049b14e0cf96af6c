import { BadExpr } from './bad-expr.ts'

const longestPattern = 512
const mostRepeat = 1000

/**
 * Compiles a pattern of the linear-time subset: no look-around and no back-reference, since V8's linear engine (see bin/vigil.js)
 * can take over only where there are none.
 */
export function compilePattern(source: string, flags: string, at: string): RegExp {
  if (typeof source !== 'string' || source === '' || source.length > longestPattern)
    throw new BadExpr(at, `pattern must have 1 to ${longestPattern} characters`)
  if (!['', 'i', 's', 'is'].includes(flags)) throw new BadExpr(at, `flags '${flags}' are not allowed, only i and s`)
  // Escaped backslashes go first, then escaped brackets and classes, so that only real groups are left.
  const bare = source.replace(/\\\\/g, '__')
  if (/\\[1-9]|\\k</.test(bare)) throw new BadExpr(at, 'back-references are not allowed')
  const outside = bare.replace(/\\[^\dk]/g, '__').replace(/\[[^\]]*\]/g, '_')
  if (/\(\?<?[=!]/.test(outside)) throw new BadExpr(at, 'look-around is not allowed')
  for (const [, least, most] of outside.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    if (Number(least) > mostRepeat || Number(most ?? 0) > mostRepeat)
      throw new BadExpr(at, `repeats more than ${mostRepeat} times`)
  }
  // A repeated group that itself repeats without bound is what makes matching slow.
  if (/\([^()]*[*+][^()]*\)[*+]/.test(outside)) throw new BadExpr(at, 'repeats a group that repeats')
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new BadExpr(at, `is not a pattern: ${(error as Error).message}`)
  }
}
