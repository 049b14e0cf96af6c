import assert from 'node:assert/strict'
import { test } from 'node:test'
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
const counts = ['', '', '', '', '+', '*', '?', '{2}', '{4}', '{8}', '{3,}', '{2,5}', '+?', '*?']
const asserts = ['^', '$', '\\b', '\\B', '(?m)^']

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

const pieces = ['abc', 'ABC', '<title>', '</title>', 'v1.2', 'V', 'Version 3', 'version', 'x1', '1a', '\xc3\xa9', '\xc3\xbc', '\xff', 'http', 'KEY', 'key', '0123abcd', 'deadbeef', '12345678', 'a', 'b', '.', '-', '@', '=', '|', ' ', '\n', '<', 'zz', '\0', '\xe2\x84\xaa']

test('what is told of a body never hides a pattern that matches', () => {
  const next = numbers(4711)
  let cases = 0
  let hits = 0
  for (let round = 0; round < 16; round++) {
    const list: Readonly<{ pattern: ReturnType<typeof translatePattern> }>[] = []
    while (list.length < 40) {
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

test('words that ignore case are found beyond ASCII as well', () => {
  const list: readonly Sought[] = [{ word: 'caf\xc3\xa9', ignoreCase: true }, { word: 'kelvin', ignoreCase: true }, { word: 'Kelvin', ignoreCase: false }, { word: 'KEL', ignoreCase: false }]
  const sweep = buildSweep(list)
  assert.deepEqual(sweep.over('CAF\xc3\x89 \xe2\x84\xaaELVIN'), [0, 1])
  assert.deepEqual(sweep.over('caf\xc3\xa9 Kelvin'), [0, 1, 2])
  assert.deepEqual(sweep.over('KELVIN'), [1, 3])
})
