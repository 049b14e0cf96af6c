import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Observation, Shapes } from '#core/observation.ts'
import { Unseen, type Sight } from '../probe.ts'
import { serve, speaker } from '../services/testing-server.ts'
import { withTools } from '../testing.ts'
import { bounded, defaultLogin } from './default-login.ts'
import { defaultLogins } from './default-logins.ts'

async function look(port: number, data: Partial<Shapes['service']>): Promise<{ facts: Shapes['service']['facts'] | null; code: string | null; sights: readonly Sight[] }> {
  const seen: Observation<'service'> = { kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 0, by: 'service@1', data: { name: 'http', tls: false, facts: {}, ...data } }
  return withTools(async (tools, signal) => {
    assert.ok(defaultLogin.wants(seen, tools.profile))
    const sights: Sight[] = []
    let code: string | null = null
    try {
      for await (const sight of defaultLogin.run(seen, tools, signal)) sights.push(sight)
    } catch (error) {
      if (!(error instanceof Unseen)) throw error
      code = error.code
    }
    const [first] = sights
    return { facts: first?.kind === 'service' ? first.data.facts : null, code, sights }
  })
}

/** Tomcat's manager: which pairs it takes, and after how many tries it brakes. */
async function manager(t: TestContext, taken: string, brakesAfter = Infinity): Promise<{ port: number; tried: string[] }> {
  const tried: string[] = []
  const server = createServer((request, response) => {
    tried.push(Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString())
    if (tried.length > brakesAfter) response.writeHead(429).end('too many tries')
    else if (taken === 'anybody' || tried.at(-1) === taken) response.end('OK - Server info\nTomcat Version: [Apache Tomcat/9.0.1]\n')
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="Tomcat Manager Application"' }).end('no')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, tried }
}

test('a login that a product ships with is found by trying it once, after a stranger was refused', async (t) => {
  const { port, tried } = await manager(t, 'tomcat:s3cret')
  const { facts, sights } = await look(port, { product: 'Apache Tomcat' })
  assert.deepEqual([facts?.['defaultLogin'], facts?.['defaultUser'], facts?.['defaultPassword']], [true, 'tomcat', 's3cret'])
  assert.deepEqual(tried.slice(1), ['tomcat:tomcat', 'tomcat:s3cret'])
  assert.match(tried[0]!, /^v[0-9a-f]{10}:/)
  assert.match((sights[0] as Observation).evidence!.received, /Tomcat Version/)
})

test('a changed password, a server that lets anybody in and one that brakes: nothing is found, and nobody is locked out', async (t) => {
  const changed = await manager(t, 'tomcat:aV3ryLongOne')
  assert.deepEqual([(await look(changed.port, { product: 'Apache Tomcat' })).facts, changed.tried.length], [null, 4])
  const open = await manager(t, 'anybody')
  assert.deepEqual([(await look(open.port, { product: 'Apache Tomcat' })).facts, open.tried.length], [null, 1])
  const braking = await manager(t, 'admin:admin', 2)
  const { facts, code } = await look(braking.port, { product: 'Apache Tomcat' })
  assert.deepEqual([facts, code, braking.tried.length], [null, 'braked', 3])
})

test('FTP and Redis are tried in their own words', async (t) => {
  const ftp = await serve(t, speaker('220 hello\r\n', [[/^USER v/, '331 password\r\n'], [/^USER root/, '331 password\r\n'], [/^PASS root$/, '230 in\r\n'], [/^USER/, '331 password\r\n'], [/^PASS/, '530 no\r\n']]))
  assert.equal((await look(ftp, { name: 'ftp', facts: { cleartextLogin: true } })).facts?.['defaultUser'], 'root')
  const locking = await serve(t, speaker('220 hello\r\n', [[/^USER/, '331 password\r\n'], [/^PASS/, '421 Too many failed logins\r\n']]))
  assert.equal((await look(locking, { name: 'ftp', facts: { cleartextLogin: true } })).code, 'braked')
  const redis = await serve(t, speaker('', [[/^AUTH foobared$/, '+OK\r\n'], [/^AUTH/, '-WRONGPASS invalid username-password pair\r\n']]))
  assert.equal((await look(redis, { name: 'redis', product: 'Redis', facts: { auth: true } })).facts?.['defaultPassword'], 'foobared')
})

test('no account is tried more than three times, no service more than six', () => {
  assert.equal(bounded([['a', '1'], ['a', '2'], ['a', '3'], ['a', '4'], ['b', '1']]).length, 4)
  assert.equal(bounded(Array.from({ length: 9 }, (_, index) => [`u${index}`, 'x'] as const)).length, 6)
  for (const { pairs, product } of defaultLogins) assert.deepEqual(bounded(pairs), pairs, product)
})
