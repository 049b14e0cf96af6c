import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hexOf, turnsOf } from './recorded.ts'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')

test('a conversation is shown in the order in which it was held', () => {
  const show = (exchange: Parameters<typeof turnsOf>[0]) => turnsOf(exchange).map(({ side, bytes }) => `${side} ${Buffer.from(bytes).toString('latin1')}`)
  assert.deepEqual(show({ sent: base64('EHLO a\nQUIT\n'), received: base64('220 hi\n250 ok\n221 bye\n'), turns: [0, 7, 7, 7, 5, 8] }), ['received 220 hi\n', 'sent EHLO a\n', 'received 250 ok\n', 'sent QUIT\n', 'received 221 bye\n'])
  assert.deepEqual(show({ sent: base64('GET /'), received: base64('x') }), ['sent GET /', 'received x'])
  assert.deepEqual(show({ sent: '', received: base64('x') }), ['received x'])
})

test('bytes are dumped sixteen a line, with what can be read beside them', () => {
  assert.equal(hexOf(Uint8Array.from([0, 65, 255])), `00000000  00 41 ff${' '.repeat(15)}  ${' '.repeat(23)}  .A.`)
  assert.equal(hexOf(Buffer.from('0123456789abcdefX')).split('\n').length, 2)
})
