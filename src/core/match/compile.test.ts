import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts, Observation } from '../observation.ts'
import { BadExpr } from './bad-expr.ts'
import { compileExpr } from './compile.ts'
import type { Expr } from './expr.ts'
import { neededTexts } from './literal.ts'
import { viewOf } from './view.ts'

function service(facts: Facts, more: Readonly<{ product?: string; version?: string; banner?: string }> = {}): Observation {
  return {
    kind: 'service', at: { asset: 'a', address: '127.0.0.1', port: 6379, proto: 'tcp' }, seen: 1_000_000, by: 'test@1', data: { name: 'redis', tls: false, facts, ...more },
  }
}

function holds(when: Expr, seen: Observation): boolean {
  return compileExpr(when).holds(viewOf(seen))
}

test('each operator, over text, number, boolean and list', () => {
  const seen = service({ auth: false, users: 3, kex: ['curve25519-sha256', 'diffie-hellman-group1-sha1'], none: null }, { version: '7.0.11', banner: 'Hello WORLD 12' })
  const truths: readonly Expr[] = [
    { field: 'name', is: 'REDIS' },
    { field: 'name', is: ['mysql', 'redis'] },
    { field: 'facts.auth', is: false },
    { field: 'facts.users', is: 3 },
    { field: 'facts.kex', is: 'curve25519-sha256' },
    { field: 'facts.kex', has: 'diffie-hellman-group1-sha1' },
    { field: 'banner', has: 'hello world' },
    { field: 'banner', matches: 'WORLD [0-9]+$' },
    { field: 'banner', matches: 'world', flags: 'i' },
    { field: 'facts.kex', matches: '^diffie-hellman-group1-' },
    { field: 'banner', exists: true },
    { field: 'product', exists: false },
    { field: 'facts.none', exists: false },
    { field: 'facts.users', above: 2 },
    { field: 'facts.users', below: 4 },
    { field: '$seen', above: { field: 'facts.users', plus: 5 } },
    { field: '$port', is: 6379 },
    { field: 'version', version: '<7.0.12' },
    { all: [{ field: 'name', is: 'redis' }, { none: [{ field: 'product', exists: true }] }] },
    { any: [{ field: 'name', is: 'x' }, { field: 'tls', is: false }] },
  ]
  for (const when of truths) {
    assert.ok(holds(when, seen), JSON.stringify(when))
    assert.ok(!holds({ none: [when] }, seen), `none of ${JSON.stringify(when)}`)
  }
  const lies: readonly Expr[] = [
    { field: 'banner', matches: 'world' },
    { field: 'facts.kex', has: 'diffie-hellman' },
    { field: 'facts.users', above: 3 },
    { field: 'facts.users', below: 3 },
    { field: 'facts.auth', is: 'false' },
    { field: 'banner', version: '<99' },
    { field: 'facts.users', version: '<99' },
  ]
  for (const when of lies) assert.ok(!holds(when, seen), JSON.stringify(when))
})

test('a leaf over a missing field is false', () => {
  const seen = service({})
  const missing: readonly Expr[] = [
    { field: 'product', is: '' }, { field: 'product', has: 'a' }, { field: 'product', matches: '.*' }, { field: 'product', version: '<9' }, { field: 'facts.n', below: 1 },
    { field: 'facts.n', above: -1 }, { field: 'facts.constructor', exists: true }, { field: 'facts.__proto__.x', exists: true }, { field: '$seen', above: { field: 'facts.n' } },
  ]
  for (const when of missing) assert.ok(!holds(when, seen), JSON.stringify(when))
})

test('explain shows what in the observation matched', () => {
  const rule = compileExpr({ all: [{ field: 'name', is: 'redis' }, { any: [{ field: 'product', is: 'x' }, { field: 'banner', matches: 'v[0-9.]+' }] }] })
  assert.deepEqual(rule.explain(viewOf(service({}, { banner: 'server V1 v2.3 ok' }))), [{ field: 'name', text: 'redis' }, { field: 'banner', text: 'v2.3' }])
  const listed = compileExpr({ field: 'facts.kex', matches: 'sha1$' })
  assert.deepEqual(listed.explain(viewOf(service({ kex: ['a-sha1', 'b-sha256'] }))), [{ field: 'facts.kex', text: 'a-sha1' }])
})

