/**
 * The part of TOML that advisories of RustSec are written in: tables, `key = "text"`, `'literal'`, lists of texts over several lines, tables of lists, comments.
 * Anything else (numbers, inline tables) is passed over as a raw text. Null when a text or list does not end. Keys are `table.key`.
 */
export function readToml(source: string): ReadonlyMap<string, string | readonly string[]> | null {
  const found = new Map<string, string | readonly string[]>()
  let table = ''
  let at = 0
  const lineEnd = (): number => {
    const end = source.indexOf('\n', at)
    return end < 0 ? source.length : end
  }
  while (at < source.length && found.size < mostKeys) {
    const line = source.slice(at, lineEnd())
    const head = /^\s*\[\[?\s*([\w.-]{1,80})\s*\]\]?\s*(?:#.*)?$/.exec(line)
    const pair = /^\s*(?:"([^"\\]{1,200})"|([\w:.-]{1,200}))\s*=\s*/.exec(line)
    if (head !== null) table = head[1]!
    if (pair !== null && head === null) {
      const value = readValue(source, at + pair[0].length)
      if (value === null) return null
      const key = `${table}.${pair[1] ?? pair[2]}`
      if (!found.has(key)) found.set(key, value.value)
      at = value.end
    }
    at = lineEnd() + 1
  }
  return found
}

const mostKeys = 500
const mostItems = 500
const longest = 4000

type Value<T> = Readonly<{ value: T; end: number }>

function readValue(source: string, start: number): Value<string | readonly string[]> | null {
  if (source[start] === '[') return readList(source, start + 1)
  if (source[start] === '"' || source[start] === "'") return readText(source, start)
  const end = /[\n#]|$/.exec(source.slice(start, start + longest))!.index + start
  return { value: source.slice(start, end).trim(), end }
}

function readList(source: string, start: number): Value<readonly string[]> | null {
  const items: string[] = []
  for (let at = start; at < source.length && items.length <= mostItems;) {
    const letter = source[at]!
    if (letter === ']') return { value: items, end: at + 1 }
    if (letter === '"' || letter === "'") {
      const text = readText(source, at)
      if (text === null) return null
      items.push(text.value)
      at = text.end
    } else if (letter === '#') {
      const end = source.indexOf('\n', at)
      if (end < 0) return null
      at = end
    } else if (letter === '\n' || letter === ',' || letter === ' ' || letter === '\t' || letter === '\r') at++
    // A list of something else: passed over to its end.
    else if (/[\w{+.-]/.test(letter)) {
      const rest = /[,\]\n]/.exec(source.slice(at, at + longest))
      if (rest === null) return null
      at += rest.index
    } else return null
  }
  return null
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\' }

function readText(source: string, start: number): Value<string> | null {
  const quote = source[start]!
  const triple = quote.repeat(3)
  if (source.startsWith(triple, start)) {
    const end = source.indexOf(triple, start + 3)
    return end < 0 || end - start > longest ? null : { value: source.slice(start + 3, end).replace(/^\r?\n/, ''), end: end + 3 }
  }
  let value = ''
  for (let at = start + 1; at < source.length && at - start < longest; at++) {
    const letter = source[at]!
    if (letter === quote) return { value, end: at + 1 }
    if (letter === '\n') return null
    if (letter === '\\' && quote === '"') {
      const next = source[++at] ?? ''
      if (next === 'u') {
        const code = source.slice(at + 1, at + 5)
        if (!/^[0-9a-fA-F]{4}$/.test(code)) return null
        value += String.fromCharCode(Number.parseInt(code, 16))
        at += 4
      } else if (Object.hasOwn(escapes, next)) value += escapes[next]!
      else return null
    } else value += letter
  }
  return null
}
