import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import type { Shapes } from '#core/observation.ts'
import { lookAtWeb } from '../../testing.ts'
import { applications } from './http-applications.ts'
import { applicationOf, generatorOf, httpIdentity, layersOf, type WebPage } from './http-identity.ts'
import { httpProducts } from './http-product.ts'
import { frameworkRules, languageRules, libraryRules, serverPageRules, serverRules } from './http-products.ts'
import { httpProxy } from './http-proxy.ts'

const page = (headers: Readonly<Record<string, string>>, body = '', title: string | null = null): WebPage => ({
  headers,
  body,
  title,
})
const server = (text: string): readonly unknown[] => {
  const { product, version, distro } = httpIdentity(page({ server: text }))
  return [product, version, distro]
}

test('Server headers as they are met in the wild', () => {
  assert.deepEqual(server('nginx/1.22.1'), ['nginx', '1.22.1', undefined])
  assert.deepEqual(server('nginx'), ['nginx', undefined, undefined])
  assert.deepEqual(server('openresty/1.21.4.1'), ['OpenResty', '1.21.4.1', undefined])
  assert.deepEqual(server('Apache/2.4.57 (Debian)'), ['Apache httpd', '2.4.57', 'debian'])
  assert.deepEqual(server('Apache'), ['Apache httpd', undefined, undefined])
  assert.deepEqual(server('Apache-Coyote/1.1'), ['Apache Tomcat', undefined, undefined])
  assert.deepEqual(server('ApacheDS'), [undefined, undefined, undefined])
  assert.deepEqual(server('Microsoft-IIS/10.0'), ['Microsoft IIS', '10.0', undefined])
  assert.deepEqual(server('Jetty(9.4.43.v20210629)'), ['Jetty', '9.4.43.v20210629', undefined])
  assert.deepEqual(server('Werkzeug/2.2.2 Python/3.11.2'), ['Werkzeug', '2.2.2', undefined])
  assert.deepEqual(server('Python/3.9 aiohttp/3.8.1'), ['aiohttp', '3.8.1', undefined])
  assert.deepEqual(server('SimpleHTTP/0.6 Python/3.11.2'), ['Python http.server', '3.11.2', undefined])
  assert.deepEqual(server('Nexus/3.68.1-02 (OSS)'), ['Nexus Repository', '3.68.1-02', undefined])
  assert.deepEqual(server('MiniServ/1.990 webmin'), ['Webmin', '1.990', undefined])
  assert.deepEqual(server('squid/5.7'), ['Squid', '5.7', undefined])
  assert.deepEqual(server('WildFly/11'), ['WildFly', '11', undefined])
  assert.deepEqual(server('GlassFish Server Open Source Edition  4.1'), ['GlassFish', '4.1', undefined])
  assert.deepEqual(server('unheard-of/1.0'), [undefined, undefined, undefined])
})

test('a talkative Apache: every product of its header, each with its version', () => {
  const seen = page({
    server: 'Apache/2.4.6 (CentOS) OpenSSL/1.0.2k-fips PHP/5.4.16 mod_perl/2.0.11',
    'x-powered-by': 'PHP/5.4.16',
  })
  const { facts, cpe, distro } = httpIdentity(seen)
  assert.deepEqual(facts?.products, ['Apache httpd/2.4.6', 'OpenSSL/1.0.2k', 'PHP/5.4.16'])
  assert.deepEqual([facts?.php, facts?.openssl, facts?.modules, distro], ['5.4.16', '1.0.2k', ['mod_perl/2.0.11'], 'centos'])
  assert.equal(cpe, 'cpe:2.3:a:apache:http_server:2.4.6:*:*:*:*:*:*:*')
  assert.equal(layersOf(seen).library?.cpe, 'cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*')
})

const application = (seen: WebPage): readonly unknown[] => {
  const found = applicationOf(seen)
  return found === null ? [] : [found.application.product, found.version, found.hint]
}

test('applications by their marks', () => {
  assert.deepEqual(application(page({ 'x-jenkins': '2.426.1' })), ['Jenkins', '2.426.1', false])
  assert.deepEqual(application(page({}, '<meta name="generator" content="WordPress 6.1.1" />')), ['WordPress', '6.1.1', false])
  assert.deepEqual(application(page({}, '<link href="/wp-content/themes/a.css">')), ['WordPress', undefined, false])
  assert.deepEqual(application(page({ 'x-generator': 'Drupal 9 (https://www.drupal.org)' })), ['Drupal', '9', false])
  assert.deepEqual(application(page({}, '<meta name="ajs-version-number" content="7.13.0">')), ['Confluence', '7.13.0', false])
  assert.deepEqual(application(page({ location: '/login' })), ['Grafana', undefined, true])
  assert.deepEqual(application(page({ location: '/login?next=/' })), [])
  assert.deepEqual(application(page({}, '', 'Apache Tomcat/9.0.30')), ['Apache Tomcat', '9.0.30', false])
  assert.deepEqual(application(page({}, 'an ordinary page about WordPress and Jenkins', 'Welcome')), [])
  // A hint is no product yet.
  assert.deepEqual(httpIdentity(page({ location: '/login' })).facts?.products, [])
})

test('the generator of a page, in any order of its attributes', () => {
  assert.equal(generatorOf('<meta content="Joomla! - Open Source" name="generator">'), 'Joomla! - Open Source')
  assert.equal(generatorOf('<meta name="viewport" content="generator">'), null)
})

