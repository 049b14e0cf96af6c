import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasChoice, queryTokens, quoteValue, toggleChoice, toggleValue, valuesOf, withValues } from './query-text.ts'

test('a query is cut at spaces outside of quotes and brackets', () => {
  assert.deepEqual(queryTokens('severity:5  status:new "open ssh" (a or b)').map((token) => token.text), ['severity:5', 'status:new', '"open ssh"', '(a or b)'])
  assert.deepEqual(queryTokens('  '), [])
})

test('values are read and written with their quotes', () => {
  assert.deepEqual(valuesOf('severity:5,4 category:"Web, server",SSH', 'category'), ['Web, server', 'SSH'])
  assert.deepEqual(valuesOf('severity:5,4', 'severity'), ['5', '4'])
  assert.deepEqual(valuesOf('notseverity:5', 'severity'), [])
  assert.equal(quoteValue('say "hi"'), '"say \\"hi\\""')
  assert.deepEqual(valuesOf(`name:${quoteValue('say "hi"')}`, 'name'), ['say "hi"'])
})

test('toggling a value twice leaves the query as it was', () => {
  assert.equal(toggleValue('"x" severity:5', 'severity', '4'), '"x" severity:5,4')
  assert.equal(toggleValue('"x" severity:5,4', 'severity', '4'), '"x" severity:5')
  assert.equal(toggleValue('"x" severity:5', 'severity', '5'), '"x"')
  assert.equal(withValues('', 'group', ['Back office']), 'group:"Back office"')
})

test('a range takes the place of what was asked of its field, and goes again', () => {
  const high = { value: 'high', term: 'risk:700..849' }
  assert.equal(toggleChoice('risk:>=850 port:22', 'risk', high), 'port:22 risk:700..849')
  assert.equal(hasChoice('port:22 risk:700..849', 'risk', high), true)
  assert.equal(toggleChoice('port:22 risk:700..849', 'risk', high), 'port:22')
  assert.equal(toggleChoice('', 'risk', high), 'risk:700..849')
})
