import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ntp } from '#engine/services/management/ntp.ts'
import { snmp } from '#engine/services/management/snmp.ts'
import { tftp } from '#engine/services/file/tftp.ts'
import { patient, running } from './look.ts'
import { seenUdp } from './look-other.ts'
import { ntpsec } from './ntpsec.ts'
import { snmpd } from './snmpd.ts'
import { startPeer, type Peer } from './peer.ts'
import { tftpd } from './tftpd.ts'

async function aloneSeen(peer: Peer): ReturnType<typeof seenUdp> {
  const started = await startPeer(peer)
  try {
    return await seenUdp(ntp, started, { port: 123 })
  } finally {
    await started.stop()
  }
}

test('a weak snmpd reads out to the community public', async () => {
  const peer = await running(snmpd.weak)
  const { facts, product } = await seenUdp(snmp, peer)
  assert.equal(product, 'Net-SNMP')
  assert.deepEqual([facts.communities, facts.publicReadable, facts.auth, facts.sysName], [['public'], true, false, 'peer.test'])
  assert.match(String(facts.sysDescr), /^Linux /)
  assert.deepEqual(facts.versions, ['1', '2c', '3'])
})

test('without leave to try defaults no community is tried', async () => {
  const { facts } = await seenUdp(snmp, await running(snmpd.weak), { profile: { ...patient, defaults: false } })
  assert.deepEqual(facts.versions, ['3'])
  assert.equal('communities' in facts, false)
})

test('its hardened twin answers version 3 alone, and that is all', async () => {
  const { facts } = await seenUdp(snmp, await running(snmpd.hardened))
  assert.deepEqual([facts.communities, facts.publicReadable, facts.auth, facts.versions, facts.enterprise], [[], false, true, ['3'], 8072])
})

test('a weak NTPsec answers READVAR with its version', async () => {
  const { facts, product, version } = await aloneSeen(ntpsec.weak)
  assert.equal(product, 'NTPsec')
  assert.match(version ?? '', /^1\.\d+\.\d+$/)
  assert.deepEqual([facts.readvar, facts.monlist], [true, false])
  assert.ok(Number(facts.amplification) > 10)
})

test('its hardened twin tells the time and nothing else', async () => {
  const { facts, product } = await aloneSeen(ntpsec.hardened)
  assert.deepEqual([facts.readvar, facts.monlist, facts.amplification, product], [false, false, 0, undefined])
})

test('tftpd answers from a port of its own', async () => {
  const { facts } = await seenUdp(tftp, await running(tftpd))
  assert.deepEqual([facts.errorCode, facts.readable], [1, false])
})
