import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rdp } from '#engine/services/desktop/rdp.ts'
import { vnc } from '#engine/services/desktop/vnc.ts'
import { x11 } from '#engine/services/desktop/x11.ts'
import { running, seen } from './look.ts'
import { xrdp } from './xrdp.ts'
import { xvfb } from './xvfb.ts'
import { xvnc } from './xvnc.ts'

test('a weak Xvnc asks for no password', async () => {
  const { facts } = await seen(vnc, await running(xvnc.weak))
  assert.deepEqual([facts.auth, facts.security, facts.encrypted, facts.protocol], [false, ['None'], false, '3.8'])
})

test('its hardened twin asks for one, inside TLS', async () => {
  const { facts } = await seen(vnc, await running(xvnc.hardened))
  assert.deepEqual([facts.auth, facts.security, facts.encrypted, facts.cleartextLogin], [true, ['VeNCrypt', 'TLSVnc'], true, false])
})

test('a weak xrdp speaks the old security of RDP', async () => {
  const { facts } = await seen(rdp, await running(xrdp.weak))
  assert.deepEqual([facts.protocols, facts.standardSecurity, facts.nla], [['RDP'], true, false])
})

test('its hardened twin speaks TLS alone', async () => {
  const { facts } = await seen(rdp, await running(xrdp.hardened))
  assert.deepEqual([facts.protocols, facts.standardSecurity, facts.nlaOffered], [['TLS'], false, false])
})

test('a weak X server takes a stranger without a cookie', async () => {
  const { facts, product, version } = await seen(x11, await running(xvfb.weak))
  assert.deepEqual([facts.auth, facts.screens, product], [false, 1, 'X.Org'])
  assert.match(version ?? '', /^21\.1\.\d+$/)
})

test('its hardened twin refuses', async () => {
  const { facts } = await seen(x11, await running(xvfb.hardened))
  assert.equal(facts.auth, true)
  assert.match(String(facts.reason), /Authorization required/)
})
