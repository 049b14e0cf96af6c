import type { Ask } from '#core/ask.ts'
import type { Shapes } from '#core/observation.ts'
import type { HttpAnswer } from './answer.ts'

/** Characters of a body that go into an observation. */
const bodyMost = 65_536

/** An answer as an observation holds it. */
export function pageOf(answer: HttpAnswer, ask: Ask, key: string, tls: boolean, catchAll: boolean): Shapes['http'] {
  return {
    method: ask.method ?? 'GET',
    path: ask.path,
    status: answer.status,
    headers: answer.headers,
    title: titleOf(answer.text),
    body: answer.text.slice(0, bodyMost),
    length: answer.length,
    catchAll,
    ask: key,
    tls,
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

export function titleOf(html: string): string | null {
  const start = html.search(/<title[\s>]/i)
  if (start < 0) return null
  const text = /^<title[^>]{0,200}>([^<]{0,500})/i.exec(html.slice(start, start + 800))?.[1]
  if (text === undefined) return null
  const plain = text.replace(/&(#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{1,6});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? whole
    const code = name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole
  })
  const clean = plain.replace(/\s+/g, ' ').trim().slice(0, 200)
  return clean === '' ? null : clean
}

/**
 * What a page is made of, for telling two pages apart: its words, each once, without the path that was asked for and without what holds a digit
 * (times, tokens, counters differ from one answer to the next).
 */
export function wordsOf(answer: HttpAnswer, path: string): ReadonlySet<string> {
  const words = new Set<string>()
  for (const [word] of answer.text.slice(0, 16_384).replaceAll(path, ' ').replaceAll(encodeURI(path), ' ').matchAll(/[\p{L}\p{N}]{3,32}/gu)) {
    if (/\p{N}/u.test(word)) continue
    words.add(word)
    if (words.size >= 400) break
  }
  return words
}

/** Whether two pages say the same, as a server does that shows one page for all paths: six words in seven are common. */
export function alike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size === 0 && b.size === 0) return true
  let common = 0
  for (const word of a) if (b.has(word)) common += 1
  return common / (a.size + b.size - common) >= 6 / 7
}
