import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BadDsl } from './dsl-tokens.ts'
import { compileTemplate } from './compile.ts'
import { findJson } from './json-query.ts'
import { parseDsl, parseText } from './parse-text.ts'
import type { HttpBlock, Plan } from './plan.ts'

const template = (parts: Readonly<Record<string, unknown>>) => compileTemplate({ id: 'x', info: { name: 'x', tags: 'cve, acme', ...(parts.info as object | undefined) }, ...Object.fromEntries(Object.entries(parts).filter(([key]) => key !== 'info')) }, (name) => (name === 'helpers/words.txt' ? 'a\nb\n\n{{x}}\r\n' : null))
const get = { method: 'GET', path: ['{{BaseURL}}/x'], matchers: [{ type: 'status', status: ['200'] }] }

function plan(parts: Readonly<Record<string, unknown>>): Plan {
  const made = template(parts)
  assert.ok('blocks' in made, JSON.stringify(made))
  return made
}
const reason = (parts: Readonly<Record<string, unknown>>): string => {
  const made = template(parts)
  return 'reason' in made ? made.reason : 'compiled'
}

test('a template becomes a plan with nothing left to read', () => {
  const { blocks: [block], effect, callback, requests } = plan({
    variables: { a: '{{rand_base(4)}}' },
    http: [{ raw: ['@timeout: 20s\n@Host: {{Hostname}}:81\n@once\nPOST /{{a}} HTTP/1.1\nHost: {{Hostname}}\n\n{{u}}'], payloads: { u: 'helpers/words.txt', p: ['1', '2'] }, attack: 'clusterbomb', 'host-redirects': 'true', 'max-redirects': '2', matchers: [{ type: 'dsl', dsl: ['contains(body_2, "{{a}}")'] }] }],
  })
  const http = block as HttpBlock
  assert.deepEqual(http.requests[0], {
    kind: 'raw', unsafe: false, once: true, timeout: 20, host: [{ of: { name: 'Hostname' }, as: '{{Hostname}}' }, ':81'],
    text: ['POST /', { of: { name: 'a' }, as: '{{a}}' }, ' HTTP/1.1\nHost: ', { of: { name: 'Hostname' }, as: '{{Hostname}}' }, '\n\n', { of: { name: 'u' }, as: '{{u}}' }],
  })
  assert.deepEqual([http.redirects, http.together, http.payloads?.sets[0]?.values, effect, callback, requests], [{ follow: 'host', most: 2 }, true, ['a', 'b', [{ of: { name: 'x' }, as: '{{x}}' }]], 'harmless', false, 6])
  assert.deepEqual(JSON.parse(JSON.stringify(http)), http)
})

test('tags say what a template may do to a target', () => {
  const effect = (tags: string): string => plan({ http: [get], info: { tags } }).effect
  assert.deepEqual([effect('cve,intrusive'), effect('dos,intrusive'), effect('default-login'), effect('tech'), effect('fuzz')], ['intrusive', 'dos', 'login', 'harmless', 'intrusive'])
})

test('flows of calls are chains, others stay JavaScript', () => {
  const flow = (text: string) => plan({ http: [{ ...get, id: 'one' }, get], dns: [{ name: '{{FQDN}}', type: 'A', matchers: [{ type: 'word', words: ['x'] }] }], flow: text }).flow
  assert.deepEqual(flow('http(1) && (http("one") || !dns())'), { kind: 'chain', of: { all: [{ block: 0 }, { any: [{ block: 0 }, { not: { block: 2 } }] }] } })
  assert.deepEqual(flow('dns() || http(1) && http(2)'), { kind: 'chain', of: { any: [{ block: 2 }, { all: [{ block: 0 }, { block: 1 }] }] } })
  assert.equal(flow('http(1)\nhttp(2)')?.kind, 'script')
  assert.equal(flow('if (http(1)) { set("a", 1) }')?.kind, 'script')
})

test('what is not understood is refused by reason, never half understood', () => {
  assert.deepEqual([
    reason({ http: [{ ...get, surprise: true }] }), reason({ http: [{ ...get, fuzzing: [] }] }), reason({ code: [{}], http: [get] }), reason({ headless: [{}] }), reason({ http: [get], 'self-contained': true }), reason({ http: [{ ...get, payloads: { x: 'nowhere.txt' } }] }),
    reason({ http: [{ ...get, matchers: [{ type: 'regex', regex: ['(?=x)'] }] }] }), reason({ http: [{ ...get, matchers: [{ type: 'dsl', dsl: ['nothing('] }] }] }), reason({ http: [{ ...get, extractors: [{ type: 'json', json: ['.a |'] }] }] }), reason({ http: [{ ...get, matchers: [{ type: 'xpath', xpath: ['//['] }] }] }),
    reason({ http: [{ ...get, body: '{{generate_java_gadget("groovy1", "id", "raw")}}' }] }), reason({ http: [get], flow: 'http(3)' }), reason({ surprise: 1, http: [get] }), reason({}), reason({ http: [{ ...get, race: true }] }), reason({ http: [{ ...get, matchers: [{ type: 'word', words: ['x'], surprise: 1 }] }] }),
  ], ['field', 'fuzzing', 'code', 'headless', 'self-contained', 'missing payload', 'pattern', 'expression', 'json query', 'xpath', 'gadget', 'field', 'field', 'field', 'race', 'field'])
})

test('what a template says of its product is what it is chosen by; what looks at everybody has nothing', () => {
  const { fits } = plan({
    http: [get],
    info: { classification: { cpe: 'cpe:2.3:a:acme:web_gadget:*:*:*:*:*:wordpress:*:*' }, metadata: { vendor: 'acme', product: 'web_gadget', 'shodan-query': ['http.title:"Web Gadget"', 'http.favicon.hash:-123'], 'fofa-query': 'body="gadget.js" && title!="x"' } },
  })
  assert.deepEqual(fits, [
    { in: 'name', is: 'web_gadget' }, { in: 'name', is: 'web gadget' }, { in: 'name', is: 'wordpress' }, { in: 'title', is: 'web gadget' }, { in: 'favicon', is: '-123' }, { in: 'body', is: 'gadget.js' },
  ])
  assert.deepEqual(plan({ http: [get], info: { tags: 'exposure,config' } }).fits, [])
})

test('whatever is thrown at it, it compiles or refuses', () => {
  const words = fc.constantFrom('id', 'info', 'http', 'raw', 'path', 'matchers', 'type', 'word', 'words', 'dsl', 'payloads', 'flow', 'variables', 'tcp', 'inputs', 'data', 'json', 'regex', 'x')
  const any = fc.letrec((tie) => ({ node: fc.oneof({ maxDepth: 5 }, fc.string({ maxLength: 30 }), fc.integer(), fc.constant(null), fc.array(tie('node'), { maxLength: 4 }), fc.dictionary(words, tie('node'), { maxKeys: 6 })) })).node
  fc.assert(fc.property(any, (tree) => {
    const made = compileTemplate(tree, () => null)
    assert.ok('reason' in made || 'blocks' in made)
  }), { numRuns: 2000 })
  fc.assert(fc.property(fc.array(fc.constantFrom('(', ')', '"', "'", '{{', '}}', 'a', 'md5', 'contains', '&&', '!', '==', ',', '1', ' ', '\\', '?', ':', '§', 'in', '-'), { maxLength: 40 }).map((all) => all.join('')), (source) => {
    parseText(source)
    try {
      parseDsl(source)
    } catch (error) {
      assert.ok(error instanceof BadDsl, String(error))
    }
    findJson([source], '{"a":1}')
  }), { numRuns: 3000 })
})
