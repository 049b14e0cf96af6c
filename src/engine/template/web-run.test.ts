import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { test, type TestContext } from 'node:test'
import { libraryOf, lookTemplates, planOf, type LookOptions, type Looked } from './testing.ts'
import { listen } from '../testing-server.ts'

type Asked = Readonly<{ line: string; request: IncomingMessage; body: string }>

/** A web server of ours; what it does not know is plainly not there. Remembers what it was asked. */
async function serve(t: TestContext, pages: (asked: Asked, response: ServerResponse) => unknown): Promise<Readonly<{ port: number; asked: Asked[] }>> {
  const asked: Asked[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString('latin1'))).on('end', () => {
      const one = { line: `${request.method} ${request.url}`, request, body }
      asked.push(one)
      if (pages(one, response) === undefined && !response.writableEnded) {
        response.statusCode = 404
        response.end('<title>404 Not Found</title>')
      }
    })
  }
  return { port: await listen(t, createServer(listener)), asked }
}

const page = (response: ServerResponse, text: string, headers: Record<string, string | string[]> = {}, status = 200): true => {
  response.writeHead(status, headers)
  response.end(text)
  return true
}

const word = (words: string | string[], more: object = {}): object => ({ type: 'word', words: typeof words === 'string' ? [words] : words, ...more })
const template = (id: string, http: object | object[], more: object = {}): object => ({ id, info: { name: id, severity: 'info', tags: 'test' }, http: Array.isArray(http) ? http : [http], ...more })
const get = (path: string, matchers: object[], more: object = {}): object => ({ method: 'GET', path: [`{{BaseURL}}${path}`], matchers, ...more })

const look = (port: number, templates: readonly object[], options?: LookOptions): Promise<Looked> => lookTemplates(port, libraryOf(templates.map(planOf)), options)
const held = (looked: Looked): string[] => looked.matches.map(({ data }) => `${data.template}${data.matcher === undefined ? '' : `:${data.matcher}`}`).sort()

test('a path, matchers with names, what extractors read, and where it is', async (t) => {
  const { port } = await serve(t, ({ line }, response) => (line === 'GET /status' ? page(response, '{"version":"4.2.1","mode":"open"}', { 'X-Thing': 'yes' }) : undefined))
  const looked = await look(port, [
    template('thing', get('/status', [word('"mode":"open"', { name: 'open' }), word('never', { name: 'other' }), { type: 'status', status: ['200'], name: 'there' }], {
      extractors: [{ type: 'regex', regex: ['"version":"([0-9.]+)"'], group: '1' }, { type: 'kval', kval: ['x_thing'] }],
    })),
    template('both', get('/status', [word('version'), { type: 'status', status: ['404'] }], { 'matchers-condition': 'and' })),
  ])
  assert.deepEqual(held(looked), ['thing:open', 'thing:there'])
  const [match] = looked.matches
  assert.deepEqual(match!.data.extracted, ['4.2.1', 'yes', `http://127.0.0.1:${port}/status`])
  assert.deepEqual(match!.at, { asset: '127.0.0.1', address: '127.0.0.1', port, proto: 'tcp' }, 'a match is at the port, not at a page')
  assert.match(Buffer.from(match!.proof!.exchanges[0]!.received, 'base64').toString(), /^HTTP\/1\.1 200 OK[^]*"mode":"open"/)
  assert.equal(match!.proof!.control.length, 1, 'a path that nobody has was asked, too')
  assert.deepEqual(looked.asked, [1, 2], 'both were asked to their end')
})

test('steps hand on what they read, in one jar of cookies', async (t) => {
  const { port, asked } = await serve(t, ({ line, request, body }, response) => {
    if (line === 'GET /login') return page(response, '<input name="csrf" value="t0k3n">', { 'Set-Cookie': 'session=abc; Path=/' })
    if (line === 'POST /login') return page(response, /^user=admin&csrf=t0k3n$/.test(body) && request.headers.cookie === 'session=abc' ? 'welcome' : 'no', { 'Set-Cookie': 'role=admin' })
    return line === 'GET /secret' && request.headers.cookie === 'session=abc; role=admin' ? page(response, 'the secret') : undefined
  })
  const looked = await look(port, [template('steps', {
    raw: ['GET /login HTTP/1.1\nHost: {{Hostname}}\n', 'POST /login HTTP/1.1\nHost: {{Hostname}}\nContent-Type: application/x-www-form-urlencoded\n\nuser=admin&csrf={{csrf}}\n', 'GET /secret HTTP/1.1\nHost: {{Hostname}}\n'],
    matchers: [{ type: 'dsl', dsl: ['contains(body_2, "welcome") && contains(body_3, "secret") && status_code_1 == 200'] }],
    extractors: [{ type: 'regex', name: 'csrf', internal: 'true', group: '1', regex: ['name="csrf" value="(\\w+)"'] }],
  })])
  assert.deepEqual(held(looked), ['steps'])
  assert.equal(looked.matches[0]!.proof!.exchanges.length, 3)
  assert.equal(asked.filter(({ line }) => line === 'POST /login').length, 1)
})

