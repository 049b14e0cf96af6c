import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Shapes } from '#core/observation.ts'
import { webServices } from '../../probes.ts'
import { lookAtWeb } from '../../testing.ts'
import { couchdb } from './couchdb.ts'
import { docker, dockerRegistry } from '../cluster/docker.ts'
import { elasticsearch } from './elasticsearch.ts'
import { etcd } from '../cluster/etcd.ts'
import { serve, speaker } from '../testing-server.ts'

const ours = [elasticsearch, couchdb, docker, dockerRegistry, etcd]
const root: Shapes['http'] = { method: 'GET', path: '/', status: 200, headers: {}, title: null, body: '', length: 0, catchAll: false, ask: 'GET /', tls: false }

/** JSON that is right as JSON and wrong as everything else. */
const odd: readonly string[] = [
  '', 'null', '5', '[]', '{}', '"x"', '{"version":null}', '{"version":{"number":5},"cluster_name":"a"}', '{"version":{"number":"1"},"cluster_name":[]}', '{"couchdb":5}', '{"couchdb":"welcome"}',
  '{"ApiVersion":1,"Version":2}', '{"etcdserver":null}', '{"etcdserver":["3.5"]}', '{"repositories":5}', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, '{"__proto__":{"version":{"number":"1"}}}', '<html>',
]

for (const body of odd) {
  test(`${JSON.stringify(body.slice(0, 40))} is none of them`, async (t) => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const port = await serve(t, speaker('', [[/^(?:GET|POST) /, answer]], ''))
    for (const service of ours) assert.equal(await lookAtWeb(service, port, root), null, service.name)
  })
}

test('hints: by what the root page says, or by the port', () => {
  const hinted = (page: Partial<Shapes['http']>, port: number): readonly string[] => ours.filter((service) => service.hints({ ...root, ...page }, port)).map((service) => service.name)
  assert.deepEqual(hinted({}, 80), [])
  assert.deepEqual(hinted({ body: '{"cluster_name":"a","tagline":"You Know, for Search"}' }, 8080), ['elasticsearch'])
  assert.deepEqual(hinted({ headers: { server: 'CouchDB/3.3.3 (Erlang OTP/24)' } }, 8080), ['couchdb'])
  assert.deepEqual(hinted({ status: 404 }, 2375), ['docker'])
  assert.deepEqual(hinted({ status: 404, headers: { server: 'Docker/20.10.24 (linux)' } }, 8080), ['docker'])
  assert.deepEqual(hinted({}, 5000), ['docker-registry'])
  assert.deepEqual(hinted({ status: 404 }, 2379), ['etcd'])
})

test('etcd where logins are on answers neither API', async (t) => {
  const http = (status: string, body: string): string => `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const port = await serve(t, speaker('', [
    [/^GET \/version /, http('200 OK', '{"etcdserver":"3.5.9","etcdcluster":"3.5.0"}')],
    [/^POST \/v3\/kv\/range /, http('400 Bad Request', '{"error":"etcdserver: user name is empty","code":3,"message":"etcdserver: user name is empty"}')],
    [/^GET \/v2\/keys\/ /, http('401 Unauthorized', '{"message":"Insufficient credentials"}')],
  ], ''))
  assert.deepEqual((await lookAtWeb(etcd, port, root))?.facts, { clusterVersion: '3.5.0', v3: true, v2: true, auth: true })
})

test('every web service of this room is registered', () => {
  assert.deepEqual(ours.filter((service) => !webServices.includes(service)).map((service) => service.name), [])
})
