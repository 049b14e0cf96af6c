import assert from 'node:assert/strict'
import { test } from 'node:test'
import { telnet } from '#engine/services/shell/telnet.ts'
import { running, seen } from './look.ts'
import { telnetd } from './telnetd.ts'

test('a telnetd with a shell shows its prompt without any login', async () => {
  const { facts } = await seen(telnet, await running(telnetd.weak))
  assert.equal(facts.shell, true)
  assert.equal(facts.auth, false)
  assert.equal(facts.login, false)
})

test('a telnetd with a login asks for it in the clear', async () => {
  const { facts } = await seen(telnet, await running(telnetd.hardened))
  assert.equal(facts.login, true)
  assert.equal(facts.auth, true)
  assert.equal(facts.cleartextLogin, true)
  assert.equal(facts.shell, false)
})
