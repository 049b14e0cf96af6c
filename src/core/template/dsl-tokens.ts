/** What is no expression of the template language. */
export class BadDsl extends Error {}

export type Token =
  | Readonly<{ kind: 'number'; value: number }>
  | Readonly<{ kind: 'text'; value: string }>
  | Readonly<{ kind: 'name'; value: string }>
  /** `{{name}}` outside quotes, which stands for its value. */
  | Readonly<{ kind: 'marked'; value: string }>
  | Readonly<{ kind: 'sign'; value: string }>

const signs = ['&&', '||', '==', '!=', '<=', '>=', '=~', '!~', '<<', '>>', '**', '??', '(', ')', ',', '?', ':', '<', '>', '!', '+', '-', '*', '/', '%', '&', '|', '^', '~']
const longest = 200_000

/** Text is kept as it is written; what is in quotes loses its backslashes, whatever they stand before. */
export function tokensOf(source: string): readonly Token[] {
  if (source.length > longest) throw new BadDsl(`it has ${source.length} characters`)
  const out: Token[] = []
  let at = 0
  while (at < source.length) {
    const letter = source[at]!
    if (/\s/.test(letter)) {
      at++
      continue
    }
    if (letter === '"' || letter === "'") {
      const end = closing(source, at)
      out.push({ kind: 'text', value: source.slice(at + 1, end).replace(/\\([^])/g, '$1') })
      at = end + 1
      continue
    }
    const rest = source.slice(at, at + 200)
    const number = /^0[xX][0-9a-fA-F]+|^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest)
    if (number !== null && !/[A-Za-z_]/.test(rest[number[0].length] ?? '')) {
      out.push({ kind: 'number', value: Number(number[0]) })
      at += number[0].length
      continue
    }
    const marked = /^\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/.exec(rest) ?? /^\[([A-Za-z_][\w.-]*)\]/.exec(rest)
    if (marked !== null) {
      out.push({ kind: 'marked', value: marked[1]! })
      at += marked[0].length
      continue
    }
    const name = /^[\p{L}_][\p{L}\d_]*/u.exec(rest)
    if (name !== null) {
      out.push({ kind: 'name', value: name[0] })
      at += name[0].length
      continue
    }
    const sign = signs.find((one) => rest.startsWith(one))
    if (sign === undefined) throw new BadDsl(`${letter} at ${at}`)
    out.push({ kind: 'sign', value: sign })
    at += sign.length
  }
  return out
}

function closing(source: string, from: number): number {
  const quote = source[from]!
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === quote) return at
  }
  throw new BadDsl('an open quote')
}