test('a step whose value was never found is not sent, and nothing failed', async (t) => {
  const { port, asked } = await serve(t, ({ line }, response) => (line === 'GET /login' ? page(response, 'nothing here') : undefined))
  const looked = await look(port, [template('steps', {
    path: ['{{BaseURL}}/login', '{{BaseURL}}/next?{{csrf}}'], matchers: [word('x')], extractors: [{ type: 'regex', name: 'csrf', internal: 'true', regex: ['token=(\\w+)'] }],
  })])
  assert.deepEqual(asked.map(({ line }) => line).filter((line) => line.includes('next')), [])
  assert.deepEqual(looked.asked, [1])
})

test('payloads: each with each, side by side, and no further than the first that held', async (t) => {
  const { port, asked } = await serve(t, ({ line, request }, response) => {
    if (line === 'GET /admin') return request.headers.authorization === `Basic ${Buffer.from('admin:changeme').toString('base64')}` ? page(response, 'panel') : page(response, 'who?', {}, 401)
    return undefined
  })
  const payloads = { user: ['root', 'admin'], pass: ['changeme', '123', 'late'] }
  const request = { raw: ['GET /admin HTTP/1.1\nHost: {{Hostname}}\nAuthorization: Basic {{base64(user + ":" + pass)}}\n'], payloads, matchers: [word('panel')] }
  const login = { info: { name: 'x', severity: 'high', tags: 'default-login' } }
  const looked = await look(port, [
    template('bomb', { ...request, attack: 'clusterbomb', 'stop-at-first-match': 'true' }, login),
    template('fork', { ...request, attack: 'pitchfork' }, login),
  ])
  assert.deepEqual(held(looked), ['bomb'])
  const tried = asked.flatMap(({ request: { headers } }) => (headers.authorization === undefined ? [] : [Buffer.from(headers.authorization.slice(6), 'base64').toString()]))
  assert.deepEqual(tried.filter((one, index) => tried.indexOf(one) === index).sort(), ['admin:123', 'admin:changeme', 'root:changeme'])
  const none = await look(port, [template('bomb', request, login)], { profile: { defaults: false } })
  assert.deepEqual([held(none), none.asked], [[], []], 'no login is tried where the profile says so')
})

test('an unsafe request goes byte for byte', async (t) => {
  const heard: string[] = []
  const port = await listen(t, createTcp((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1')
      heard.push(text)
      const isBad = text.startsWith('GET /../x HTTP/9.9\r\nhOsT: a\r\nhOsT: b\r\n')
      socket.end(`HTTP/1.1 ${isBad ? '200 OK' : '404 Not Found'}\r\nContent-Length: 3\r\nConnection: close\r\n\r\n${isBad ? 'yes' : 'no!'}`)
    })
  }))
  const looked = await look(port, [template('unsafe', { raw: ['GET /../x HTTP/9.9\nhOsT: a\nhOsT: b\n\n'], unsafe: 'true', matchers: [word('yes')] })])
  assert.deepEqual(held(looked), ['unsafe'])
  assert.ok(heard.includes('GET /../x HTTP/9.9\r\nhOsT: a\r\nhOsT: b\r\n\r\n'), JSON.stringify(heard))
})

test('redirects are followed as the template says, and pages on the way are judged as well', async (t) => {
  const { port } = await serve(t, ({ line }, response) => {
    if (line === 'GET /old') return page(response, 'moved', { Location: '/new', 'X-Old': 'yes' }, 302)
    return line === 'GET /new' ? page(response, 'the new page') : undefined
  })
  const looked = await look(port, [
    template('stays', get('/old', [word('the new page')])), template('follows', get('/old', [word('the new page')], { 'host-redirects': 'true' })),
    template('on-the-way', get('/old', [{ type: 'word', part: 'header', words: ['X-Old: yes'] }], { redirects: 'true' })),
  ])
  assert.deepEqual(held(looked), ['follows', 'on-the-way'])
})