test('no rule backtracks on a long line, and all are whole', () => {
  const rules = [...serverRules, ...serverPageRules, ...libraryRules, ...languageRules, ...frameworkRules]
  assert.ok(rules.length + applications.length >= 150, `${rules.length} rules and ${applications.length} applications`)
  for (const text of [
    'a'.repeat(200_000),
    '<meta '.repeat(20_000),
    'Apache/2.4.6 '.repeat(10_000),
    '"version":{"number":"'.repeat(8000),
    '{"kind": "Status"'.repeat(9000),
  ]) {
    httpIdentity(
      page(
        { server: text, 'x-powered-by': text, 'set-cookie': text, location: text, via: text, 'www-authenticate': text },
        text,
        text.slice(0, 200),
      ),
    )
    for (const { ask } of applications) ask?.version.exec(text.slice(0, 65_536))
  }
  assert.deepEqual(
    applications.filter(({ cpe }) => cpe !== undefined && !/^[a-z0-9_.-]+:[a-z0-9_.\\!-]+$/.test(cpe)),
    [],
  )
})

async function web(t: TestContext, answer: RequestListener): Promise<number> {
  const listening = createServer(answer)
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve)
  })
  t.after(
    () =>
      new Promise((resolve) => {
        listening.closeAllConnections()
        listening.close(resolve)
      }),
  )
  const address = listening.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const root = (headers: Readonly<Record<string, string>>, more: Partial<Shapes['http']> = {}): Shapes['http'] => ({
  method: 'GET',
  path: '/',
  status: 200,
  headers,
  title: null,
  body: '',
  length: 0,
  catchAll: false,
  ask: 'GET /',
  tls: false,
  ...more,
})
const behind = httpProducts.at(-1)!

test('an application that its root only hints at is proved by a page of its own, or not named', async (t) => {
  const grafana = await web(t, (request, response) => {
    response.end(request.url === '/api/health' ? '{"commit":"x","database":"ok","version":"9.4.7"}' : 'login')
  })
  const stranger = await web(t, (_request, response) => {
    response.end('login')
  })
  const seen = root({ location: '/login' }, { status: 302 })
  const proved = await lookAtWeb(behind, grafana, seen)
  assert.deepEqual([proved?.product, proved?.version, proved?.facts], ['Grafana', '9.4.7', { layer: 'application' }])
  assert.match(proved?.evidence?.received ?? '', /9\.4\.7/)
  assert.equal(await lookAtWeb(behind, stranger, seen), null)
})

test('an application with a mark but no version is named all the same; a version told at once costs no request', async (t) => {
  let asked = 0
  const port = await web(t, (_request, response) => {
    asked += 1
    response.statusCode = 403
    response.end()
  })
  const sonar = await lookAtWeb(behind, port, root({}, { title: 'SonarQube' }))
  assert.deepEqual([sonar?.product, sonar?.version], ['SonarQube', undefined])
  assert.equal((await lookAtWeb(behind, port, root({ 'x-jenkins': '2.1' })))?.version, '2.1')
  assert.equal(asked, 1)
})

test('layers yield one observation each, with what showed them', async () => {
  const seen = root({
    server: 'Apache/2.4.6 (CentOS) OpenSSL/1.0.2k',
    'x-powered-by': 'PHP/5.4.16',
    'set-cookie': 'laravel_session=x; path=/',
  })
  const found = await Promise.all(
    httpProducts.filter((service) => service.hints(seen, 80)).map((service) => lookAtWeb(service, 1, seen)),
  )
  assert.deepEqual(
    found.map((sighting) => [sighting?.product, sighting?.version, sighting?.distro]),
    [
      ['OpenSSL', '1.0.2k', 'centos'],
      ['PHP', '5.4.16', 'centos'],
      ['Laravel', undefined, 'centos'],
    ],
  )
  assert.match(found[1]?.evidence?.received ?? '', /x-powered-by: PHP\/5\.4\.16/)
})

test('a server that routes by name, or fails at everything, is no open proxy', async (t) => {
  const byName = await web(t, (request, response) => {
    response.statusCode = request.headers.host?.endsWith(':65533') === true ? 503 : 200
    response.end()
  })
  assert.equal(await lookAtWeb(httpProxy, byName, root({})), null)
  const broken = await web(t, (_request, response) => {
    response.statusCode = 502
    response.end()
  })
  assert.equal(await lookAtWeb(httpProxy, broken, root({}, { status: 502 })), null)
  const plain = await web(t, (_request, response) => {
    response.end('hello')
  })
  assert.equal(await lookAtWeb(httpProxy, plain, root({})), null)
})

test('a proxy that wants a name is a closed one', async (t) => {
  const port = await web(t, (_request, response) => {
    response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' })
    response.end()
  })
  const sighting = await lookAtWeb(httpProxy, port, root({}, { status: 407 }))
  assert.deepEqual([sighting?.facts?.openProxy, sighting?.facts?.auth, sighting?.facts?.connect], [false, true, false])
})

test('a proxy that forwards is open', async (t) => {
  const port = await web(t, (request, response) => {
    response.statusCode = request.url?.startsWith('http://') === true ? 502 : 400
    response.end()
  })
  const sighting = await lookAtWeb(httpProxy, port, root({}, { status: 400 }))
  assert.deepEqual(
    [sighting?.facts?.openProxy, sighting?.facts?.forward, sighting?.facts?.connect, sighting?.facts?.auth],
    [true, true, false, false],
  )
})
