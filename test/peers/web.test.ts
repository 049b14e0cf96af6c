import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpProducts } from '#engine/services/web/http-product.ts'
import { httpProxy } from '#engine/services/web/http-proxy.ts'
import { apache } from './apache.ts'
import { lighttpd } from './lighttpd.ts'
import { running } from './look.ts'
import { seenWeb } from './look-other.ts'
import { nginx } from './nginx.ts'
import { squid } from './squid.ts'
import { tinyproxy } from './tinyproxy.ts'

const services = [...httpProducts, httpProxy]

test('a talkative nginx tells its version, and its hardened twin only its name', async () => {
  const { server, behind } = await seenWeb(await running(nginx.weak), services)
  assert.equal(server.product, 'nginx')
  assert.match(server.version ?? '', /^1\.\d+\.\d+$/)
  assert.match(server.cpe ?? '', /^cpe:2\.3:a:f5:nginx:1\./)
  assert.deepEqual(behind, [])
  const twin = await seenWeb(await running(nginx.hardened), services)
  assert.equal(twin.server.product, 'nginx')
  assert.equal(twin.server.version, undefined)
})

test('a talkative Apache tells its version and its distribution, and forwards anybody\'s requests', async () => {
  const { server, behind } = await seenWeb(await running(apache.weak), services)
  assert.deepEqual([server.product, server.distro], ['Apache httpd', 'debian'])
  assert.match(server.version ?? '', /^2\.4\.\d+$/)
  const proxy = behind.find(({ facts }) => 'openProxy' in facts)
  assert.deepEqual([proxy?.facts.openProxy, proxy?.facts.forward, proxy?.facts.connect], [true, true, true])
})

test('a hardened Apache tells only its name and is no proxy', async () => {
  const { server, behind } = await seenWeb(await running(apache.hardened), services)
  assert.deepEqual([server.product, server.version, server.distro], ['Apache httpd', undefined, undefined])
  assert.deepEqual(behind, [])
})

test('lighttpd tells its version, or with an empty tag nothing at all', async () => {
  const { server } = await seenWeb(await running(lighttpd.weak), services)
  assert.equal(server.product, 'lighttpd')
  assert.match(server.version ?? '', /^1\.4\.\d+$/)
  const twin = await seenWeb(await running(lighttpd.hardened), services)
  assert.deepEqual([twin.server.product, 'server' in twin.server.facts], [undefined, false])
})

test('an open Squid is an open proxy, a closed one is not', async () => {
  const weak = await seenWeb(await running(squid.weak), services)
  assert.equal(weak.server.product, 'Squid')
  assert.match(weak.server.version ?? '', /^5\./)
  assert.deepEqual(weak.behind.map(({ facts }) => [facts.openProxy, facts.forward, facts.auth]), [[true, true, false]])
  assert.match(weak.behind[0]?.evidence?.received ?? '', /ERR_CONNECT_FAIL/)
  const hardened = await seenWeb(await running(squid.hardened), services)
  assert.deepEqual(hardened.behind.map(({ facts }) => [facts.openProxy, facts.forward, facts.connect]), [[false, false, false]])
})

test('an open Tinyproxy is an open proxy, one with a password is not', async () => {
  const weak = await seenWeb(await running(tinyproxy.weak), services)
  assert.equal(weak.server.product, 'Tinyproxy')
  assert.deepEqual(weak.behind.map(({ facts }) => [facts.openProxy, facts.auth]), [[true, false]])
  const hardened = await seenWeb(await running(tinyproxy.hardened), services)
  assert.deepEqual(hardened.behind.map(({ facts }) => [facts.openProxy, facts.auth]), [[false, true]])
})
