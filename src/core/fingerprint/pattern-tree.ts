/** A pattern of Ruby or Java, taken apart. `source` of a set is already JavaScript, for use outside or as it stands. */
export type PatternNode =
  | Readonly<{ kind: 'letter'; letter: string; ignoreCase: boolean }>
  | Readonly<{ kind: 'set'; source: string }>
  | Readonly<{ kind: 'assert'; source: string; linear: boolean }>
  | Readonly<{ kind: 'group'; open: string; number: number | null; name: string | null; atomic: boolean; look: boolean; alternatives: readonly (readonly PatternNode[])[] }>
  | Readonly<{ kind: 'repeat'; node: PatternNode; least: number; most: number; lazy: boolean; possessive: boolean }>
  | Readonly<{ kind: 'back'; number: number }>

export type PatternTree = Readonly<{ alternatives: readonly (readonly PatternNode[])[]; groups: number }>

/** What the dialect has and this does not read. */
export class BadPattern extends Error {}

type Mode = Readonly<{ ignoreCase: boolean; dotAll: boolean }>

const deepest = 40
const mostRepeats = 1000

/**
 * Parses. `^` and `$` stand at line ends always, as in Ruby; `m` and `s` both let the dot match line ends. Inline flags, named, atomic and looking groups, possessive
 * quantifiers, `\A \z \Z \h`, POSIX classes. Throws `BadPattern`.
 */
