import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Piece, jsonElements } from './json-stream.ts'

async function* inPieces(text: string, step: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

async function cut(text: string, step: number): Promise<readonly Piece[]> {
  const pieces: Piece[] = []
  for await (const piece of jsonElements('feed.json', 'a feed', inPieces(text, step), new Set(['items']))) pieces.push(piece)
  return pieces
}

test('cuts a list into its elements, wherever the pieces of the stream end', async () => {
  const items = [{ a: '}]"\\', b: [1, [2, { c: 'ü' }]] }, { a: { b: {} } }, {}]
  const text = JSON.stringify({ before: 1, other: [{ x: [1] }], items, after: { items: [{ not: 'this' }] } }, null, 1)
  for (const step of [1, 2, 3, 7, 64, 100_000]) {
    const pieces = await cut(text, step)
    assert.deepEqual(pieces.filter((one) => 'text' in one).map((one) => JSON.parse(one.text) as unknown), items, `pieces of ${step}`)
    const rest = pieces.at(-1)!
    assert.deepEqual('rest' in rest ? JSON.parse(rest.rest) : null, { before: 1, other: [{ x: [1] }], items: [], after: { items: [{ not: 'this' }] } })
  }
})

test('what is no object in a list is told too', async () => {
  const pieces = await cut('{"items":[null, 5 ,"}{",[1,{"a":2}],{"b":3},[],true]}', 3)
  assert.deepEqual(pieces.filter((one) => 'text' in one).map((one) => one.text), ['null', 'null', 'null', 'null', '{"b":3}', 'null', 'null'])
})

test('what ends in the middle, closes too much or nests without end is refused', async () => {
  for (const [text, code] of [['{"items":[{"a":1}', 'feed.truncated'], ['{"items":[{"a":"', 'feed.truncated'], ['{"items":[]}}', 'feed.format'], ['{"a":'.repeat(6000), 'feed.format'], [`{"a":"${'x'.repeat(5_000_000)}"}`, 'feed.format']] as const) {
    await assert.rejects(cut(text, 1000), { code }, text.slice(0, 30))
  }
  await assert.rejects(cut(`{"items":[{"a":"${'x'.repeat(17_000_000)}"}]}`, 100_000), { code: 'feed.format' })
})
