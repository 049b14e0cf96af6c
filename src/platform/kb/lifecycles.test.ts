import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cycle } from '#core/knowledge/record.ts'
import { lifecyclesOf } from './lifecycles.ts'

const known = (check: number, key: string, title: string, products: readonly (readonly [string, string])[], cycles: readonly Cycle[]) =>
  ({ check, products, lifecycle: { record: 'lifecycle', key, title, category: 'other', cpe: [], purl: [], cycles } }) as const
const lives = lifecyclesOf([
  known(200_000_001, 'apache-http-server', 'Apache HTTP Server', [['cpe', 'apache:http_server'], ['Red Hat', 'httpd']], [{ cycle: '2.4', endOfLife: false }, { cycle: '2.2', endOfLife: '2017-07-11' }]),
  known(200_000_002, 'debian', 'Debian', [['cpe', 'debian:debian_linux']], [{ cycle: '12', endOfLife: '2026-06-10' }, { cycle: '10', endOfLife: '2022-09-10' }]),
  known(200_000_003, 'jquery', 'jQuery', [['NuGet', 'jQuery'], ['npm', 'jquery']], [{ cycle: '3', endOfLife: false }, { cycle: '2', endOfLife: true }]),
  known(200_000_004, 'linux', 'Linux', [['cpe', 'linux:linux_kernel']], [{ cycle: '5.4', endOfLife: '2025-12-31' }]),
])
const day = '2026-05-01'
const check = (ecosystem: string, name: string, version: string, said = '', on = day): number | null => lives.ended({ ecosystem, name, version }, said, on)?.known.check ?? null

test('a product, a library and a distribution whose support is over are told', () => {
  assert.equal(check('cpe', 'apache:http_server', '2.2.34', 'Apache/2.2.34 (Unix)'), 200_000_001)
  assert.equal(check('NuGet', 'jquery', '2.2.4'), 200_000_003)
  assert.equal(check('npm', 'jquery', '2.2.4'), 200_000_003)
  assert.equal(check('Debian:10', 'base-files', '10.3+deb10u13'), 200_000_002)
  assert.equal(check('Debian:12', 'base-files', '12.4+deb12u5', '', '2026-06-11'), 200_000_002)
})

test('what is supported, unknown, or built by a distribution is not', () => {
  assert.equal(check('cpe', 'apache:http_server', '2.4.62'), null)
  assert.equal(check('cpe', 'apache:http_server', '2.20.1'), null)
  assert.equal(check('cpe', 'acme:http_server', '2.2.34'), null)
  assert.equal(check('cpe', 'apache:http_server', '2.2.15', 'Apache/2.2.15 (CentOS)'), null)
  assert.equal(check('cpe', 'apache:http_server', '2.2.22-13+deb7u6'), null)
  assert.equal(check('Red Hat:6', 'httpd', '2.2.15-69.el6'), null)
  assert.equal(check('Debian:10', 'apache2', '2.2.22-13'), null)
  assert.equal(check('Debian:12', 'base-files', '12.4+deb12u5'), null)
  assert.equal(check('cpe', 'linux:linux_kernel', '5.4.0'), null)
  assert.equal(check('npm', 'jquery', '3.7.1'), null)
  assert.equal(check('npm', 'jQuery', '2.2.4'), null, 'another package of npm')
})

test('which life cycles the passing of days ends is known by day', () => {
  assert.deepEqual([...lives.endedBetween('2026-06-09', '2026-06-10').checks], [])
  const due = lives.endedBetween('2026-06-10', '2026-06-11')
  assert.deepEqual([[...due.checks], [...due.keys]], [[200_000_002], ['debian:debian-linux', 'base-files']])
})
