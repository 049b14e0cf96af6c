import type { Library } from './record.ts'

/** A client-side library that a page uses. `by`: what told it; `text`: the address or the words it was read from, at most 300 characters. */
export type UsedLibrary = Readonly<{ name: string; version: string; by: 'content' | 'address'; text: string }>

/** What is looked at of an answer over HTTP. */
export type Page = Readonly<{ path: string; contentType: string; body: string }>

const longestBody = 65_536
const mostScripts = 200
const longestAddress = 500
const mostFound = 100

type Pattern = Readonly<{ library: string; literal: string; match(text: string): Readonly<{ version: string; text: string }> | null }>

/** Whether the page can hold any library at all: cheap, so that most observations cost nothing. */
export function mayUseLibraries({ contentType, body }: Pick<Page, 'contentType' | 'body'>): boolean {
  return isScript(contentType) || /<script/i.test(body)
}

/**
 * Recognises libraries by the source's patterns, compiled once. HTML is read for the addresses of its scripts and for the text of its inline scripts; prose of a page
 * counts for nothing. Each library and version once, by its content where that tells it.
 */
export function compileLibraries(libraries: readonly Library[]): (page: Page) => readonly UsedLibrary[] {
  const of = (list: (library: Library) => readonly string[], compile: (library: string, source: string) => Pattern | null): readonly Pattern[] =>
    libraries.flatMap((library) => list(library).flatMap((source) => compile(library.key, source) ?? []))
  const uri = of((one) => one.uri, (library, source) => plain(library, source))
  const filename = of((one) => one.filename, (library, source) => plain(library, `^(?:${source})$`, source))
  const content = [...of((one) => one.content, (library, source) => plain(library, source)), ...of((one) => one.contentReplace, replacing)]
  return (page) => {
    if (!mayUseLibraries(page)) return []
    const found = new Map<string, UsedLibrary>()
    const add = (pattern: Pattern, by: UsedLibrary['by'], subject: string, shown?: string): void => {
      if (found.size >= mostFound || (pattern.literal !== '' && !subject.includes(pattern.literal))) return
      const match = pattern.match(subject)
      const version = match === null ? null : versionOf(match.version)
      const key = `${pattern.library} ${version}`
      if (match !== null && version !== null && !found.has(key)) found.set(key, { name: pattern.library, version, by, text: (shown ?? match.text).slice(0, 300) })
    }
    const body = page.body.slice(0, longestBody)
    const script = isScript(page.contentType)
    const { inline, addresses } = script ? { inline: body, addresses: [page.path.slice(0, longestAddress)] } : scriptsOf(body)
    if (inline !== '') for (const pattern of content) add(pattern, 'content', inline)
    for (const address of addresses) {
      for (const pattern of uri) add(pattern, 'address', address, address)
      const file = address.replace(/[?#].*$/s, '').replace(/^.*\//s, '')
      for (const pattern of filename) add(pattern, 'address', file, address)
    }
    return [...found.values()]
  }
}

function isScript(contentType: string): boolean {
  return /^(?:application|text)\/(?:x-)?(?:java|ecma)script\b/i.test(contentType.trim())
}

/** Inline text and addresses of a page's scripts, in one pass. */
function scriptsOf(html: string): Readonly<{ inline: string; addresses: readonly string[] }> {
  const addresses: string[] = []
  const inline: string[] = []
  const lower = html.toLowerCase()
  for (let at = lower.indexOf('<script'); at >= 0 && addresses.length + inline.length < mostScripts; at = lower.indexOf('<script', at + 7)) {
    const close = lower.indexOf('>', at)
    if (close < 0) break
    const source = /\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(html.slice(at, Math.min(close, at + 4096)))
    const address = source?.[1] ?? source?.[2] ?? source?.[3]
    const end = lower.indexOf('</script', close)
    if (address !== undefined) addresses.push(address.trim().replaceAll('&amp;', '&').slice(0, longestAddress))
    else inline.push(html.slice(close + 1, end < 0 ? undefined : end))
    if (end < 0) break
    at = end
  }
  return { inline: inline.join('\n').trim(), addresses }
}

/** As the source reads versions: what minified files put behind is no part of it. */
function versionOf(text: string): string | null {
  const version = text.replace(/(?:[.-](?:min|slim|umd|prod|js)){1,4}$/, '')
  return version.length <= 60 && /^\d/.test(version) ? version : null
}

function plain(library: string, source: string, literalOf = source): Pattern | null {
  const pattern = compiled(source)
  if (pattern === null) return null
  return {
    library, literal: literalIn(literalOf),
    match: (text) => {
      const match = pattern.exec(text)
      return match?.[1] === undefined ? null : { version: match[1], text: match[0] }
    },
  }
}

/** `/pattern/replacement/`: what matched, put otherwise, is the version. */
function replacing(library: string, text: string): Pattern | null {
  const parts = /^\/(.*[^\\])\/([^/]*)\/$/s.exec(text)
  const pattern = parts === null ? null : compiled(parts[1]!)
  if (parts === null || pattern === null) return null
  return {
    library, literal: literalIn(parts[1]!),
    match: (body) => {
      const match = pattern.exec(body)
      return match === null ? null : { version: match[0].replace(pattern, parts[2]!), text: match[0] }
    },
  }
}

function compiled(source: string): RegExp | null {
  try {
    return new RegExp(source)
  } catch {
    return null
  }
}

/** The longest text that everything the pattern matches must hold; empty when none is sure. Looked for first: it is a hundred times quicker than the pattern. */
export function literalIn(source: string): string {
  let [best, run] = ['', '']
  const end = (): void => {
    if (run.length > best.length) best = run
    run = ''
  }
  let depth = 0
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!
    if (char === '[') {
      for (at++; at < source.length && source[at] !== ']'; at++) if (source[at] === '\\') at++
      end()
    } else if (char === '(') {
      depth++
      end()
    } else if (char === ')') {
      depth--
      end()
    } else if (char === '|') {
      if (depth === 0) return ''
    } else if (char === '{') {
      run = run.slice(0, -1)
      end()
      while (at < source.length && source[at] !== '}') at++
    } else if (char === '?' || char === '*') {
      run = run.slice(0, -1)
      end()
    } else if (char === '+' || char === '.' || char === '^' || char === '$') end()
    else if (char === '\\') {
      const next = source[++at] ?? ''
      if (/[\w]/.test(next)) {
        // What is written by its code is skipped whole.
        if (next === 'x') at += 2
        else if (next === 'u') at += 4
        end()
      } else if (depth === 0) run += next
    } else if (depth === 0) run += char
  }
  end()
  return best
}
