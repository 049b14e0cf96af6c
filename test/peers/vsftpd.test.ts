import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ftp } from '#engine/services/file/ftp.ts'
import { listOf, running, seen } from './look.ts'
import { vsftpd } from './vsftpd.ts'

test('a weak vsftpd lets anybody in, shows a folder open to all, and takes passwords in the clear', async () => {
  const sighting = await seen(ftp, await running(vsftpd.weak))
  assert.equal(sighting.product, 'vsftpd')
  assert.match(sighting.version ?? '', /^3\./)
  const { facts } = sighting
  assert.equal(facts.anonymous, true)
  assert.equal(facts.cleartextLogin, true)
  assert.equal(facts.starttls, false)
  assert.deepEqual([...listOf(facts.listing)].sort(), ['incoming', 'readme.txt'])
  assert.equal(facts.anonymousWritable, true)
  assert.match(sighting.evidence?.received ?? '', /230 Login successful/)
})

test('its hardened twin wants a name and TLS', async () => {
  const sighting = await seen(ftp, await running(vsftpd.hardened))
  assert.equal(sighting.facts.anonymous, false)
  assert.equal(sighting.facts.cleartextLogin, false)
  assert.equal(sighting.facts.starttls, true)
  assert.equal('listing' in sighting.facts, false)
})
