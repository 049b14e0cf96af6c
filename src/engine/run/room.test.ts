import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRoom } from './room.ts'

/** Hosts that take a turn of the loop each; the most that were under way at once. */
async function pass(count: number, share: (inside: number) => number): Promise<number> {
  let inside = 0
  let most = 0
  const room = openRoom(share)
  await Promise.all(Array.from({ length: count }, async () => {
    await room.enter()
    most = Math.max(most, (inside += 1))
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
    room.leave()
  }))
  return most
}

test('hosts are let in as long as there is memory', async () => {
  assert.equal(await pass(100, () => 0.1), 100)
})

test('when memory is short they come one by one, and all of them come', async () => {
  assert.equal(await pass(100, () => 0.9), 1)
})

test('each takes a part of what there is: as many as fit, and the rest after them', async () => {
  assert.equal(await pass(100, (inside) => inside * 0.2), 4)
})
