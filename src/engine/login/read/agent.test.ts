import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentInterfaces, agentPackages, agentSockets, agentSystem } from './agent.ts'

test('packages are taken as their names tell, and the release by base-files', () => {
  const debian = agentPackages(['base-files_12.4+deb12u5_amd64', 'libssl3_3.0.15-1~deb12u1_amd64', 'login_1:4.13+dfsg1-1_amd64', 'not a package'])
  assert.deepEqual(debian.release, { id: 'debian', version: '12' })
  assert.deepEqual(debian.packages[2], { ecosystem: 'Debian:12', name: 'login', version: '1:4.13+dfsg1-1', architecture: 'amd64', distro: 'debian:12' })
  assert.deepEqual(agentPackages(['base-files_12ubuntu4.6_amd64']).packages[0]?.ecosystem, 'Ubuntu:22.04')
  const rpm = agentPackages(['openssl-libs-3.0.7-24.el9', 'kernel-core-5.14.0-362.8.1.el9_3.x86_64', 'Microsoft Visual C++ 2019 X64'])
  assert.deepEqual(rpm.packages, [{ ecosystem: 'rpm', name: 'openssl-libs', version: '3.0.7-24.el9' }, { ecosystem: 'rpm', name: 'kernel-core', version: '5.14.0-362.8.1.el9_3', architecture: 'x86_64' }])
  assert.equal(rpm.release, null)
})

test('systems are named by what they say of themselves', () => {
  const of = (described: string) => {
    const { name, version, cpe } = agentSystem(described, null, null, {}) ?? {}
    return [name, version, cpe]
  }
  assert.deepEqual(of('Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11, RELEASE SOFTWARE (fc3)'), ['Cisco IOS', '15.0(2)SE11', 'cpe:2.3:o:cisco:ios:15.0\\(2\\)se11:*:*:*:*:*:*:*'])
  assert.deepEqual(of('Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 20348 Multiprocessor Free)'), ['Windows', '10.0.20348', undefined])
  assert.deepEqual(of('RouterOS 7.11.2'), ['RouterOS', '7.11.2', 'cpe:2.3:o:mikrotik:routeros:7.11.2:*:*:*:*:*:*:*'])
  assert.deepEqual(agentSystem('Linux box 6.1.0-18-amd64 #1 SMP Debian 6.1.76-1 x86_64', { id: 'debian', version: '12' }, null, {})?.cpe, 'cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*')
  assert.equal(agentSystem('something else', null, null, {}), null)
})

test('sockets and interfaces are read from the names of rows', () => {
  const sockets = agentSockets([{ index: [1, 4, 0, 0, 0, 0, 22], value: 10 }, { index: [1, 4, 127, 0, 0, 1, 25], value: 11 }, { index: [2, 16, ...Array.from({ length: 16 }, () => 0), 80], value: 12 }, { index: [1, 4, 1, 2], value: 1 }], 'tcp')
  assert.deepEqual(sockets.map(({ setting, pid }) => [setting.name, setting.facts['world'], pid]), [['tcp 0.0.0.0:22', true, 10], ['tcp 127.0.0.1:25', false, 11], ['tcp [::]:80', true, 12]])
  const [one] = agentInterfaces({ name: [{ index: [2], value: Buffer.from('eth0') }], hardware: [{ index: [2], value: Buffer.from('0200deadbeef', 'hex') }], state: [{ index: [2], value: 1 }], address: [{ index: [10, 0, 0, 7], value: 2 }] })
  assert.deepEqual([one?.name, one?.facts], ['eth0', { index: 2, mac: '02:00:de:ad:be:ef', up: true, addresses: ['10.0.0.7'] }])
})