test('what is not exactly a rule is refused by name', () => {
  const bad: readonly [unknown, RegExp][] = [
    [null, /is not a rule/], [[], /is not a rule/], [{}, /exactly one of/], [{ all: [] }, /at least one/], [{ field: 'a' }, /exactly one of/],
    [{ field: 'a', is: 'x', has: 'y' }, /exactly one of/], [{ field: 'a', is: 'x', extra: 1 }, /'extra'/], [{ field: 'a b', is: 'x' }, /not a path/],
    [{ field: 'a', is: [] }, /is needs/], [{ field: 'a', is: null }, /is needs/], [{ field: 'a', has: '' }, /has needs/], [{ field: 'a', has: 'x'.repeat(600) }, /has needs/],
    [{ field: 'a', matches: '(?=x)' }, /look-around/], [{ field: 'a', matches: '(?<!x)y' }, /look-around/], [{ field: 'a', matches: '(a)\\1' }, /back-reference/],
    [{ field: 'a', matches: '(?<n>a)\\k<n>' }, /back-reference/], [{ field: 'a', matches: 'x'.repeat(600) }, /512/], [{ field: 'a', matches: 'a{5000}' }, /1000/],
    [{ field: 'a', matches: '(a+)+$' }, /repeats a group/], [{ field: 'a', matches: '(' }, /not a pattern/], [{ field: 'a', matches: 'x', flags: 'g' }, /flags/],
    [{ field: 'a', version: 'soon' }, /version range/], [{ field: 'a', below: 'x' }, /needs a number/], [{ field: 'a', above: Number.NaN }, /finite/],
    [{ any: [{ field: 'a', exists: 'yes' }] }, /when\.any\[0\]\.a/],
  ]
  for (const [when, text] of bad) assert.throws(() => compileExpr(when as Expr), (error) => error instanceof BadExpr && text.test(error.message), JSON.stringify(when))
  let deep: Expr = { field: 'a', exists: true }
  for (let depth = 0; depth < 20; depth++) deep = { all: [deep] }
  assert.throws(() => compileExpr(deep), /too large/)
  assert.throws(() => compileExpr({ any: Array.from({ length: 500 }, () => ({ field: 'a', exists: true })) }), /too large/)
})

test('patterns that only look like look-around or back-references are fine', () => {
  for (const pattern of ['(?:a|b)c', '[(?=]x', '\\\\1', '\\(\\?=', '(?<name>a)', 'a{1,20}', '[\\]x]+']) compileExpr({ field: 'a', matches: pattern })
})

test('needed texts are found only where every way to hold needs them', () => {
  assert.deepEqual(neededTexts({ all: [{ field: 'x', exists: true }, { field: 'name', is: ['A', 'b'] }] }, 'name'), new Set(['a', 'b']))
  assert.deepEqual(neededTexts({ any: [{ field: 'name', is: 'a' }, { all: [{ field: 'name', is: 'b' }] }] }, 'name'), new Set(['a', 'b']))
  assert.equal(neededTexts({ any: [{ field: 'name', is: 'a' }, { field: 'x', exists: true }] }, 'name'), null)
  assert.equal(neededTexts({ none: [{ field: 'name', is: 'a' }] }, 'name'), null)
})

test('cookies are told by what they lack', () => {
  const header = 'sid=1; Path=/; Secure; HttpOnly; SameSite=Lax\nlang=en\nXSRF-TOKEN=x; secure; samesite=strict\nold=; Max-Age=0\nt=1; Max-Age=0\nsecure=httponly'
  const seen: Observation = {
    kind: 'http', at: { asset: 'a', address: '127.0.0.1', port: 80, proto: 'tcp', path: '/' }, seen: 1, by: 'http@1',
    data: { method: 'GET', path: '/', status: 200, headers: { 'set-cookie': header }, title: null, body: '', length: 0, catchAll: false, ask: 'GET /', tls: true },
  }
  for (const fault of ['insecure', 'scripted', 'crossSite']) assert.deepEqual(viewOf(seen).get(`$cookies.${fault}`), ['lang', 'secure'], fault)
  assert.ok(!holds({ field: '$cookies.insecure', exists: true }, service({})))
})
