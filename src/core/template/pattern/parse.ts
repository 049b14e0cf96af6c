import { encoded } from '../bytes.ts'
import { namedClass, perlClass } from './class.ts'
import { BadPattern } from './node.ts'
import type { Node } from './node.ts'
import { byteSet, folded, inverted, type Range } from './ranges.ts'

type Mode = Readonly<{ fold: boolean; lines: boolean; dotAll: boolean; swap: boolean }>

const deepest = 60
const mostRepeats = 1000
const longest = 20_000

/** Parses what Go's package regexp takes (RE2 with Perl's classes). Throws `BadPattern` on what that refuses. `source` is text, not bytes. */
export function parsePattern(source: string): readonly (readonly Node[])[] {
  const letters = [...source]
  let at = 0
  let depth = 0
  if (letters.length > longest) throw new BadPattern(`it has ${letters.length} characters`)

  const fail = (problem: string): never => {
    throw new BadPattern(`${problem} at ${at}`)
  }
  const ahead = (count: number): string => letters.slice(at, at + count).join('')

  /** Until the closing bracket of the group that is open, or the end. Flags set on the way hold to its end. */
  function ways(start: Mode): Node[][] {
    if (++depth > deepest) fail('too many groups in each other')
    const all: Node[][] = [[]]
    let now = start
    while (at < letters.length && letters[at] !== ')') {
      if (letters[at] === '|') {
        at++
        all.push([])
        continue
      }
      if (letters[at] === '(' && letters[at + 1] === '?') {
        const flags = /^\(\?([imsU]*)(?:-([imsU]+))?\)/.exec(ahead(16))
        if (flags !== null) {
          at += flags[0].length
          now = withFlags(now, flags[1]!, flags[2] ?? '')
          continue
        }
      }
      if (letters[at] === '\\' && letters[at + 1] === 'Q') {
        at += 2
        const row = all.at(-1)!
        while (at < letters.length && !(letters[at] === '\\' && letters[at + 1] === 'E')) row.push(literal(letters[at++]!, now))
        at += 2
        if (row.length > 0) row.push(quantified(row.pop()!, now))
        continue
      }
      const node = atom(now)
      all.at(-1)!.push(quantified(node, now))
    }
    depth--
    return all
  }

  function withFlags(before: Mode, on: string, off: string): Mode {
    const set = (now: boolean, letter: string): boolean => (on.includes(letter) ? true : off.includes(letter) ? false : now)
    return { fold: set(before.fold, 'i'), lines: set(before.lines, 'm'), dotAll: set(before.dotAll, 's'), swap: set(before.swap, 'U') }
  }

  function atom(now: Mode): Node {
    const letter = letters[at++]!
    if (letter === '(') return group(now)
    if (letter === '[') return { kind: 'set', set: byteSet(classOf(now)) }
    if (letter === '.') return { kind: 'set', set: byteSet(now.dotAll ? [[0, 0x10ffff]] : inverted([[10, 10]])) }
    if (letter === '^') return { kind: 'assert', is: now.lines ? 'line-start' : 'start' }
    if (letter === '$') return { kind: 'assert', is: now.lines ? 'line-end' : 'end' }
    if (letter === '\\') return escape(now)
    if (letter === '*' || letter === '+' || letter === '?') fail('nothing to repeat')
    return literal(letter, now)
  }

  function group(now: Mode): Node {
    let inner = now
    let captures = true
    if (letters[at] === '?') {
      const head = /^\?(?:P?<\w{1,60}>|([imsU]*)(?:-([imsU]+))?:)/.exec(ahead(70)) ?? fail('a kind of group that RE2 has not')
      at += head[0].length
      if (head[0].endsWith(':')) {
        captures = false
        inner = withFlags(now, head[1] ?? '', head[2] ?? '')
      }
    }
    const inside = ways(inner)
    if (letters[at++] !== ')') fail('an open group')
    return { kind: 'group', captures, ways: inside }
  }

  function escape(now: Mode): Node {
    const letter = letters[at] ?? fail('a backslash at the end')
    if (letter === 'A' || letter === 'z') {
      at++
      return { kind: 'assert', is: letter === 'A' ? 'start' : 'end' }
    }
    if (letter === 'b' || letter === 'B') {
      at++
      return { kind: 'assert', is: letter === 'b' ? 'word' : 'no-word' }
    }
    const set = classEscape()
    if (set !== null) return { kind: 'set', set: byteSet(now.fold && /[pP]/.test(letter) ? folded(set) : set) }
    return literal(single(), now)
  }

  /** `\d`, `\pL`: `at` is behind the backslash, and goes on only when it is one. */
  function classEscape(): readonly Range[] | null {
    const letter = letters[at] ?? ''
    if (/[dDsSwW]/.test(letter) && letter !== '') {
      at++
      return perlClass(letter)
    }
    if (letter !== 'p' && letter !== 'P') return null
    const named = /^[pP](?:\{(\^?)([A-Za-z_]{1,40})\}|([A-Z]))/.exec(ahead(48)) ?? fail('a class of Unicode without a name')
    at += named[0].length
    const found = namedClass(named[2] ?? named[3]!) ?? fail(`the class of Unicode ${named[2] ?? named[3]}`)
    return (letter === 'P') !== (named[1] === '^') ? inverted(found) : found
  }

  /** An escape that is one character. `at` is behind the backslash. */
  function single(): string {
    const letter = letters[at++] ?? fail('a backslash at the end')
    if (Object.hasOwn(controls, letter)) return controls[letter]!
    if (letter === 'x') {
      const code = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(ahead(8)) ?? fail('a bad \\x')
      at += code[0].length
      const value = parseInt((code[1] ?? code[2])!, 16)
      return value > 0x10ffff ? fail('a code beyond Unicode') : String.fromCodePoint(value)
    }
    if (letter === '0' || (/[1-7]/.test(letter) && /[0-7]/.test(letters[at] ?? ''))) {
      const digits = /^[0-7]{0,2}/.exec(ahead(2))![0]
      at += digits.length
      return String.fromCharCode(parseInt(letter + digits, 8))
    }
    if (letter.codePointAt(0)! >= 0x80 || /[A-Za-z0-9]/.test(letter)) fail(`the escape \\${letter}`)
    return letter
  }

  function classOf(now: Mode): readonly Range[] {
    const negated = letters[at] === '^'
    if (negated) at++
    const found: Range[] = []
    for (let first = true; ; first = false) {
      const letter = letters[at] ?? fail('an open class')
      if (letter === ']' && !first) break
      const posix = letter === '[' ? /^\[:(\^?)([a-z]+):\]/.exec(ahead(14)) : null
      if (posix !== null) {
        at += posix[0].length
        const members = posixClasses[posix[2]!] ?? fail('an unknown class')
        found.push(...(posix[1] === '^' ? inverted(members) : members))
        continue
      }
      if (letter === '\\') {
        at++
        const set = classEscape()
        if (set !== null) {
          found.push(...set)
          continue
        }
        at--
      }
      const from = member()
      let to = from
      if (letters[at] === '-' && letters[at + 1] !== ']' && at + 1 < letters.length) {
        at++
        to = member()
        if (to < from) fail('a range that is none')
      }
      found.push([from, to])
    }
    at++
    const all = now.fold ? folded(found) : found
    // Without the flag s a negated class still takes line ends.
    return negated ? inverted(all) : all
  }

  function member(): number {
    const letter = letters[at++] ?? fail('an open class')
    return (letter === '\\' ? single() : letter).codePointAt(0)!
  }

  function quantified(node: Node, now: Mode): Node {
    const found = /^(?:([*+?])|\{(\d{1,4})(,(\d{1,4})?)?\})(\??)/.exec(ahead(14))
    if (found === null) return node
    at += found[0].length
    const [, sign, from, comma, to, lazy] = found
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0
    const most = sign !== undefined ? (sign === '?' ? 1 : Infinity) : comma === undefined ? least : to === undefined ? Infinity : Number(to)
    if (least > mostRepeats || (most !== Infinity && (most > mostRepeats || most < least))) fail('a repetition that RE2 refuses')
    if (/^(?:[*+?]|\{\d{1,4}(,\d{0,4})?\})/.test(ahead(12))) fail('a repetition of a repetition')
    return { kind: 'repeat', node, least, most, lazy: (lazy === '?') !== now.swap }
  }

  function literal(letter: string, now: Mode): Node {
    const code = letter.codePointAt(0)!
    if (code < 0x80) return { kind: 'byte', byte: letter, fold: now.fold && /[a-z]/i.test(letter) }
    if (now.fold && letter.toLowerCase() !== letter.toUpperCase()) return { kind: 'set', set: byteSet(folded([[code, code]])) }
    return { kind: 'group', captures: false, ways: [[...encoded(code)].map((byte) => ({ kind: 'byte', byte, fold: false }) as const)] }
  }

  const all = ways({ fold: false, lines: false, dotAll: false, swap: false })
  if (at < letters.length) fail('a bracket that closes nothing')
  return all
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07' }

const posixClasses: Readonly<Record<string, readonly Range[]>> = {
  alpha: [[65, 90], [97, 122]], digit: [[48, 57]], alnum: [[48, 57], [65, 90], [97, 122]], upper: [[65, 90]], lower: [[97, 122]], space: [[9, 13], [32, 32]], blank: [[9, 9], [32, 32]],
  xdigit: [[48, 57], [65, 70], [97, 102]], punct: [[33, 47], [58, 64], [91, 96], [123, 126]], word: [[48, 57], [65, 90], [95, 95], [97, 122]], cntrl: [[0, 31], [127, 127]], print: [[32, 126]],
  graph: [[33, 126]], ascii: [[0, 127]],
}
