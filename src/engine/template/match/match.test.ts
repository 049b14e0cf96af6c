import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileTemplate } from '#core/template/compile.ts'
import { translatePattern } from '#core/template/pattern/translate.ts'
import type { HttpBlock } from '#core/template/plan.ts'
import { chanceOf, valuesOver, type Scope, type Value } from '../dsl/scope.ts'
import { extract } from './extract.ts'
import { holds } from './holds.ts'
import { seenBy } from './seen.ts'
import { buildSweep, type Sought } from './sweep.ts'

const answer = {
  body: '<html><title>Caf\xc3\xa9 Admin</title><a href="/x?v=1.2.3">Token: ABC123</a><div id="n" data-k="q">5</div></html>', all_headers: 'HTTP/1.1 200 OK\r\nServer: Acme/2.0\r\n\r\n', status_code: 200, server: 'Acme/2.0',
  body_2: '{"a":[{"x":1,"y":"one"},{"x":2}]}', interactsh_protocol: 'dns',
} as const
const scope = (values: Readonly<Record<string, Value>> = answer): Scope => ({ get: valuesOver(values), chance: chanceOf(1), now: 0 })

function block(parts: Readonly<Record<string, unknown>>): HttpBlock {
  const plan = compileTemplate({ id: 'x', info: { name: 'x' }, http: [{ path: ['{{BaseURL}}'], ...parts }] }, () => null)
  assert.ok('blocks' in plan, JSON.stringify(plan))
  return plan.blocks[0] as HttpBlock
}
const matcher = (of: Readonly<Record<string, unknown>>, values?: Readonly<Record<string, Value>>): boolean => holds(block({ matchers: [of] }).matchers[0]!, scope(values)) !== null
const extractor = (of: Readonly<Record<string, unknown>>): readonly string[] => extract(block({ extractors: [of] }).extractors[0]!, scope())

test('matchers hold as the language says', () => {
  const all: readonly (readonly [Readonly<Record<string, unknown>>, boolean])[] = [
    [{ type: 'word', words: ['nothing', 'Token:'] }, true], [{ type: 'word', words: ['nothing', 'Token:'], condition: 'and' }, false], [{ type: 'word', words: ['token:'] }, false],
    [{ type: 'word', words: ['TOKEN:'], 'case-insensitive': true }, true], [{ type: 'word', words: ['Café'] }, true], [{ type: 'word', words: ['CAFÉ'], 'case-insensitive': 'true' }, true], [{ type: 'word', part: 'header', words: ['Acme/2.0'] }, true],
    [{ type: 'word', part: 'all', words: ['Acme/2.0', 'ABC123'], condition: 'and' }, true], [{ type: 'word', part: 'server', words: ['{{to_title("acme")}}'] }, true], [{ type: 'word', words: ['3c7469746c65'], encoding: 'hex' }, true],
    [{ type: 'word', words: ['nothing'], negative: true }, true], [{ type: 'word', part: 'body_9', words: ['nothing'], negative: true }, false], [{ type: 'status', status: ['200', 404] }, true], [{ type: 'status', status: [404], negative: true }, true],
    [{ type: 'size', size: [answer.body.length] }, true], [{ type: 'regex', regex: ['(?i)token: [a-z]+\\d+'] }, true], [{ type: 'regex', regex: ['^Token'] }, false], [{ type: 'binary', binary: ['3C 74 69'] }, true],
    [{ type: 'dsl', dsl: ['status_code == 200 && contains(body, "ABC")', 'missing == 1'] }, true], [{ type: 'dsl', dsl: ['status_code == 200', 'missing == 1'], condition: 'and' }, false], [{ type: 'dsl', dsl: ['missing == 1'], negative: true }, true],
    [{ type: 'xpath', xpath: ['//div[@id="n"]'] }, true], [{ type: 'xpath', xpath: ['/html/head/title[contains(text(), "Admin")]'] }, true], [{ type: 'xpath', xpath: ['//p'] }, false], [{ type: 'word', part: 'interactsh_protocol', words: ['dns'] }, true],
  ]
  for (const [of, expected] of all) assert.equal(matcher(of), expected, JSON.stringify(of))
  assert.equal(matcher({ type: 'word', words: ['hi'] }, { data: 'hi' }), true)
})

