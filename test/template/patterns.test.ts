import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '#core/template/bytes.ts'
import { BadPattern } from '#core/template/pattern/node.ts'
import { translatePattern } from '#core/template/pattern/translate.ts'
import type { Pattern } from '#core/template/plan.ts'

type Places = readonly (readonly number[])[]
const go = JSON.parse(await readFile(new URL('go-patterns.json', import.meta.url), 'utf8')) as Readonly<{ texts: readonly string[]; patterns: Readonly<Record<string, Readonly<Record<string, Places>> | null>> }>

test('patterns find what Go finds, groups and all, over bytes; what Go refuses is refused', () => {
  let compared = 0
  for (const [source, expected] of Object.entries(go.patterns)) {
    if (expected === null) {
      assert.throws(() => translatePattern(source), BadPattern, source)
      continue
    }
    const pattern = translatePattern(source)
    for (const text of go.texts) {
      const places = placesOf(pattern, bytesOf(text))
      // A repeated group that last matched nothing is told apart by Go alone.
      assert.deepEqual(source === '(a*)*' ? places.map(([from, to]) => [from, to]) : places, (expected[text] ?? []).map((one) => (source === '(a*)*' ? one.slice(0, 2) : one)), `${source} on ${JSON.stringify(text)}`)
      compared += 1
    }
  }
  assert.ok(compared > 1500, `${compared} compared`)
})

test('what a pattern needs stands in whatever it matches', () => {
  for (const [source, expected] of Object.entries(go.patterns)) {
    if (expected === null) continue
    const { needs } = translatePattern(source)
    for (const text of Object.keys(expected)) if (needs.length > 0) assert.ok(needs.some((one) => bytesOf(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase()).includes(one)), `${source} needs ${needs.join(', ')}, not in ${JSON.stringify(text)}`)
  }
  assert.deepEqual(translatePattern('(?i)<title>(?:Acme|Foo Bar) v[0-9]+').needs, ['<title>acme v', '<title>foo bar v'])
  assert.deepEqual(translatePattern('[0-9]+').needs, [])
})

test('a pattern that repeats without bound can be matched without backtracking', () => {
  // With the flag l V8 takes only what its linear engine takes; bin/vigil.js lets that engine take over.
  for (const source of ['(?i)(a+)+$', 'Warning.{0,200}?\\Wpg_.*x', '(?m)^[a-z]*KEY=.*$', '(?:x{1,20}y)*', '[^>]{1,512}\\bwire:.*']) {
    const { source: translated } = translatePattern(source)
    assert.doesNotMatch(translated, /\(\?=|\(\?![^[]/, source)
    for (const [, least, most] of translated.matchAll(/\{(\d+)(?:,(\d+))?\}/g)) assert.ok(Number(most ?? least) <= 16, `${source} became ${translated.slice(0, 100)}`)
  }
})

test('whatever is thrown at it, it answers with a pattern or refuses', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.array(fc.constantFrom(...'abc()[]{}*+?|\\^$.-,:<>0129iPsmQEpdwzé'.split('')), { maxLength: 40 }).map((all) => all.join(''))), (source) => {
    try {
      translatePattern(source)
    } catch (error) {
      assert.ok(error instanceof BadPattern, String(error))
    }
  }), { numRuns: 3000 })
})

function placesOf(pattern: Pattern, bytes: string): Places {
  const all = new RegExp(pattern.source, `${pattern.flags}gd`)
  return [...bytes.matchAll(all)].filter((match) => match[0] !== '').slice(0, 8).map((match) => [...(match.indices as unknown as readonly (readonly [number, number] | undefined)[])].flatMap((place) => place ?? [-1, -1]))
}
