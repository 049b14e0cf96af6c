import assert from 'node:assert/strict'
import { test } from 'node:test'
import { couchdb } from '#engine/services/database/couchdb.ts'
import { docker, dockerRegistry } from '#engine/services/cluster/docker.ts'
import { elasticsearch } from '#engine/services/database/elasticsearch.ts'
import { mongodb } from '#engine/services/database/mongodb.ts'
import { lasting, seen, seenWeb } from './look.ts'
import { mongodb as mongod } from './mongodb.ts'
import * as stores from './web-stores.ts'

test('MongoDB: an open one lists its databases, one with logins says only what it is', async () => {
  const peer = await lasting(mongod(false))
  const weak = await seen(mongodb, peer)
  assert.deepEqual([weak.product, weak.version, weak.cpe], ['MongoDB', '6.0.14', 'cpe:2.3:a:mongodb:mongodb:6.0.14:*:*:*:*:*:*:*'])
  assert.equal(weak.facts.auth, false)
  assert.deepEqual(weak.facts.databases, ['admin', 'local', 'shop'])
  assert.equal(weak.facts.role, 'standalone')
  assert.equal(weak.facts.maxWireVersion, 17)
  assert.equal(weak.facts.openssl, 'OpenSSL 3.0.2 15 Mar 2022')
  assert.deepEqual(peer.asked, ['isMaster', 'buildInfo', 'listDatabases'])
  const hardened = await seen(mongodb, await lasting(mongod(true)))
  assert.equal(hardened.version, '8.0.18')
  assert.equal(hardened.facts.auth, true)
  assert.equal('databases' in hardened.facts, false)
})

test('Elasticsearch and OpenSearch: an open one lists its indices, a closed one names itself', async () => {
  const weak = await seenWeb(elasticsearch, await lasting(stores.elasticsearch(false)))
  assert.deepEqual([weak.product, weak.version], ['Elasticsearch', '7.17.9'])
  assert.deepEqual(weak.facts, { clusterName: 'shop-search', nodeName: 'node-1', lucene: '8.11.1', distribution: 'default', auth: false, indices: ['customers', '.kibana_1'] })
  const hardened = await seenWeb(elasticsearch, await lasting(stores.elasticsearch(true)), true)
  assert.deepEqual([hardened.product, hardened.version, hardened.facts], ['Elasticsearch', undefined, { auth: true }])
  const other = await seenWeb(elasticsearch, await lasting(stores.opensearch()))
  assert.deepEqual([other.product, other.version, other.facts.auth], ['OpenSearch', '2.11.1', false])
})

test('CouchDB: the admin party is seen, and its end', async () => {
  const weak = await seenWeb(couchdb, await lasting(stores.couchdb(false)))
  assert.deepEqual([weak.product, weak.version], ['CouchDB', '1.6.1'])
  assert.deepEqual([weak.facts.auth, weak.facts.adminParty, weak.facts.databases], [false, true, ['_replicator', '_users', 'customers']])
  const hardened = await seenWeb(couchdb, await lasting(stores.couchdb(true)))
  assert.deepEqual([hardened.version, hardened.facts.auth, hardened.facts.adminParty], ['3.3.3', true, false])
})

test('Docker: an open API lists containers, a closed one refuses', async () => {
  const peer = await lasting(stores.docker(false))
  const weak = await seenWeb(docker, peer)
  assert.deepEqual([weak.product, weak.version, weak.facts.auth, weak.facts.containers, weak.facts.apiVersion], ['Docker', '20.10.24', false, 1, '1.41'])
  assert.ok(peer.asked.every((request) => request.startsWith('GET ')), 'nothing but reading')
  const hardened = await seenWeb(docker, await lasting(stores.docker(true)))
  assert.deepEqual([hardened.product, hardened.facts], ['Docker', { auth: true }])
})

test('Docker registry: an open one shows its catalogue', async () => {
  const weak = await seenWeb(dockerRegistry, await lasting(stores.dockerRegistry(false)))
  assert.deepEqual(weak.facts, { auth: false, repositories: ['shop/web', 'shop/worker'] })
  assert.deepEqual((await seenWeb(dockerRegistry, await lasting(stores.dockerRegistry(true)), true)).facts, { auth: true })
})

test('none of them takes another for itself', async () => {
  for (const peer of [await lasting(stores.elasticsearch(false)), await lasting(stores.couchdb(false)), await lasting(stores.docker(false)), await lasting(stores.dockerRegistry(false))]) {
    const found: string[] = []
    for (const service of [elasticsearch, couchdb, docker, dockerRegistry]) {
      if ((await seenWeb(service, peer).catch(() => null)) !== null) found.push(service.name)
    }
    assert.deepEqual(found, [peer.peer.name.split(' ')[0]])
  }
})
