import { compareDigits, compareText, endOfDigits, isDigit, plainText, type Order } from './order.ts'

/** One piece of a version. When one version ends or differs in kind, the lower kind is the newer one. */
type Kind = typeof first | typeof digits | typeof letter | typeof suffix | typeof suffixNumber | typeof commit | typeof revision
type Token = Readonly<{ kind: Kind; text: string }>

const first = 1
const digits = 2
const letter = 3
const suffix = 4
const suffixNumber = 5
const commit = 6
const revision = 7
const end = 8

/** In their order; those before the empty one come before the release. */
const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const release = suffixes.indexOf('')
/** apk reads numbers into 64 bits. */
const mostDigits = 18

/** As apk: `number{.number}[letter]{_suffix[number]}[~commit][-rN]`. */
export const apk: Order<readonly Token[]> = {
  read(text) {
    const plain = plainText(text)
    return plain === null ? null : readTokens(plain)
  },
  compare(a, b) {
    for (let index = 0; ; index++) {
      const one = a[index]
      const other = b[index]
      if (one === undefined && other === undefined) return 0
      if (one?.kind === other?.kind) {
        const order = compareTokens(one!, other!)
        if (order !== 0) return order
        continue
      }
      if (isBefore(one)) return -1
      if (isBefore(other)) return 1
      return (other?.kind ?? end) - (one?.kind ?? end)
    }
  },
}

function readTokens(text: string): readonly Token[] | null {
  const tokens: Token[] = []
  let at = 0
  const number = (kind: Kind): boolean => {
    const stop = endOfDigits(text, at)
    if (stop === at || stop - at > mostDigits) return false
    tokens.push({ kind, text: text.slice(at, stop) })
    at = stop
    return true
  }
  if (!number(first)) return null
  while (text[at] === '.') {
    at++
    if (!number(digits)) return null
  }
  if (text[at] !== undefined && /[a-z]/.test(text[at]!)) tokens.push({ kind: letter, text: text[at++]! })
  while (text[at] === '_') {
    const word = suffixAt(text, at + 1)
    if (word === null) return null
    tokens.push({ kind: suffix, text: word })
    at += 1 + word.length
    if (isDigit(text.charCodeAt(at)) && !number(suffixNumber)) return null
  }
  if (text[at] === '~') {
    let stop = at + 1
    while (stop < text.length && /[0-9a-f]/.test(text[stop]!)) stop++
    if (stop === at + 1) return null
    tokens.push({ kind: commit, text: text.slice(at + 1, stop) })
    at = stop
  }
  if (text.startsWith('-r', at)) {
    at += 2
    if (!number(revision)) return null
  }
  return at === text.length ? tokens : null
}

function suffixAt(text: string, at: number): string | null {
  let stop = at
  while (stop < text.length && /[a-z]/.test(text[stop]!)) stop++
  const word = text.slice(at, stop)
  return word !== '' && suffixes.includes(word) ? word : null
}

function compareTokens(a: Token, b: Token): number {
  if (a.kind === letter || a.kind === commit) return compareText(a.text, b.text)
  if (a.kind === suffix) return suffixes.indexOf(a.text) - suffixes.indexOf(b.text)
  // `1.01` comes before `1.1`: parts with a leading zero are read as decimal fractions.
  if (a.kind === digits && (a.text.startsWith('0') || b.text.startsWith('0'))) return compareText(a.text, b.text)
  return compareDigits(a.text, b.text)
}

function isBefore(token: Token | undefined): boolean {
  return token !== undefined && token.kind === suffix && suffixes.indexOf(token.text) < release
}
