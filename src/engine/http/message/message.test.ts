import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { faviconHash, murmur3 } from '../favicon.ts'
import { cookieJar } from './cookies.ts'
import { digestAnswer } from './digest.ts'
import { MessageReader, type Message } from './reader.ts'

const most = 5000

/** Feeds pieces as a connection does: each from a buffer that is overwritten afterwards. */
function read(pieces: readonly Uint8Array[], method = 'GET'): Message | string | null {
  const reader = new MessageReader(method, most)
  const shared = Buffer.alloc(70_000)
  for (const piece of pieces) {
    shared.set(piece)
    const done = reader.feed(shared, piece.length)
    shared.fill(0xff)
    if (done) return reader.failure?.text ?? reader.message()
  }
  return reader.finish('ended') ? reader.message() : null
}

const answers: readonly (readonly [method: string, answer: string])[] = [
  ['GET', 'HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello'],
  ['GET', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n'],
  ['GET', 'HTTP/1.0 404 Not here\nServer : y\n z\n\nuntil the end'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 Nothing\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
  ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx'],
  ['GET', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['GET', 'HTT'],
]

test('an answer is the same in whatever two pieces it comes, and byte by byte', () => {
  for (const [method, text] of answers) {
    const bytes = Buffer.from(text)
    const whole = read([bytes], method) as Message
    assert.notEqual(whole, null, text)
    for (let at = 1; at < bytes.length; at++) assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)], method), whole, `${text} cut at ${at}`)
    assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte)), method), whole, text)
  }
  const told = answers.map(([method, text]) => read([Buffer.from(text)], method) as Message).map(({ status, body, keep, cut }) => [status, body.toString(), keep, cut])
  assert.deepEqual(told, [
    [200, 'hello', true, false], [200, 'hello0123456789', true, false], [404, 'until the end', false, false], [200, '', true, false], [204, '', true, false],
    [200, 'abc', false, false], [200, '', false, true], [0, 'SSH-2.0-OpenSSH_9.2\r\n', false, false], [0, 'HTT', false, false],
  ])
})

/** The same garbage each time: a failure can be looked at. */
function garbage(seed: number, length: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at * 32 < length; at++) parts.push(createHash('sha256').update(`${seed} ${at}`).digest())
  return Buffer.concat(parts).subarray(0, length)
}

test('garbage, and answers with garbage in them, end and are bounded', () => {
  for (let seed = 0; seed < 3000; seed++) {
    const [method, text] = answers[seed % answers.length]!
    const noise = garbage(seed, 400)
    const bytes = seed % 2 === 0 ? Buffer.from(text) : Buffer.concat([Buffer.from(text.slice(0, noise[1]! % text.length)), noise])
    for (let change = 0; change < 1 + (seed % 5); change++) bytes[noise[change]! % bytes.length] = noise[change + 9]!
    const middle = noise[20]! % bytes.length
    const message = read([bytes.subarray(0, middle), bytes.subarray(middle)].filter((piece) => piece.length > 0), method)
    assert.ok(message !== null && typeof message !== 'string' && message.body.length <= most && message.wire.length <= bytes.length, `seed ${seed}`)
  }
  const block = Buffer.alloc(60_000, 'x')
  const endless = (head: string): Message | string | null => read([Buffer.from(head), ...Array.from({ length: 50 }, () => block)])
  assert.equal(endless('HTTP/1.1 200 OK\r\nX: '), 'more than 65536 bytes without an end')
  for (const head of ['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n', 'no http']) {
    const message = endless(head) as Message
    assert.deepEqual([message.body.length, message.cut, message.keep], [most, true, false], head)
  }
  const tiny = read([Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), ...Array.from({ length: 50 }, () => Buffer.from('1\r\na\r\n'.repeat(9000)))]) as Message
  assert.deepEqual([tiny.body.length, tiny.cut], [most, true])
})

test('cookies keep to their host, path and TLS, and a flood of them is bounded', () => {
  const jar = cookieJar()
  jar.keep(['a=1; Path=/', 'b=2; Path=/admin; Secure', 'c=3; Domain=example.com', 'd=4; Domain=other.com', 'e=5; Domain=com', 'bad', 'f=1\r\nX: y'], 'www.example.com')
  assert.equal(jar.header('www.example.com', '/admin/x', true), 'b=2; a=1; c=3')
  assert.equal(jar.header('www.example.com', '/administrator', true), 'a=1; c=3')
  assert.equal(jar.header('WWW.example.com', '/admin', false), 'a=1; c=3')
  assert.equal(jar.header('mail.example.com', '/', false), 'c=3')
  assert.equal(jar.header('badexample.com', '/', false), null)
  jar.keep(['a=; Max-Age=0', 'c=x; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], 'www.example.com')
  assert.equal(jar.header('www.example.com', '/', true), null)
  for (let at = 0; at < 100; at++) jar.keep(Array.from({ length: 1000 }, (_, index) => `n${at}-${index}=${'v'.repeat(100)}`), 'h')
  assert.ok(jar.header('h', '/', false)!.length < 64 * 120)
})

test('Digest is answered as the example of RFC 7616 is', () => {
  const challenge = 'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
  const request = { method: 'GET', target: '/dir/index.html' }
  const login = { user: 'Mufasa', password: 'Circle of Life' }
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
  const answer = (text: string): string => digestAnswer([['WWW-Authenticate', text]], request, login, cnonce) ?? ''
  assert.match(answer(challenge), /response="8ca523f5e9506fed4657c9700eebdbec"/)
  assert.match(answer(challenge.replace('MD5', 'SHA-256')), /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/)
  assert.equal(answer('Basic realm="x"'), '')
  assert.equal(answer('Digest nonce="x", algorithm=constructor'), '')
})

test('MurmurHash3 gives its published values, and a favicon is hashed over lines of Base64', () => {
  for (const [text, hash] of [['', 0], ['test', 0xba6bd213], ['Hello, world!', 0xc0363e43], ['The quick brown fox jumps over the lazy dog', 0x2e4ff723]] as const) assert.equal(murmur3(Buffer.from(text)) >>> 0, hash, text)
  const icon = randomBytes(100)
  const base64 = icon.toString('base64')
  assert.equal(faviconHash(icon), murmur3(Buffer.from(`${base64.slice(0, 76)}\n${base64.slice(76)}\n`)))
})
