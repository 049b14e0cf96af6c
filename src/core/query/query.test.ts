import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VigilError } from '../errors.ts'
import { formatTerm, parseQuery } from './query.ts'

test('terms, tests and values are read as written', () => {
  assert.equal(parseQuery('  '), null)
  assert.deepEqual(parseQuery('severity:>=4'), { kind: 'field', field: 'severity', test: '>=', values: ['4'] })
  assert.deepEqual(parseQuery('status:new,reopened'), { kind: 'field', field: 'status', test: 'is', values: ['new', 'reopened'] })
  assert.deepEqual(parseQuery('port:20..25'), { kind: 'field', field: 'port', test: 'between', values: ['20', '25'] })
  assert.deepEqual(parseQuery('host:2001:db8::1'), { kind: 'field', field: 'host', test: 'is', values: ['2001:db8::1'] })
  assert.deepEqual(parseQuery('title:"a, \\"b\\""'), { kind: 'field', field: 'title', test: 'exact', values: ['a, "b"'] })
  assert.deepEqual(parseQuery('"open ssh" -ignored:true'), {
    kind: 'and',
    parts: [{ kind: 'text', text: 'open ssh' }, { kind: 'not', part: { kind: 'field', field: 'ignored', test: 'is', values: ['true'] } }],
  })
})

test('and binds tighter than or; brackets and not combine', () => {
  const of = (field: string) => ({ kind: 'text' as const, text: field })
  assert.deepEqual(parseQuery('a b or c AND NOT (d or e)'), {
    kind: 'or',
    parts: [
      { kind: 'and', parts: [of('a'), of('b')] },
      { kind: 'and', parts: [of('c'), { kind: 'not', part: { kind: 'or', parts: [of('d'), of('e')] } }] },
    ],
  })
})

test('what cannot be read says where and why', () => {
  for (const [text, position] of [['(a', 1], ['a)', 2], ['a or', 5], ['x: y', 3], ['"open', 1], ['or b', 1], ['a:>1,2', 3]] as const) {
    assert.throws(() => parseQuery(text), (error: unknown) => error instanceof VigilError && error.code === 'query.malformed' && error.params['position'] === position, text)
  }
  assert.throws(() => parseQuery('('.repeat(100)), /12 deep/)
  assert.throws(() => parseQuery('-'.repeat(50) + 'a'), /12 deep/)
  assert.throws(() => parseQuery('a '.repeat(65)), /at most 64/)
  assert.throws(() => parseQuery('a'.repeat(2001)), /2000/)
})

test('any text is either read or refused by the catalogue, in bounded time', () => {
  const piece = fc.constantFrom('a', ' ', '(', ')', '-', '"', '`', ':', '>', '<=', ',', '..', 'or', 'not', 'and', '\\', '*', 'field:', '\u0000', 'é', '😀', '\ud800')
  fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 60 }), (pieces) => {
    try {
      parseQuery(pieces.join(''))
    } catch (error) {
      assert.ok(error instanceof VigilError, String(error))
    }
  }), { numRuns: 2000 })
})

test('a formatted term reads back as it was', () => {
  fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 40 }), (value) => {
    const query = parseQuery(formatTerm('name', value))
    assert.ok(query?.kind === 'field' && query.values.length === 1 && query.values[0] === value && query.test !== 'between')
  }), { numRuns: 1000 })
})
