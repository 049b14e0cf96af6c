import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Shapes } from '#core/observation.ts'
import { systemBehind } from './system.ts'

const seen = (data: Partial<Shapes['service']>): Shapes['service'] => ({ name: 'ssh', tls: false, facts: {}, ...data })
const told = (data: Partial<Shapes['service']>): readonly unknown[] | null => {
  const found = systemBehind(seen(data))
  return found === null ? null : [found.name, found.version ?? null, found.hardware ?? found.kernel ?? null, found.confidence]
}

test('a build names its distribution, and its release where it shows', () => {
  assert.deepEqual(told({ product: 'OpenSSH', version: '9.2p1', distro: 'debian', facts: { packageVersion: '2+deb12u3' } }), ['Debian Linux', '12', null, 65])
  assert.deepEqual(told({ product: 'OpenSSH', version: '8.9p1', distro: 'ubuntu', facts: { packageVersion: '3ubuntu0.1' } }), ['Ubuntu Linux', '22.04', null, 65])
  assert.deepEqual(told({ name: 'http', product: 'Apache httpd', version: '2.4.62', distro: 'debian', banner: 'Apache/2.4.62 (Debian)' }), ['Debian Linux', null, null, 65])
  assert.equal(told({ product: 'OpenSSH', version: '9.7' }), null)
})

test('what Windows tells by NTLM is surer; what Samba tells is no Windows', () => {
  assert.deepEqual(told({ name: 'rdp', facts: { os: '10.0.17763', hostname: 'DC1' } }), ['Windows 10 1809 or Server 2019', '10.0.17763', null, 85])
  assert.deepEqual(told({ name: 'smb', facts: { os: '10.0.99999' } }), ['Windows', '10.0.99999', null, 85])
  assert.equal(told({ name: 'smb', facts: { os: '6.1.0' } }), null)
})

test('an agent tells the kernel that runs; a fingerprint tells system and hardware', () => {
  assert.deepEqual(told({ name: 'snmp', facts: { sysDescr: 'Linux box 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22) x86_64' } }), ['Debian Linux', null, '6.1.0-28-amd64', 80])
  assert.deepEqual(told({ name: 'ftp', facts: { osVendor: 'Cisco', osProduct: 'IOS', osVersion: '15.1', hwVendor: 'Cisco', hwProduct: 'Catalyst 2960' } }), ['Cisco IOS', '15.1', 'Cisco Catalyst 2960', 70])
  assert.deepEqual(told({ name: 'ftp', facts: { osVendor: 'Debian', osProduct: 'Linux', osVersion: '12' } }), ['Debian Linux', '12', null, 45])
  assert.deepEqual(told({ name: 'http', facts: { hwVendor: 'HP', hwProduct: 'LaserJet 4250' } }), ['unknown', null, 'HP LaserJet 4250', 45])
})