test('flow: chains and scripts decide what is sent', async (t) => {
  const { port, asked } = await serve(t, ({ line }, response) => {
    if (line === 'GET /list') return page(response, 'item=7 item=9')
    return line === 'GET /item/9' ? page(response, 'open') : line.startsWith('GET /item/') ? page(response, 'shut') : undefined
  })
  const list = get('/list', [word('item=', { internal: 'true' })], { extractors: [{ type: 'regex', name: 'items', internal: 'true', group: '1', regex: ['item=(\\d+)'] }] })
  const item = { method: 'GET', path: ['{{BaseURL}}/item/{{one}}'], matchers: [word('open')] }
  const looked = await look(port, [
    template('chain', [get('/nothing', [word('x')]), get('/never', [word('x')])], { flow: 'http(1) && http(2)' }),
    template('script', [list, item], { flow: 'if (http(1)) { for (const one of iterate(template.items)) { set("one", one); http(2) } }' }),
    template('broken', [list], { flow: 'http(1); while (true) {}' }),
  ])
  assert.deepEqual(held(looked), ['script'])
  assert.ok(!asked.some(({ line }) => line === 'GET /never'))
  assert.deepEqual(looked.asked, [1, 2], 'a script that never ends was not run to its end')
  assert.match(looked.notes.find(({ code }) => code === 'unanswered')!.text, /broken: the script of the template failed/)
})

test('chance stays the same through a run, and the proof says what it chose', async (t) => {
  const { port } = await serve(t, ({ line, body }, response) => (line.startsWith('POST /echo') ? page(response, `said ${body}`) : undefined))
  const looked = await look(port, [template('echo', {
    raw: ['POST /echo HTTP/1.1\nHost: {{Hostname}}\n\n{{randstr}} {{mark}}\n', 'POST /echo HTTP/1.1\nHost: {{Hostname}}\n\n{{md5(randstr)}}\n'],
    matchers: [{ type: 'dsl', dsl: ['contains(body_1, randstr) && contains(body_1, mark) && contains(body_2, md5(randstr))'] }],
  }, { variables: { mark: '{{rand_base(8)}}' } })])
  assert.deepEqual(held(looked), ['echo'])
  const { variables, exchanges } = looked.matches[0]!.proof!
  assert.ok(Buffer.from(exchanges[0]!.sent, 'base64').toString().endsWith(`${variables!['randstr']} ${variables!['mark']}`))
})

test('what many templates ask is sent once; what one asks twice, twice', async (t) => {
  const { port, asked } = await serve(t, ({ line }, response) => (line === 'GET /same' ? page(response, 'one two three') : undefined))
  const looked = await look(port, [
    ...['one', 'two', 'three'].map((each) => template(each, get('/same', [word(each)]))), template('raw', { raw: ['GET /same HTTP/1.1\nHost: {{Hostname}}\nConnection: close\n'], matchers: [word('two')] }),
    template('twice', { path: ['{{BaseURL}}/same', '{{BaseURL}}/same'], matchers: [{ type: 'dsl', dsl: ['contains(body_1, "one") && contains(body_2, "two")'] }] }),
  ])
  assert.deepEqual(held(looked), ['one', 'raw', 'three', 'twice', 'two'])
  assert.equal(asked.filter(({ line }) => line === 'GET /same').length, 2)
})

test('a server that shows one page for every path is believed in what it is, and in nothing else', async (t) => {
  const { port } = await serve(t, (_, response) => page(response, '<title>Gadget Console</title> [core] db_password'))
  const looked = await look(port, [
    template('git', get('/.git/config', [word('[core]')])), template('env', get('/.env', [word('db_password')])),
    template('gadget-panel', get('/login', [word('Gadget Console')]), { info: { name: 'x', severity: 'info', tags: 'panel,gadget' } }), template('root', get('/', [word('Gadget Console')])),
  ])
  assert.deepEqual(held(looked), ['gadget-panel', 'root'])
  assert.match(looked.matches.find(({ data }) => data.template === 'gadget-panel')!.proof!.controlNote!, /every path says so/)
  assert.match(looked.notes.find(({ code }) => code === 'control')!.text, /^2 matches were not believed/)
})

