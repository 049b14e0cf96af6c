import { compareDigits, compareText, endOfDigits, isDigit, isLetter, isNumber, plainText, withoutZeros, type Order } from './order.ts'

/**
 * PEP 440. `pre` is the letter a, b or r with its number; `post`, `dev` their number; null where there is none. Zeros at the end
 * of the release are dropped.
 */
type Version = Readonly<{
  epoch: string
  release: readonly string[]
  pre: readonly [string, string] | null
  post: string | null
  dev: string | null
  local: readonly string[] | null
}>

const preWords: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', preview: 'r', pre: 'r', rc: 'r', a: 'a', b: 'b', c: 'r' }
const postWords = ['post', 'rev', 'r']

/** As packaging.version.Version; spellings that PEP 440 does not know are null. */
export const pep440: Order<Version> = {
  read(text) {
    const plain = plainText(text)
    return plain === null ? null : readVersion(plain.toLowerCase())
  },
  compare(a, b) {
    const order = compareDigits(a.epoch, b.epoch) || compareLists(a.release, b.release, compareDigits)
    if (order !== 0) return order
    // 1.dev1 < 1a1 < 1rc1 < 1 < 1.post1; inside each, what has a dev part comes first.
    const phase = phaseOf(a) - phaseOf(b)
    if (phase !== 0) return phase
    if (a.pre !== null && b.pre !== null) {
      const pre = compareText(a.pre[0], b.pre[0]) || compareDigits(a.pre[1], b.pre[1])
      if (pre !== 0) return pre
    }
    return compareOptional(a.post, b.post, -1) || compareOptional(a.dev, b.dev, 1) || compareLocal(a.local, b.local)
  },
}

function readVersion(text: string): Version | null {
  let at = text.startsWith('v') ? 1 : 0
  const digits = (): string => {
    const start = at
    at = endOfDigits(text, at)
    return text.slice(start, at)
  }
  let head = digits()
  let epoch = '0'
  if (text[at] === '!') {
    epoch = head
    at++
    head = digits()
  }
  if (head === '' || epoch === '') return null
  const release = [withoutZeros(head)]
  while (text[at] === '.' && isDigit(text.charCodeAt(at + 1))) {
    at++
    release.push(withoutZeros(digits()))
  }
  while (release.length > 1 && release.at(-1) === '0') release.pop()

  /** `[-_.]word[-_.]number`; nothing is read when the word is not there. */
  const segment = (words: readonly string[]): readonly [string, string] | null => {
    const start = skipSeparator(text, at)
    const word = words.find((candidate) => text.startsWith(candidate, start))
    if (word === undefined) return null
    at = start + word.length
    // A separator belongs to the word even when no number follows.
    at = skipSeparator(text, at)
    return [word, digits() || '0']
  }
  const pre = segment(Object.keys(preWords))
  let post: string | null = null
  if (text[at] === '-' && isDigit(text.charCodeAt(at + 1))) {
    at++
    post = digits()
  } else post = segment(postWords)?.[1] ?? null
  const dev = segment(['dev'])?.[1] ?? null
  let local: readonly string[] | null = null
  if (text[at] === '+') {
    local = text.slice(at + 1).split(/[-_.]/)
    if (!local.every(isAlphanumeric)) return null
    at = text.length
  }
  return at === text.length ? { epoch, release, pre: pre === null ? null : [preWords[pre[0]]!, pre[1]], post, dev, local } : null
}

function skipSeparator(text: string, at: number): number {
  return text[at] === '-' || text[at] === '_' || text[at] === '.' ? at + 1 : at
}

function isAlphanumeric(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isDigit(code) && !isLetter(code)) return false
  }
  return text.length > 0
}

function phaseOf(version: Version): number {
  if (version.pre !== null) return 1
  return version.post === null && version.dev !== null ? 0 : 2
}

/** `missing` says where a version without this part stands beside one with it. */
function compareOptional(a: string | null, b: string | null, missing: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? missing : -missing
  return compareDigits(a, b)
}

function compareLocal(a: readonly string[] | null, b: readonly string[] | null): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  return compareLists(a, b, (one, other) => {
    const isOne = isNumber(one)
    if (isOne !== isNumber(other)) return isOne ? 1 : -1
    return isOne ? compareDigits(one, other) : compareText(one, other)
  })
}

function compareLists(a: readonly string[], b: readonly string[], compare: (a: string, b: string) => number): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compare(a[index]!, b[index]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}