test('extractors take as the language says', () => {
  const all: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[] = [
    [{ type: 'regex', regex: ['v=([0-9.]+)'], group: '1' }, ['1.2.3']], [{ type: 'regex', regex: ['[0-9]'] }, ['1', '2', '3', '5']], [{ type: 'regex', regex: ['(x)?Token'], group: 1 }, ['']], [{ type: 'regex', regex: ['Token'], group: 1 }, []],
    [{ type: 'kval', kval: ['server', 'missing'] }, ['Acme/2.0']], [{ type: 'json', part: 'body_2', json: ['.a[] | select(.x == 1) | .y', '.a[].x'] }, ['one', '1', '2']], [{ type: 'json', json: ['.a'] }, []],
    [{ type: 'xpath', xpath: ['//div'], attribute: 'data-k' }, ['q']], [{ type: 'xpath', xpath: ['//title'] }, ['Caf\xc3\xa9 Admin']], [{ type: 'dsl', dsl: ['to_upper(server)', 'missing', 'status_code + 1'] }, ['ACME/2.0', '201']],
  ]
  for (const [of, expected] of all) assert.deepEqual(extractor(of), expected, JSON.stringify(of))
})

test('one pass decides as no pass does', () => {
  const texts = ['token:', 'abc123', 'nothing of this', 'caf\xc3\xa9', 'to']
  let made = 0
  const seen = seenBy(() => {
    made += 1
    return texts
  }, { few: 2, worthwhile: 1 })
  const page = { ...answer, body: answer.body + ' '.repeat(2000) }
  // Short parts, the first questions of a part, and the first of all are left to who asks.
  assert.deepEqual([answer.body, ...Array.from({ length: 3 }, () => page.body)].map((part) => seen.mayHave(part, 'token:')), [null, null, null, null])
  assert.equal(made, 0)
  for (const text of texts.slice(0, 4)) assert.equal(seen.mayHave(page.body, text.toUpperCase()), text !== 'nothing of this', text)
  assert.equal(seen.mayHave(page.body, 'to'), null)
  // Lower case makes ASCII of what is none: where there is any, a pass says nothing of it.
  assert.deepEqual([seen.mayHave(page.body, 'nothing of this', true), seen.mayHave(page.body, 'nothing of this', false)], [null, false])
  assert.equal(seen.mayHave(page.body, 'unknown'), null)
  for (const words of [['Token:'], ['token:'], ['nothing of this'], ['unknown'], ['CAFÉ']]) {
    for (const folds of [false, true]) {
      const one = block({ matchers: [{ type: 'word', words, 'case-insensitive': folds }] }).matchers[0]!
      assert.equal(holds(one, scope(page), seen), holds(one, scope(page)), words[0])
    }
  }
  assert.equal(made, 1)
})

test('a library of more texts, and of longer ones, than a pass takes is judged all the same', () => {
  const long = 'x'.repeat(70_000)
  const texts = [long, ...Array.from({ length: 70_000 }, (_, at) => `text ${at}.`)]
  const seen = seenBy(() => texts, { few: 0, worthwhile: 0 })
  const body = `${'.'.repeat(2000)} ${texts[1]} ${texts[69_000]} ${long}`
  for (const [text, expected] of [[texts[1], true], [texts[2], false], [texts[69_000], null], [long, null]] as const) assert.equal(seen.mayHave(body, text!), expected)
})

test('a sweep finds the words and the patterns that the plain loop finds', () => {
  const list: Sought[] = Array.from({ length: 800 }, (_, at): Sought => at % 4 === 3 ? { pattern: translatePattern(at % 8 === 3 ? `(?i)w${at}z[0-9]+` : `(a${at}|b${at})-\\w*x`) } : at % 4 === 2 ? { word: `w${at}`, ignoreCase: true } : { word: at % 5 === 0 ? `W${at}` : `<p>${at}`, ignoreCase: false })
  list.push({ pattern: translatePattern('[0-9]{6}') }, { pattern: translatePattern('.*?w1\\d*5.*|(x)?-yx[a-z]*') }, { pattern: translatePattern('[a-z]*') }, { word: 'ab', ignoreCase: false }, { word: '', ignoreCase: false })
  const sweep = buildSweep(list)
  let words = 0
  let patterns = 0
  for (let round = 0; round < 40; round++) {
    const body = Array.from({ length: 60 }, (_, at) => [`w${(round * 31 + at * 7) % 800}`, `W${at * 5}Z${at}`, `<p>${(round + at * 11) % 800}</p>`, `a${(at * 8 + 7) % 800}-yx`, 'ab 12345', at === 3 ? '\xff\xfe' : ''][(round + at) % 6]!).join(' ')
    const plain = [...list.keys()].filter((place) => {
      const one = list[place]!
      return 'pattern' in one ? new RegExp(one.pattern.source, one.pattern.flags).test(body) : (one.ignoreCase ? body.toLowerCase() : body).includes(one.word)
    })
    assert.deepEqual(sweep.over(body), plain)
    words += plain.filter((place) => 'word' in list[place]!).length
    patterns += plain.filter((place) => 'pattern' in list[place]!).length
  }
  assert.ok(words > 400 && patterns > 40, `${words} words, ${patterns} patterns`)
})
