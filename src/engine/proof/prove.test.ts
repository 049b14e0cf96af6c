import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { batchLimits, readEvent } from '#channel/event-reader.ts'
import type { Observation } from '#core/observation.ts'
import type { Exchange } from '#core/proof.ts'
import { withProof } from './prove.ts'

const asset = '00000000-0000-7000-8000-000000000001'
const page = (body: string): Observation<'http'> => ({
  kind: 'http', at: { asset, address: '127.0.0.1', port: 80, proto: 'tcp', path: '/' }, seen: 1, by: 'http@1',
  data: { method: 'GET', path: '/', status: 200, headers: {}, title: null, body, length: 0, catchAll: false, ask: 'GET /', tls: false },
})
const exchange = (bytes: number, note = ''): Exchange => ({ over: 'tcp', to: '127.0.0.1:80', sent: randomBytes(100).toString('base64'), received: randomBytes(bytes).toString('base64'), cut: false, at: 1, took: 1, note })

test('however much a target says, what is said of it fits into an event and is taken', () => {
  const hostile: readonly (readonly Exchange[])[] = [
    [], Array.from({ length: 16 }, () => exchange(262_144)), Array.from({ length: 400 }, () => exchange(5000)), [exchange(9_000_000, 'x'.repeat(5000))],
    [{ ...exchange(10), turns: Array.from({ length: 5000 }, () => 1) }],
  ]
  for (const exchanges of hostile) {
    const seen = withProof({
      // Characters that JSON writes six for.
      ...page('\u0001'.repeat(65_536)),
      proof: { check: 'c'.repeat(900), exchanges, control: exchanges, controlNote: 'n'.repeat(9000), matched: Array.from({ length: 300 }, () => 'm'.repeat(5000)), variables: { long: 'v'.repeat(9000), short: 'v' } },
    }, page('\u0001'.repeat(65_536)), () => [])
    const line = JSON.stringify({ type: 'seen', seen })
    assert.ok(line.length <= batchLimits.event, `${line.length}`)
    assert.equal(readEvent(line).type, 'seen')
    assert.equal(seen.proof!.exchanges.length > 0, exchanges.length > 0)
    assert.deepEqual(seen.proof!.variables, { short: 'v' })
    for (const [place, one] of seen.proof!.exchanges.entries()) assert.equal(one.cut, one.received.length < exchanges[place]!.received.length)
  }
})

test('what fits is not touched', () => {
  const exchanges = [exchange(1000), { ...exchange(262_144), turns: [0, 262_144, 100] }]
  const proof = { check: 'ssh@1', exchanges, control: [], matched: ['banner'] }
  assert.deepEqual(withProof({ ...page('x'), proof }, page('x'), () => []).proof, { ...proof, trigger: { kind: 'http', at: page('x').at, data: page('x').data } })
})
