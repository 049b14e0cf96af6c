import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smtp } from '#engine/services/mail/smtp.ts'
import { running, seen } from './look.ts'
import { postfix } from './postfix.ts'

test('a weak postfix relays for strangers and tells who is there', async () => {
  const peer = await running(postfix.weak)
  const sighting = await seen(smtp, peer)
  assert.equal(sighting.product, 'Postfix')
  assert.match(sighting.version ?? '', /^3\./)
  const { facts } = sighting
  assert.equal(facts.hostname, 'mail.peer.test')
  assert.equal(facts.openRelay, true)
  assert.equal(facts.vrfy, true)
  assert.equal(facts.vrfyAccepted, true)
  assert.equal(facts.starttls, false)
  assert.equal(facts.auth, false)
  assert.match(sighting.evidence?.sent ?? '', /RCPT TO:<probe@example\.com>\r\nRSET/)
  assert.doesNotMatch(sighting.evidence?.sent ?? '', /DATA/)
  assert.doesNotMatch(peer.log(), /qmgr.*from=<probe@example\.net>/)
})

test('its hardened twin relays for nobody, even inside TLS', async () => {
  const { facts, evidence } = await seen(smtp, await running(postfix.hardened))
  assert.equal(facts.openRelay, false)
  assert.equal(facts.vrfy, false)
  assert.equal(facts.vrfyAccepted, false)
  assert.equal(facts.expn, false)
  assert.equal(facts.starttls, true)
  assert.equal(facts.cleartextLogin, false)
  assert.match(evidence?.received ?? '', /Relay access denied/)
})