test('a server that is everything at once is a trap: nothing it says is believed', async (t) => {
  const products = Array.from({ length: 20 }, (_, index) => `product${index}`)
  const { port } = await serve(t, ({ line }, response) => {
    const product = /^GET \/(product\d+)\/version$/.exec(line)
    return product === null ? undefined : page(response, `${product[1]} is here`)
  })
  const templates = products.map((product) => template(product, get(`/${product}/version`, [word(`${product} is here`)]), { info: { name: 'x', severity: 'high', tags: 'x', metadata: { product } } }))
  const looked = await look(port, templates, { profile: { templates: 'all' } })
  assert.deepEqual([held(looked), looked.asked], [[], []])
  assert.match(looked.notes.find(({ code }) => code === 'honeypot')!.text, /which no server is/)
  assert.deepEqual(held(await look(port, templates.slice(0, 5), { profile: { templates: 'all' } })).length, 5)
})

test('only what fits is sent, besides what is open here', async (t) => {
  const gadget = template('gadget', get('/gadget/version', [word('gadget 1')]), { info: { name: 'x', severity: 'high', tags: 'x', metadata: { product: 'gadget', 'shodan-query': 'title:"Gadget Console"' } } })
  const named = template('named', get('/', [word('made by Gadgeteers', { name: 'gadget' })]))
  const { port, asked } = await serve(t, ({ line }, response) => (line === 'GET /' ? page(response, 'plain') : line === 'GET /gadget/version' ? page(response, 'gadget 1') : undefined))
  assert.deepEqual(held(await look(port, [gadget, named])), [])
  assert.ok(!asked.some(({ line }) => line === 'GET /gadget/version'))
  assert.deepEqual(held(await look(port, [gadget], { open: [1] })), ['gadget'], 'a check with an open finding is asked again')
  assert.deepEqual(held(await look(port, [gadget], { profile: { templates: 'all' } })), ['gadget'])
  const titled = await serve(t, ({ line }, response) => (line === 'GET /' ? page(response, '<title>Gadget Console</title>') : line === 'GET /gadget/version' ? page(response, 'gadget 1') : undefined))
  assert.deepEqual(held(await look(titled.port, [gadget])), ['gadget'])
  const told = await serve(t, ({ line }, response) => (line === 'GET /' ? page(response, 'made by Gadgeteers') : line === 'GET /gadget/version' ? page(response, 'gadget 1') : undefined))
  assert.deepEqual(held(await look(told.port, [gadget, named])), ['gadget', 'named:gadget'], 'what one template found out sends the next')
})

test('what may leave something behind is sent only where the profile says so', async (t) => {
  const { port, asked } = await serve(t, ({ line }, response) => (line === 'PUT /x' ? page(response, 'created') : undefined))
  const put = template('put', { method: 'PUT', path: ['{{BaseURL}}/x'], matchers: [word('created')] }, { info: { name: 'x', severity: 'high', tags: 'intrusive' } })
  const deny = template('deny', { method: 'PUT', path: ['{{BaseURL}}/x'], matchers: [word('created')] }, { info: { name: 'x', severity: 'high', tags: 'dos' } })
  const careful = await look(port, [put, deny])
  assert.deepEqual([held(careful), careful.asked, asked.filter(({ line }) => line === 'PUT /x').length], [[], [], 0])
  assert.deepEqual(careful.notes.map(({ code }) => code), ['intrusive', 'dos'])
  assert.deepEqual(held(await look(port, [put, deny], { profile: { intrusive: true } })), ['put'])
})

test('what could not be asked is not among the asked', async (t) => {
  const { port } = await serve(t, ({ line, request }, response) => {
    if (line !== 'GET /dies') return line === 'GET /lives' ? page(response, 'here') : undefined
    request.socket.destroy()
    return true
  })
  const looked = await look(port, [template('dies', get('/dies', [word('x')])), template('lives', get('/lives', [word('here')]))])
  assert.deepEqual([held(looked), looked.asked], [['lives'], [2]])
  const bounded = await look(port, Array.from({ length: 20 }, (_, index) => template(`t${index}`, get(`/p${index}`, [word('x')]))), { profile: { templateRequests: 10 } })
  assert.ok(bounded.asked.length <= 10 && bounded.asked.length > 3, `${bounded.asked.length}`)
  assert.ok(bounded.notes.some(({ code }) => code === 'budget'))
})

test('a template speaks to no other host or port than the target', async (t) => {
  const { port } = await serve(t, () => undefined)
  const other = await serve(t, (_, response) => page(response, 'other'))
  const looked = await look(port, [template('port', { method: 'GET', path: [`{{Scheme}}://{{Host}}:${other.port}/`], matchers: [word('other')] }), template('host', { raw: [`@Host: http://127.0.0.1:${other.port}\nGET / HTTP/1.1\nHost: x\n`], matchers: [word('other')] })])
  assert.deepEqual([held(looked), looked.asked, other.asked.length], [[], [], 0])
})
