import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lowered } from '#core/template/bytes.ts'
import { translatePattern } from '#core/template/pattern/translate.ts'
import { buildSweep, type Sought } from './sweep.ts'

/** Always the same numbers below one: a case that fails can be had again. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 8) / 2 ** 24
  }
}

const classes = ['[a-f0-9]', '[0-9]', '\\d', '[a-z0-9]', '\\w', '[A-Za-z0-9+/=]', '\\s', '.', '[^<]', '[vV]', '[a-c]', '[é-ü]', '[^a]', '\\pL']
const texts = ['abc', '<title>', '</title>', 'v', '.', '-', '@', 'Version', 'x1', '1a', 'é', 'http', 'key', 'b', '\\|', '=', ' ']
const counts = ['', '', '', '', '+', '*', '?', '{2}', '{4}', '{8}', '{3,}', '{2,5}', '{10}', '{12,}', '{24,30}', '+?', '*?']
const asserts = ['^', '$', '\\b', '\\B', '(?m)^', '(?m)$']

function patternOf(next: () => number, depth = 0): string {
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)]!
  const row = (): string =>
    Array.from({ length: 1 + Math.floor(next() * 5) }, () => {
      const kind = next()
      if (kind < 0.4) return pick(texts)
      if (kind < 0.75) return pick(classes) + pick(counts)
      if (kind < 0.8) return pick(asserts)
      return depth > 1 ? pick(texts) : `${pick(['(', '(?:'])}${patternOf(next, depth + 1)})${pick(['', '', '?', '+', '{2}', '*'])}`
    }).join('')
  return `${depth === 0 && next() < 0.2 ? '(?i)' : ''}${next() < 0.25 ? `${row()}|${row()}` : row()}`
}

/** As they are in templates: what few texts tell of. */
const real = [
  '[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}', '([0-9a-z-]{36})', '[A-Za-z0-9+/=]{30,}', '\\b[A-Za-z0-9/+=]{40}\\b', '\\b[a-fA-F0-9]{32,}\\b', '[0-9]{10,}[eE][+-]?[0-9]+', '\\b[0-9]{13,19}[_-][a-zA-Z0-9]',
  '\\b(?:2131|1800|35\\d{3})\\d{11}\\b', '\\b4[0-9]{12}(?:[0-9]{3})?\\b', '^([a-f0-9]{18})\\s*$', '(?i)^TS[a-zA-Z0-9]{3,8}=', '^OK$', '^{.*}$', '(19|20)\\d\\d[- /.](0[1-9]|1[012])[- /.](0[1-9]|[12][0-9]|3[01])',
  '\\d{6}\\.([a-zA-Z0-9\\.\\-]+)\\.([a-z0-9]+)\\.\\w+', '(\\d+\\.\\d+\\.\\d+\\.\\d+)', '[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}', '(^\\d\\s*dir|has-props|([\\da-f]{32}[\\S+\\r\\n\\s]+[\\d]{4}-[\\d]{2}))',
  '(?m)^[/#\\*\\.]', '[^\\s]+', '.*', '"([^"]+)"', '[0-9]{2}G', '[A-Za-z].*\\.R', '\\x07.([\\.\\d]+)\\x00', '(?i)(url|key)\\s*=\\s*["\'][^"\']*[0-9]{13,19}', '\\s+([0-9\\.]+)</title>', '(?mi)^[a-z_]*(KEY|TOKEN)[a-z_]*=', '[\\x80-\\xff]', '(10(.(25[0-5]|[0-9]{1,2})){3}|192.168)',
]

const pieces = ['abc', 'ABC', '<title>', '</title>', 'v1.2', 'V', 'Version 3', 'version', 'x1', '1a', '\xc3\xa9', '\xc3\xbc', '\xff', 'http', 'KEY', 'key', '0123abcd', 'deadbeef', '12345678', 'a', 'b', '.', '-', '@', '=', '|', ' ', '\n', '<', 'zz', '\0', '\xe2\x84\xaa', '4111111111111111', '2131', '0123456789abcdef0123456789abcdef', '01234567-89ab-cdef-0123-456789abcdef', '2024-05-17', '10.0.17.3', 'a.b.c', '"', '#', '\n\n', 'OK', '17G', 'YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=']

test('what is told of a body never hides a pattern that matches', () => {
  const next = numbers(4711)
  let cases = 0
  let hits = 0
  for (let round = 0; round < 16; round++) {
    const list: Readonly<{ pattern: ReturnType<typeof translatePattern> }>[] = round % 2 === 0 ? [] : real.map((pattern) => ({ pattern: translatePattern(pattern) }))
    while (list.length < 40 + (round % 2) * real.length) {
      try {
        list.push({ pattern: translatePattern(patternOf(next)) })
      } catch {
        // One that Go or V8 refuses.
        continue
      }
    }
    const sweep = buildSweep(list)
    const plain = list.map(({ pattern }) => new RegExp(pattern.source, pattern.flags))
    for (let at = 0; at < 32; at++) {
      const body = Array.from({ length: Math.floor(next() * (at < 16 ? 8 : 60)) }, () => pieces[Math.floor(next() * pieces.length)]!).join('')
      const found = new Set(sweep.over(body))
      for (const [place, regex] of plain.entries()) {
        const expected = regex.test(body)
        assert.equal(found.has(place), expected, `${list[place]!.pattern.original} over ${JSON.stringify(body)}`)
        cases += 1
        if (expected) hits += 1
      }
    }
  }
  assert.ok(cases > 20_000 && hits > cases / 20 && hits < cases / 1.2, `${hits} of ${cases}`)
})

test('words of every length and case are found where the plain loop finds them', () => {
  const next = numbers(17)
  const letters = 'aabbcABC<>=/\xc3\xa9'
  const wordOf = (length: number): string => Array.from({ length }, () => letters[Math.floor(next() * letters.length)]!).join('')
  let hits = 0
  for (let round = 0; round < 20; round++) {
    const list: Sought[] = Array.from({ length: 300 }, (_, at): Sought => (at % 2 === 0 ? { word: wordOf(1 + (at % 14)), ignoreCase: false } : { word: lowered(wordOf(1 + (at % 14))), ignoreCase: true }))
    const sweep = buildSweep(list)
    for (let at = 0; at < 40; at++) {
      // What stands there first, last and in between, at all places that four bytes can begin.
      const body = Array.from({ length: at }, (_, part) => (part % 3 === 0 ? list[Math.floor(next() * list.length)] as { word: string } : { word: wordOf(part % 5) }).word).join('')
      const expected = [...list.keys()].filter((place) => {
        const one = list[place] as { word: string; ignoreCase: boolean }
        return (one.ignoreCase ? lowered(body) : body).includes(one.word)
      })
      assert.deepEqual(sweep.over(body), expected, JSON.stringify(body))
      hits += expected.length
    }
  }
  assert.ok(hits > 10_000, `${hits}`)
})

test('words that ignore case are found beyond ASCII as well', () => {
  const list: readonly Sought[] = [{ word: 'caf\xc3\xa9', ignoreCase: true }, { word: 'kelvin', ignoreCase: true }, { word: 'Kelvin', ignoreCase: false }, { word: 'KEL', ignoreCase: false }]
  const sweep = buildSweep(list)
  assert.deepEqual(sweep.over('CAF\xc3\x89 \xe2\x84\xaaELVIN'), [0, 1])
  assert.deepEqual(sweep.over('caf\xc3\xa9 Kelvin'), [0, 1, 2])
  assert.deepEqual(sweep.over('KELVIN'), [1, 3])
})
