import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRest } from './rest.ts'
import { semaphore } from './semaphore.ts'

/** Longer than any test: it ends because it is told to. */
const long = 600_000

test('a look that lets time pass gives its turn to the next one, and takes it again', async () => {
  const turns = semaphore(1)
  const places = semaphore(1)
  await places.enter()
  await turns.enter()
  const rests = openRest([turns], places)
  const stop = new AbortController()
  rests.began()
  rests.began()
  const resting = rests.rest(long, stop.signal)
  const order: string[] = []
  await turns.enter()
  order.push('the other')
  stop.abort()
  const woken = resting.catch(() => order.push('the first'))
  turns.leave()
  await woken
  assert.equal(order.join(), 'the other,the first')
})

test('a host has its place as long as one look at it does not rest, and has it again before one goes on', async () => {
  const places = semaphore(1)
  await places.enter()
  const rests = openRest([], places)
  const [first, second] = [new AbortController(), new AbortController()]
  rests.began()
  rests.began()
  const order: string[] = []
  const other = places.enter().then(() => void order.push('another host'))
  const firstRest = rests.rest(long, first.signal).catch(() => void order.push('the first look'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(order.join(), '')
  const secondRest = rests.rest(long, second.signal).catch(() => void order.push('the second look'))
  await other
  first.abort()
  second.abort()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(order.join(), 'another host')
  places.leave()
  await Promise.all([firstRest, secondRest])
  assert.equal(order.join(), 'another host,the first look,the second look')
  // It was taken once: with all looks over, it is free once.
  rests.over()
  rests.over()
  const [next, nextButOne] = [places.enter(), places.enter()].map((entered) => entered.then(() => true))
  assert.equal(await Promise.race([next, new Promise((resolve) => setImmediate(resolve, false))]), false)
  places.leave()
  assert.equal(await next, true)
  assert.equal(await Promise.race([nextButOne, new Promise((resolve) => setImmediate(resolve, false))]), false)
})

test('when the last look that does not rest is over, the place is free', async () => {
  const places = semaphore(1)
  await places.enter()
  const rests = openRest([], places)
  const stop = new AbortController()
  rests.began()
  rests.began()
  const resting = rests.rest(long, stop.signal).catch(() => {})
  rests.over()
  await places.enter()
  stop.abort()
  places.leave()
  await resting
})
