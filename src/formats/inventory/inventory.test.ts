import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readInventory } from './read.ts'
import { softwareOfPurl } from './package-url.ts'

const names = (read: ReturnType<typeof readInventory>): readonly string[] => read.software.map((one) => [one.ecosystem, one.name, one.version, one.source ?? '', one.sourceVersion ?? '', one.architecture ?? ''].join(' '))
const unused = (read: ReturnType<typeof readInventory>): readonly (readonly [string, number])[] => [...read.unused].map(([reason, { count }]) => [reason, count])

test('package URLs name what OSV names', () => {
  const short = (purl: string): string => {
    const one = softwareOfPurl(purl)
    return typeof one === 'string' ? one : [one.ecosystem, one.name, one.version, one.source ?? ''].join(' ').trim()
  }
  assert.deepEqual([
    'pkg:npm/%40angular/core@12.0.0', 'pkg:pypi/django@4.2', 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 'pkg:golang/github.com/gin-gonic/gin@v1.9.0', 'pkg:composer/laravel/framework@9.0.0',
    'pkg:deb/ubuntu/openssl@1.1.1f-1ubuntu2?distro=ubuntu-20.04', 'pkg:deb/debian/curl@7.88.1-10%2Bdeb12u4?distro=bookworm&upstream=curl', 'pkg:rpm/redhat/openssl@3.0.7-24.el9?distro=rhel-9.3&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm',
    'pkg:apk/alpine/busybox@1.36.1-r5?distro=alpine-3.19.1', 'pkg:rpm/opensuse/zlib@1.2.13?distro=opensuse-leap-15.5',
  ].map(short), [
    'npm @angular/core 12.0.0', 'PyPI django 4.2', 'Maven org.apache.logging.log4j:log4j-core 2.14.1', 'Go github.com/gin-gonic/gin v1.9.0', 'Packagist laravel/framework 9.0.0',
    'Ubuntu:20.04 openssl 1.1.1f-1ubuntu2', 'Debian:12 curl 7.88.1-10+deb12u4 curl', 'Red Hat:9 openssl 1:3.0.7-24.el9 openssl', 'Alpine:v3.19 busybox 1.36.1-r5', 'no-distribution',
  ])
  assert.deepEqual(['pkg:deb/debian/curl@1', 'pkg:oci/image@1', 'pkg:npm/x', 'http://x', 'pkg:npm/%zz@1'].map(short), ['no-distribution', 'unknown-type', 'no-version', 'not-a-package-url', 'not-a-package-url'])
})

test('dpkg: its query, with and without the later columns, and its table', () => {
  const read = readInventory({ format: 'auto', distribution: 'Debian:12', text: 'libssl3:amd64\t3.0.11-1~deb12u2\namd\tbad version\nadduser\t3.134\tall\tadduser\t3.134\tii \nold\t1\tall\told\t1\trc \n' })
  assert.deepEqual(names(read), ['Debian:12 libssl3 3.0.11-1~deb12u2 libssl3 3.0.11-1~deb12u2 amd64', 'Debian:12 adduser 3.134 adduser 3.134 all'])
  assert.deepEqual(unused(read), [['not-a-line-of-dpkg', 1], ['not-installed', 1]])
  const table = 'Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst\n|/ Err?=(none)\n||/ Name Version Architecture Description\n+++-====-====-====-====\nii  bash  5.2.15-2+b2  amd64  GNU Bourne Again SHell\nrc  gone  1  amd64  x\n'
  assert.deepEqual(names(readInventory({ format: 'dpkg', distribution: 'Debian:12', text: table })), ['Debian:12 bash 5.2.15-2+b2 bash 5.2.15-2+b2 amd64'])
})

test('rpm: its query with epochs and sources, and its plain list; keys are no packages', () => {
  const read = readInventory({ format: 'auto', distribution: 'Red Hat:9', text: 'openssl-libs\t1:3.0.7-24.el9\tx86_64\topenssl-3.0.7-24.el9.src.rpm\nzlib\t0:1.2.11-40.el9\tx86_64\tzlib-1.2.11-40.el9.src.rpm\ngpg-pubkey-5a6340b3-6229229e\nbash-5.1.8-6.el9.x86_64\r\n' })
  assert.deepEqual(names(read), ['Red Hat:9 openssl-libs 1:3.0.7-24.el9 openssl 3.0.7-24.el9 x86_64', 'Red Hat:9 zlib 1.2.11-40.el9 zlib 1.2.11-40.el9 x86_64', 'Red Hat:9 bash 5.1.8-6.el9   x86_64'])
  assert.deepEqual(unused(read), [['not-a-line-of-rpm', 1]])
})

test('hostile inventories are refused or counted, in bounded time', () => {
  const bill = (components: unknown): string => JSON.stringify({ bomFormat: 'CycloneDX', components })
  assert.deepEqual(unused(readInventory({ format: 'auto', text: bill([null, 5, { purl: 7, name: {} }, { name: 'a\u0000b', purl: 'pkg:npm/a%00b@1' }, { purl: `pkg:npm/${'x'.repeat(400)}@1` }]) })), [['no-package-url', 1], ['bad-name', 2]])
  let deep: unknown = []
  for (let n = 0; n < 1000; n++) deep = [{ name: `n${n}`, purl: `pkg:npm/n${n}@1`, components: deep }]
  const read = readInventory({ format: 'auto', text: bill(deep) })
  assert.equal(read.software.length, 33)
  assert.throws(() => readInventory({ format: 'auto', text: bill(Array.from({ length: 200_001 }, () => ({}))) }), { code: 'inventory.too_large' })
  assert.throws(() => readInventory({ format: 'auto', text: '['.repeat(100_000) }), { code: 'inventory.format' })
  const lines = readInventory({ format: 'dpkg', distribution: 'Debian:12', text: `${'a\t1\n'.repeat(20_001)}${'x'.repeat(5000)}` })
  assert.deepEqual([lines.software.length, unused(lines)], [20_000, [['too-many', 1], ['too-long', 1]]])
  assert.throws(() => readInventory({ format: 'cyclonedx', text: '{"spdxVersion":"SPDX-2.3"}' }), { code: 'inventory.format' })
})
