import { recordedHttp, type At, type Recorded } from './recorded.ts'

const missing = { status: 404, body: { error: 'not found' } }

/** Elasticsearch 7.17; with `auth` as its security layer answers, inside TLS, as it sets itself up from version 8 on. */
export function elasticsearch(auth: boolean, at: At = {}): Promise<Recorded> {
  const denied = {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="security" charset="UTF-8"', 'x-elastic-product': 'Elasticsearch' },
    body: { error: { root_cause: [{ type: 'security_exception', reason: 'missing authentication credentials for REST request [/]' }], type: 'security_exception', reason: 'missing authentication credentials for REST request [/]' }, status: 401 },
  }
  if (auth) return recordedHttp('elasticsearch hardened', {}, denied, { ...at, tls: true })
  const root = {
    name: 'node-1', cluster_name: 'shop-search', cluster_uuid: 'x2Oa2_7bSXe5i2S0Kq0mTg',
    version: { number: '7.17.9', build_flavor: 'default', build_type: 'docker', build_hash: 'ef48222227ee6b9e70e502f0f0daa52435ee634d', build_snapshot: false, lucene_version: '8.11.1', minimum_wire_compatibility_version: '6.8.0', minimum_index_compatibility_version: '6.0.0-beta1' },
    tagline: 'You Know, for Search',
  }
  const product = { 'x-elastic-product': 'Elasticsearch' }
  return recordedHttp('elasticsearch weak', { 'GET /': { headers: product, body: root }, 'GET /_cat/indices': { headers: product, body: [{ index: 'customers', 'docs.count': '1000' }, { index: '.kibana_1', 'docs.count': '9' }] } }, missing, at)
}

/** OpenSearch 2.11, whose root page says so. */
export function opensearch(at: At = {}): Promise<Recorded> {
  const root = { name: 'node-1', cluster_name: 'docker-cluster', cluster_uuid: 'a', version: { distribution: 'opensearch', number: '2.11.1', build_type: 'tar', lucene_version: '9.7.0' }, tagline: 'The OpenSearch Project: https://opensearch.org/' }
  return recordedHttp('opensearch weak', { 'GET /': { body: root }, 'GET /_cat/indices': { body: [] } }, missing, at)
}

/** CouchDB: 1.6 in its admin party, 3.3 with its admin set. */
export function couchdb(auth: boolean, at: At = {}): Promise<Recorded> {
  if (!auth) {
    const headers = { server: 'CouchDB/1.6.1 (Erlang OTP/17)' }
    return recordedHttp('couchdb weak', {
      'GET /': { headers, body: { couchdb: 'Welcome', uuid: '2d1c', version: '1.6.1', vendor: { name: 'The Apache Software Foundation', version: '1.6.1' } } },
      'GET /_all_dbs': { headers, body: ['_replicator', '_users', 'customers'] },
      'GET /_session': { headers, body: { ok: true, userCtx: { name: null, roles: ['_admin'] }, info: { authentication_handlers: ['oauth', 'cookie', 'default'] } } },
    }, { ...missing, headers }, at)
  }
  const headers = { server: 'CouchDB/3.3.3 (Erlang OTP/24)' }
  return recordedHttp('couchdb hardened', {
    'GET /': { headers, body: { couchdb: 'Welcome', version: '3.3.3', git_sha: '40afbcfc7', uuid: '9c', features: ['access-ready'], vendor: { name: 'The Apache Software Foundation' } } },
    'GET /_session': { headers, body: { ok: true, userCtx: { name: null, roles: [] }, info: { authentication_handlers: ['cookie', 'default'] } } },
  }, { status: 401, headers, body: { error: 'unauthorized', reason: 'You are not a server admin.' } }, at)
}

/** Docker Engine 20.10 on its plain port; with `auth` behind an authorisation plug-in. */
export function docker(auth: boolean, at: At = {}): Promise<Recorded> {
  const headers = { server: 'Docker/20.10.24 (linux)', 'api-version': '1.41', 'docker-experimental': 'false', ostype: 'linux' }
  if (auth) return recordedHttp('docker hardened', {}, { status: 403, headers, body: { message: 'authorization denied by plugin' } }, at)
  return recordedHttp('docker weak', {
    'GET /version': { headers, body: { Platform: { Name: 'Docker Engine - Community' }, Components: [{ Name: 'Engine', Version: '20.10.24' }], Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', GitCommit: '5d6db84', GoVersion: 'go1.19.7', Os: 'linux', Arch: 'amd64', KernelVersion: '5.15.0-91-generic' } },
    'GET /containers/json': { headers, body: [{ Id: 'f1', Names: ['/shop'], Image: 'shop:1' }] },
  }, { status: 404, headers, body: { message: 'page not found' } }, at)
}

/** The registry (distribution) 2.8; with `auth` inside TLS. */
export function dockerRegistry(auth: boolean, at: At = {}): Promise<Recorded> {
  const headers = { 'docker-distribution-api-version': 'registry/2.0' }
  if (auth) return recordedHttp('docker-registry hardened', {}, { status: 401, headers: { ...headers, 'www-authenticate': 'Basic realm="Registry"' }, body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] } }, { ...at, tls: true })
  return recordedHttp('docker-registry weak', { 'GET /v2/': { headers, body: {} }, 'GET /v2/_catalog': { headers, body: { repositories: ['shop/web', 'shop/worker'] } } }, missing, at)
}
