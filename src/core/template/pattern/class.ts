import { inverted, type Range } from './ranges.ts'

/** Perl's classes, which in RE2 are ASCII only. `\s` has no vertical tab. */
export function perlClass(letter: string): readonly Range[] {
  const members = perl[letter.toLowerCase()]!
  return letter === letter.toLowerCase() ? members : inverted(members)
}

const perl: Readonly<Record<string, readonly Range[]>> = { d: [[48, 57]], s: [[9, 10], [12, 13], [32, 32]], w: [[48, 57], [65, 90], [95, 95], [97, 122]] }

const known = new Map<string, readonly Range[] | null>()

/** A category or script of Unicode by its name (`L`, `Lu`, `Greek`), as this JavaScript knows it; null when there is none. */
export function namedClass(name: string): readonly Range[] | null {
  if (name === 'Any') return [[0, 0x10ffff]]
  let found = known.get(name)
  if (found === undefined) known.set(name, (found = ranges(name)))
  return found
}

function ranges(name: string): readonly Range[] | null {
  const pattern = propertyOf(name)
  if (pattern === null) return null
  const out: Range[] = []
  let from = -1
  for (let code = 0; code <= 0x110000; code++) {
    const isIn = code <= 0x10ffff && pattern.test(String.fromCodePoint(code))
    if (isIn && from < 0) from = code
    else if (!isIn && from >= 0) {
      out.push([from, code - 1])
      from = -1
    }
  }
  return out
}

function propertyOf(name: string): RegExp | null {
  for (const property of [name, `Script=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, 'u')
    } catch {
      continue
    }
  }
  return null
}
