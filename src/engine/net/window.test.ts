import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newTurnstile, openGate } from './gate.ts'
import { openRate, rateCell } from './rate.ts'
import { newWindow } from './window.ts'

test('what is lost halves it once a turn, answers bring it back one by one, and it never falls below what one probe holds', () => {
  const window = newWindow()
  for (let count = 0; count < 1000; count++) window.heard()
  assert.equal(window.most, Infinity)
  const { turn } = window
  for (let count = 0; count < 32; count++) window.lost(turn, 64)
  assert.equal(window.most, 16)
  for (let count = 0; count < 16; count++) window.heard()
  assert.equal(window.most, 17)
  window.lost(turn - 1, 64)
  assert.equal(window.most, 17)
  window.lost(window.turn, 64)
  assert.equal(window.most, 8)
  for (let count = 0; count < 15; count++) window.heard()
  assert.equal(window.most, 8)
  for (let count = 0; count < 2; count++) window.heard()
  assert.equal(window.most, 9)
  for (let count = 0; count < 10; count++) window.lost(window.turn, 64)
  assert.equal(window.most, 6)
  for (let count = 0; count < 6 * 8; count++) window.heard()
  assert.equal(window.most, 7)
})

test('a host is given no more than it bears, but those that hold all of it and wait for one more get it in the end', async () => {
  const gate = openGate({ connections: 64, perHost: 8, rate: 0 }, openRate(0, rateCell()))
  const host = newTurnstile()
  host.window.lost(0, 2)
  assert.equal(host.window.most, 6)
  for (let count = 0; count < 6; count++) assert.ok(gate.tryEnter(host))
  assert.equal(gate.tryEnter(host), false)
  // Nobody leaves: one more each time, up to what the profile allows.
  assert.deepEqual([await gate.enter(host), host.active], [null, 7])
  assert.deepEqual([await gate.enter(host), host.active], [null, 8])
  let admitted = false
  const ninth = gate.enter(host).then(() => void (admitted = true))
  gate.leave(host)
  await Promise.resolve()
  assert.equal(admitted, false)
  gate.leave(host)
  gate.leave(host)
  await ninth
  assert.equal(host.active, 6)
  gate.turnAway(host, { failed: 'closed', text: 'the host is done' })
})
