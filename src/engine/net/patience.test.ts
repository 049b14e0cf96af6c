import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPatience } from './patience.ts'

test('the wait follows what was measured, within bounds', () => {
  const near = newPatience()
  assert.equal(near.most(), null, 'nothing is known yet')
  for (let index = 0; index < 20; index++) near.learn(2)
  assert.equal(near.most(), 400, 'never so short that a moment of load would pass for silence')
  const far = newPatience()
  for (let index = 0; index < 20; index++) far.learn(index % 2 === 0 ? 280 : 320)
  assert.ok(far.most()! > 640 && far.most()! < 1100, String(far.most()))
})

test('an answer to a SYN that was sent again counts only while there is no better one', () => {
  const patience = newPatience()
  patience.learn(1040)
  assert.equal(patience.most(), 2080)
  patience.learn(40)
  const once = patience.most()!
  assert.ok(once < 500)
  patience.learn(1040)
  assert.equal(patience.most(), once)
})
