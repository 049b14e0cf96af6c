import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amqp } from '#engine/services/message/amqp.ts'
import { mqtt } from '#engine/services/message/mqtt.ts'
import { socks } from '#engine/services/web/socks.ts'
import { dante } from './dante.ts'
import { patient, running, seen } from './look.ts'
import { microsocks } from './microsocks.ts'
import { mosquitto } from './mosquitto.ts'
import { rabbitmq } from './rabbitmq.ts'

test('a weak Mosquitto lets anybody in and tells its version', async () => {
  const { product, version, facts } = await seen(mqtt, await running(mosquitto.weak))
  assert.equal(product, 'Mosquitto')
  assert.match(version ?? '', /^2\.\d+\.\d+$/)
  assert.deepEqual([facts.auth, facts.returnCode], [false, 0])
})

test('its hardened twin wants a password', async () => {
  const { facts } = await seen(mqtt, await running(mosquitto.hardened), { tls: true })
  assert.deepEqual([facts.auth, facts.returnCode], [true, 5])
})

test('a weak RabbitMQ lets guest in', async () => {
  const peer = await running(rabbitmq.weak)
  const { product, version, facts } = await seen(amqp, peer)
  assert.equal(product, 'RabbitMQ')
  assert.match(version ?? '', /^3\.\d+\.\d+$/)
  assert.deepEqual([facts.guestLogin, facts.auth, facts.cleartextLogin, facts.anonymous, facts.protocol], [true, false, true, false, '0-9-1'])
  const untried = await seen(amqp, peer, { profile: { ...patient, defaults: false } })
  assert.equal('guestLogin' in untried.facts, false)
})

test('its hardened twin does not', async () => {
  const { facts } = await seen(amqp, await running(rabbitmq.hardened), { tls: true })
  assert.deepEqual([facts.guestLogin, facts.auth], [false, true])
})

test('a weak microsocks relays for anybody', async () => {
  const { facts, evidence } = await seen(socks, await running(microsocks.weak))
  assert.deepEqual([facts.protocol, facts.auth, facts.openProxy, facts.methods], ['5', false, true, [0]])
  assert.match(evidence?.note ?? '', /Connected back to itself/)
})

test('its hardened twin wants a password', async () => {
  const { facts } = await seen(socks, await running(microsocks.hardened))
  assert.deepEqual([facts.auth, facts.openProxy, facts.methods], [true, false, [2]])
})

test('a weak Dante relays for anybody, over SOCKS 4 too', async () => {
  const { facts } = await seen(socks, await running(dante.weak))
  assert.deepEqual([facts.auth, facts.openProxy, facts.socks4], [false, true, true])
})

test('its hardened twin wants a password', async () => {
  const { facts } = await seen(socks, await running(dante.hardened))
  assert.deepEqual([facts.auth, facts.openProxy, facts.methods], [true, false, [2]])
})
