import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Expr } from '../match/expr.ts'
import type { Observation } from '../observation.ts'
import { toldOf } from './told.ts'

const seen = (data: object): Observation<'tls'> => ({ kind: 'tls', at: { asset: 'a', address: '127.0.0.1', port: 443, proto: 'tcp' }, seen: 0, by: 'tls@3', data: { accepted: [], refused: [], suites: [], weak: [], ...data } }) as never
const tells = (when: Expr, data: object): boolean => toldOf(when)!(seen(data))

test('a flaw is told of where it was shown, or looked for with a sure answer', () => {
  const robot: Expr = { field: 'flaws', is: 'robot' }
  assert.equal(tells(robot, { flaws: ['robot'], tested: ['robot'] }), true)
  assert.equal(tells(robot, { flaws: [], tested: ['heartbleed', 'robot'] }), true)
  assert.equal(tells(robot, { flaws: [], tested: ['heartbleed'] }), false)
  assert.equal(tells(robot, { flaws: [] }), true)
})

test('what could not be asked is not told, unless something else decides', () => {
  const both: Expr = { all: [{ field: 'secureRenegotiation', is: false }, { field: 'clientRenegotiation', is: true }] }
  assert.equal(tells(both, { secureRenegotiation: false, clientRenegotiation: null }), false)
  assert.equal(tells(both, { secureRenegotiation: false, clientRenegotiation: false }), true)
  assert.equal(tells(both, { secureRenegotiation: true, clientRenegotiation: null }), true)
  const either: Expr = { any: [{ field: 'earlyData', is: true }, { field: 'weak', is: 'RC4' }] }
  assert.equal(tells(either, { earlyData: null }), false)
  assert.equal(tells(either, { earlyData: null, weak: ['RC4'] }), true)
  assert.equal(tells({ none: [{ field: 'earlyData', is: true }] }, { earlyData: null }), false)
})

test('rules over what every whole look tells need no asking', () => {
  assert.equal(toldOf({ any: [{ field: 'weak', is: 'RC4' }, { field: 'fallbackGuard', is: false }] }), null)
  assert.equal(toldOf({ field: 'flaws', is: 'drown' }), null)
})
