import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileJudge } from './judge.ts'
import type { Observation, Shapes } from './observation.ts'
import type { Signature } from './signature.ts'

function signature(some: Partial<Signature> & Pick<Signature, 'id' | 'when'>): Signature {
  return {
    version: 1, title: 't', category: 'c', severity: 3, type: 'confirmed', on: 'service', result: 'found', cve: [], cwe: [], threat: '', impact: '', solution: '',
    references: [], products: [], published: '2026-11-24', changed: '2026-11-24', ...some,
  }
}

function service(data: Partial<Shapes['service']>): Observation {
  return { kind: 'service', at: { asset: 'a', address: '127.0.0.1', port: 22, proto: 'tcp' }, seen: 7, by: 'ssh@1', data: { name: 'ssh', tls: false, facts: {}, ...data } }
}

function http(data: Partial<Shapes['http']>): Observation {
  const whole = { method: 'GET', path: '/', status: 200, headers: {}, title: null, body: '', length: 0, catchAll: false, ask: 'GET /', tls: false, ...data }
  return { kind: 'http', at: { asset: 'a', address: '127.0.0.1', port: 80, proto: 'tcp', path: whole.path }, seen: 7, by: 'asked@1', data: whole }
}

test('a detection carries place, proof, time, probe and what matched', () => {
  const judge = compileJudge([signature({ id: 1, when: { all: [{ field: 'name', is: 'ssh' }, { field: 'version', version: '<9' }] }, result: 'Version {version} of {product} ({match})' })])
  const evidence = { sent: '', received: 'SSH-2.0-OpenSSH_8.0' }
  const seen = { ...service({ product: 'OpenSSH', version: '8.0' }), evidence }
  assert.deepEqual(judge(seen), [
    { signature: 1, version: 1, at: seen.at, type: 'confirmed', severity: 3, result: 'Version 8.0 of OpenSSH (8.0)', seen: 7, by: 'ssh@1', evidence },
  ])
  assert.deepEqual(judge(service({ product: 'OpenSSH', version: '9.8' })), [])
})

test('a result that names no field gets what matched appended, in one clean, bounded line', () => {
  const judge = compileJudge([signature({ id: 1, when: { field: 'banner', matches: 'evil.*', flags: 's' } })])
  const [detection] = judge(service({ banner: `evil\r\n\u001b[31m\u202e${'x'.repeat(900)}` }))
  assert.match(detection!.result, /^found \(banner: evil �\[31m�x+…\)$/)
  assert.ok(detection!.result.length < 300)
})

test('a version read from a distribution build is only potential and says why', () => {
  const versioned = signature({ id: 1, versioned: true, when: { field: 'version', version: '<9' } })
  const plain = signature({ id: 2, when: { field: 'version', version: '<9' } })
  const [first, second] = compileJudge([versioned, plain])(service({ version: '8.4p1', distro: 'debian' }))
  assert.equal(first!.type, 'potential')
  assert.match(first!.note!, /8\.4p1 is a debian build.*back-port/)
  assert.equal(second!.type, 'confirmed')
  assert.equal(second!.note, undefined)
  assert.equal(compileJudge([versioned])(service({ version: '8.4p1' }))[0]!.type, 'confirmed')
  const [weak] = compileJudge([{ ...versioned, type: 'potential' }])(service({ version: '8.4p1' }))
  assert.match(weak!.note!, /read from a banner.*back-port/)
  const [told] = compileJudge([{ ...versioned, type: 'information' }])(service({ version: '8.4p1', distro: 'debian' }))
  assert.deepEqual([told!.type, told!.note], ['information', undefined])
})

test('a signature that asked is judged on its own request only, and never on a server that answers anything', () => {
  const judge = compileJudge([
    signature({ id: 1, on: 'http', ask: { path: '/.git/HEAD' }, when: { field: 'body', has: 'ref: ' } }),
    signature({ id: 2, on: 'http', when: { field: 'body', has: 'ref: ' } }),
    signature({ id: 3, on: 'http', ask: { path: '/', headers: { Origin: 'null' } }, when: { field: 'body', has: 'ref: ' } }),
  ])
  const ids = (data: Partial<Shapes['http']>): number[] => judge(http({ body: 'ref: refs/heads/main', ...data })).map((one) => one.signature)
  assert.deepEqual(ids({ path: '/.git/HEAD', ask: 'GET /.git/HEAD' }), [1])
  assert.deepEqual(ids({ path: '/.git/HEAD', ask: 'GET /.git/HEAD', catchAll: true }), [])
  assert.deepEqual(ids({ path: '/.git/HEAD', ask: 'HEAD /.git/HEAD' }), [])
  assert.deepEqual(ids({}), [2])
  assert.deepEqual(ids({ catchAll: true }), [2])
  assert.deepEqual(ids({ ask: 'GET /\norigin: null', catchAll: true }), [3])
})

test('the index never hides what a plain loop over all rules would find', () => {
  const names = ['ssh', 'http', 'redis', 'ftp']
  const products = ['nginx', 'OpenSSH', 'Redis']
  const signatures: Signature[] = []
  for (const name of names) {
    for (const product of products) {
      signatures.push(signature({ id: signatures.length + 1, when: { all: [{ field: 'name', is: name }, { field: 'product', is: product }] } }))
      signatures.push(signature({ id: signatures.length + 1, when: { any: [{ field: 'name', is: name }, { field: 'product', is: product }] } }))
      signatures.push(signature({ id: signatures.length + 1, when: { field: 'product', is: [product, 'other'] } }))
      signatures.push(signature({ id: signatures.length + 1, when: { none: [{ field: 'name', is: name }] } }))
    }
  }
  const judge = compileJudge(signatures)
  for (const name of [...names, 'unknown']) {
    for (const product of [...products, 'other', 'NGINX', undefined]) {
      const seen = service({ name, ...(product === undefined ? {} : { product }) })
      const alone = signatures.flatMap((one) => compileJudge([{ ...one, when: { all: [{ any: [one.when] }] } }])(seen)).map((one) => one.signature)
      const expected = signatures.filter((one) => byHand(one, name, product)).map((one) => one.id)
      assert.deepEqual(judge(seen).map((one) => one.signature), expected)
      assert.deepEqual(alone, expected)
    }
  }
})

function byHand(one: Signature, name: string, product: string | undefined): boolean {
  const when = JSON.parse(JSON.stringify(one.when).toLowerCase()) as Readonly<Record<string, readonly { field: string; is: string }[] & string[]>>
  const leaf = (part: { field: string; is: string }): boolean => (part.field === 'name' ? part.is === name : part.is === product?.toLowerCase())
  if (when['all'] !== undefined) return when['all'].every(leaf)
  if (when['any'] !== undefined) return when['any'].some(leaf)
  if (when['none'] !== undefined) return !when['none'].some(leaf)
  return when['is']!.includes((product ?? '').toLowerCase())
}
