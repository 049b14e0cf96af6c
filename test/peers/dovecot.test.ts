import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imap } from '#engine/services/mail/imap.ts'
import { pop3 } from '#engine/services/mail/pop3.ts'
import { dovecot } from './dovecot.ts'
import { running, seen } from './look.ts'

test('a weak dovecot takes passwords in the clear, over IMAP and POP3', async () => {
  const peer = await running(dovecot.weak)
  const one = await seen(imap, peer)
  assert.equal(one.product, 'Dovecot')
  assert.equal(one.distro, 'debian')
  assert.equal(one.facts.cleartextLogin, true)
  assert.equal(one.facts.starttls, false)
  assert.equal(one.facts.loginDisabled, false)
  const other = await seen(pop3, { ...peer, port: peer.more[0]! })
  assert.equal(other.product, 'Dovecot')
  assert.equal(other.facts.cleartextLogin, true)
  assert.equal(other.facts.starttls, false)
})

test('its hardened twin wants TLS first, and inside TLS says the rest', async () => {
  const peer = await running(dovecot.hardened)
  const one = await seen(imap, peer)
  assert.equal(one.facts.cleartextLogin, false)
  assert.equal(one.facts.loginDisabled, true)
  assert.equal(one.facts.starttls, true)
  const other = await seen(pop3, { ...peer, port: peer.more[0]! })
  assert.equal(other.facts.cleartextLogin, false)
  assert.equal(other.facts.starttls, true)
  const inside = await seen(imap, { ...peer, port: peer.more[1]! }, { tls: true })
  assert.deepEqual(inside.facts.mechanisms, ['PLAIN'])
  assert.equal('cleartextLogin' in inside.facts, false)
  assert.deepEqual((await seen(pop3, { ...peer, port: peer.more[2]! }, { tls: true })).facts.mechanisms, ['PLAIN'])
})