export function parsePattern(source: string, mode: Mode): PatternTree {
  let at = 0
  let groups = 0
  let depth = 0

  const fail = (problem: string): never => {
    throw new BadPattern(`${problem} at ${at}`)
  }

  /** Until the closing bracket of the group that is open, or the end. Flags set on the way hold to its end. */
  function alternatives(start: Mode): PatternNode[][] {
    if (++depth > deepest) fail('too many groups in each other')
    const all: PatternNode[][] = [[]]
    let now = start
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at++
        all.push([])
        continue
      }
      const flags = /^\(\?([imsx]*)(-[imsx]+)?\)/.exec(source.slice(at, at + 12))
      if (flags !== null) {
        at += flags[0].length
        now = withFlags(now, flags[1]!, flags[2] ?? '')
        continue
      }
      all.at(-1)!.push(quantified(atom(now)))
    }
    depth--
    return all
  }

  function withFlags(before: Mode, on: string, off: string): Mode {
    if (on.includes('x')) fail('free spacing')
    const set = (now: boolean, letters: RegExp): boolean => (letters.test(on) ? true : letters.test(off) ? false : now)
    return { ignoreCase: set(before.ignoreCase, /i/), dotAll: set(before.dotAll, /[ms]/) }
  }

  function atom(now: Mode): PatternNode {
    const letter = source[at++]!
    if (letter === '(') return group(now)
    if (letter === '[') return { kind: 'set', source: classOf(now) }
    if (letter === '.') return { kind: 'set', source: now.dotAll ? '[^]' : '[^\\n]' }
    if (letter === '^' || letter === '$') return { kind: 'assert', source: letter, linear: true }
    if (letter === '\\') return escape(now)
    if (letter === '*' || letter === '+' || letter === '?') fail('nothing to repeat')
    return { kind: 'letter', letter, ignoreCase: now.ignoreCase }
  }

  function group(now: Mode): PatternNode {
    const rest = source.slice(at, at + 80)
    const special = /^\?(?:([imsx]*)(-[imsx]+)?:|>|=|!|<=|<!|(?:P?<|')([A-Za-z_]\w{0,60})[>'])/.exec(rest)
    if (rest.startsWith('?') && special === null) fail('an unknown kind of group')
    at += special?.[0].length ?? 0
    const head = special?.[0] ?? ''
    const name = special?.[3] ?? null
    const number = head === '' || name !== null ? ++groups : null
    const inner = head.endsWith(':') ? withFlags(now, special![1]!, special![2] ?? '') : now
    const look = /^\?<?[=!]$/.test(head)
    const inside = alternatives(inner)
    if (source[at++] !== ')') fail('an open group')
    return { kind: 'group', open: look ? `(${head}` : '(?:', number, name, atomic: head === '?>', look, alternatives: inside }
  }

  function escape(now: Mode): PatternNode {
    const letter = source[at++] ?? fail('a backslash at the end')
    if (letter === 'A') return { kind: 'assert', source: '(?<![^])', linear: true }
    if (letter === 'z') return { kind: 'assert', source: '(?![^])', linear: false }
    if (letter === 'Z') return { kind: 'assert', source: '(?=\\n?(?![^]))', linear: false }
    if (letter === 'b' || letter === 'B') return { kind: 'assert', source: `\\${letter}`, linear: true }
    if (/[1-9]/.test(letter)) return { kind: 'back', number: Number(letter) }
    at -= 1
    const { source: piece, letter: plain } = escaped()
    return plain === null ? { kind: 'set', source: piece } : { kind: 'letter', letter: plain, ignoreCase: now.ignoreCase }
  }

  /** An escape that stands for one character or a set of them, inside a class or outside. `at` is behind the backslash. */
  function escaped(): Readonly<{ source: string; letter: string | null }> {
    const letter = source[at++] ?? fail('a backslash at the end')
    if (/[dDwWsS]/.test(letter)) return { source: `\\${letter}`, letter: null }
    if (letter === 'h') return { source: '[0-9a-fA-F]', letter: null }
    if (letter === 'H') return { source: '[^0-9a-fA-F]', letter: null }
    const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07', e: '\x1b', 0: '\0' }
    if (Object.hasOwn(controls, letter)) return { source: '', letter: controls[letter]! }
    const code = letter === 'x' ? /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{1,2}))/.exec(source.slice(at, at + 8)) : letter === 'u' ? /^([0-9A-Fa-f]{4})/.exec(source.slice(at, at + 4)) : null
    if (code !== null) {
      at += code[0].length
      return { source: '', letter: String.fromCodePoint(Math.min(0x10ffff, parseInt((code[1] ?? code[2])!, 16))) }
    }
    if (/[A-Za-z0-9]/.test(letter)) fail(`the escape \\${letter}`)
    return { source: '', letter }
  }

  function classOf(now: Mode): string {
    const negated = source[at] === '^'
    if (negated) at++
    let inside = ''
    for (let first = true; ; first = false) {
      const letter = source[at] ?? fail('an open class')
      if (letter === ']' && !first) break
      if (letter === '&' && source[at + 1] === '&') fail('an intersection of classes')
      if (letter === '[') inside += posix()
      else inside += range(now)
    }
    at++
    return `[${negated ? '^' : ''}${inside}]`
  }

  function posix(): string {
    const found = /^\[:(\^?)([a-z]+):\]/.exec(source.slice(at, at + 14))
    if (found === null) {
      at++
      return '\\['
    }
    at += found[0].length
    const members = posixClasses[found[2]!]
    if (found[1] === '^' || members === undefined) fail('an unknown class')
    return members!
  }

  function range(now: Mode): string {
    const from = one()
    if (from.letter === null) return from.source.startsWith('[^') ? fail('a negated set in a class') : from.source.replace(/^\[|\]$/g, '')
    if (source[at] === '-' && source[at + 1] !== ']' && at + 1 < source.length && source[at + 1] !== '[') {
      at++
      const to = one()
      if (to.letter === null || to.letter < from.letter) fail('a range that is none')
      return rangeSource(from.letter, to.letter!, now.ignoreCase)
    }
    return rangeSource(from.letter, from.letter, now.ignoreCase)
  }

  function one(): Readonly<{ source: string; letter: string | null }> {
    const letter = source[at++]!
    if (letter !== '\\') return { source: '', letter }
    if (source[at] === 'b') {
      at++
      return { source: '', letter: '\b' }
    }
    return escaped()
  }

  function quantified(node: PatternNode): PatternNode {
    const found = /^(?:([*+?])|\{(\d{1,4})(,(\d{1,4})?)?\}|\{,(\d{1,4})\})([?+]?)/.exec(source.slice(at, at + 16))
    if (found === null) return node
    at += found[0].length
    if (node.kind === 'assert') fail('a repeated assertion')
    const [, sign, from, comma, to, upTo, kind] = found
    const least = sign === undefined ? Number(from ?? 0) : sign === '+' ? 1 : 0
    const most = sign !== undefined ? (sign === '?' ? 1 : Infinity) : upTo !== undefined ? Number(upTo) : comma === undefined ? least : to === undefined ? Infinity : Number(to)
    if (least > mostRepeats || (most !== Infinity && (most > mostRepeats || most < least))) fail('a repetition that is too long')
    const isCounted = sign === undefined
    const repeated: PatternNode = { kind: 'repeat', node, least, most, lazy: kind === '?', possessive: kind === '+' && !isCounted }
    // In Ruby `{2}+` repeats what is repeated; only signs are made possessive by a plus.
    return kind === '+' && isCounted ? { kind: 'repeat', node: repeated, least: 1, most: Infinity, lazy: false, possessive: false } : repeated
  }

  const all = alternatives(mode)
  if (at < source.length) fail('a bracket that closes nothing')
  return { alternatives: all, groups }
}

const posixClasses: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', space: '\\s', blank: ' \\t', xdigit: '0-9A-Fa-f', punct: '!-\\/:-@\\[-`{-~', word: '\\w', cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~', graph: '!-~',
}

/** A range as the inside of a class; both cases of its letters where case is ignored. */
function rangeSource(from: string, to: string, ignoreCase: boolean): string {
  const plain = from === to ? quoted(from) : `${quoted(from)}-${quoted(to)}`
  if (!ignoreCase) return plain
  let other = ''
  for (const [low, high, shift] of [['a', 'z', -32], ['A', 'Z', 32]] as const) {
    const first = from > low ? from : low
    const last = to < high ? to : high
    if (first <= last) other += `${moved(first, shift)}${first === last ? '' : `-${moved(last, shift)}`}`
  }
  return plain + other
}

function moved(letter: string, by: number): string {
  return String.fromCharCode(letter.charCodeAt(0) + by)
}

/** A character as it may stand anywhere in a JavaScript pattern. */
export function quoted(letter: string): string {
  const code = letter.charCodeAt(0)
  if (code < 32 || code > 126) return [...Array(letter.length).keys()].map((index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
  return /[\\^$.*+?()[\]{}|/-]/.test(letter) ? `\\${letter}` : letter
}
