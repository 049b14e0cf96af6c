import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { connect } from 'node:net'
import { test } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import { openListener, type ListenerOptions } from './listener.ts'

const loopback = parseIpSet('127.0.0.0/8,::1')
const still = new AbortController().signal

async function withListener(work: (listener: Awaited<ReturnType<typeof openListener>>) => Promise<void>, options: Partial<ListenerOptions> = {}): Promise<void> {
  const listener = await openListener({ now: Date.now, ...options })
  try {
    await work(listener)
  } finally {
    await listener.close()
  }
}

/** What a server says to these bytes until it hangs up; null: cut off without a byte. */
function say(host: string, port: number, bytes: string | Buffer): Promise<string | null> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host, port }, () => void socket.write(bytes))
    socket.on('data', (data) => (text += data.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text === '' ? null : text))
  })
}

const portOf = (url: string): number => Number(/:(\d+)\//.exec(url)![1])

test('a target that fetches its place is heard, and nobody else', () => withListener(async (listener) => {
  listener.admit(loopback)
  await Promise.all([listener.begin('127.0.0.1'), listener.begin('127.0.0.2')])
  const place = listener.place('127.0.0.1')!
  const other = listener.place('127.0.0.1')!
  assert.match(place.url, /^127\.0\.0\.1:\d+\/[a-z2-7]{26}$/)
  assert.notEqual(place.token, other.token)
  const waiting = listener.wait(place, 30_000, still)
  const answer = await fetch(`http://${place.url}/x?secret=1`, { method: 'POST', body: 'uid=0(root)' })
  assert.equal(answer.status, 200)
  const [call] = await waiting
  assert.equal(call!.protocol, 'http')
  assert.equal(call!.from, '127.0.0.1')
  assert.match(call!.request, /^POST \/[a-z2-7]{26}\/x\?secret=1 HTTP\/1\.1\r\n[^]*uid=0\(root\)$/)
  assert.deepEqual(listener.calls(other), [])
  // What carries no token is answered alike and kept nowhere.
  assert.equal((await fetch(`http://127.0.0.1:${portOf(place.url)}/${'a'.repeat(26)}`)).status, 200)
  assert.equal(listener.calls(place).length, 1)
}))

test('a token is worth nothing once its host is done, and nobody waits for it any longer', () => withListener(async (listener) => {
  listener.admit(loopback)
  await listener.begin('127.0.0.1')
  const place = listener.place('127.0.0.1')!
  const waiting = listener.wait(place, 600_000, still)
  listener.end('127.0.0.1')
  assert.deepEqual(await waiting, [])
  await fetch(`http://${place.url}`)
  assert.deepEqual(listener.calls(place), [])
  assert.equal(listener.place('127.0.0.1'), null)
}))

test('who is in no scope under way is cut off unread', () => withListener(async (listener) => {
  const leave = listener.admit(parseIpSet('127.0.0.1'))
  await listener.begin('127.0.0.1')
  const place = listener.place('127.0.0.1')!
  const port = portOf(place.url)
  const request = `GET /${place.token} HTTP/1.1\r\n\r\n`
  const from = (local: string): Promise<string | null> => new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port, localAddress: local }, () => void socket.write(request))
    socket.on('data', (data) => (text += data.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text === '' ? null : text))
  })
  assert.equal(await from('127.0.0.9'), null)
  assert.deepEqual(listener.calls(place), [])
  assert.match((await from('127.0.0.1'))!, /^HTTP\/1\.1 200 /)
  assert.equal(listener.calls(place).length, 1)
  leave()
  assert.equal(await from('127.0.0.1'), null)
  assert.equal(listener.calls(place).length, 1)
}))

test('a body that is too large is refused and not read, a head is bounded, and what is no HTTP gets no word', () => withListener(async (listener) => {
  listener.admit(loopback)
  await listener.begin('127.0.0.1')
  const place = listener.place('127.0.0.1')!
  const port = portOf(place.url)
  assert.match((await say('127.0.0.1', port, `POST /${place.token} HTTP/1.1\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(20_000)}`))!, /^HTTP\/1\.1 413 /)
  assert.equal(listener.calls(place)[0]!.request.length, 8192)
  assert.match((await say('127.0.0.1', port, `GET /${place.token} HTTP/1.1\r\nX: ${'y'.repeat(9000)}`))!, /^HTTP\/1\.1 413 /)
  for (const bytes of [Buffer.from([0x16, 3, 1, 0, 4, 1, 2, 3, 4]), 'EHLO x\r\n', `\n\n${place.token}`]) assert.equal(await say('127.0.0.1', port, bytes), null)
  for (let more = 0; more < 20; more++) await fetch(`http://${place.url}`)
  assert.equal(listener.calls(place).length, 8)
}))

test('names below a delegated domain are answered when they hold a token, and are calls', () => withListener(async (listener) => {
  assert.equal(listener.named, true)
  await listener.begin('127.0.0.1')
  const place = listener.place('127.0.0.1')!
  assert.equal(place.url, `${place.token}.oast.example`)
  const resolver = new Resolver({ timeout: 400, tries: 1 })
  resolver.setServers([`127.0.0.1:${listener.dnsPort!}`])
  assert.deepEqual(await resolver.resolve4(`web01.${place.url}`), ['127.0.0.1'])
  const [call] = listener.calls(place)
  assert.equal(call!.protocol, 'dns')
  assert.match(call!.request, new RegExp(`;web01\\.${place.token}\\.oast\\.example\\.\tIN\t A`))
  await assert.rejects(resolver.resolve6(place.url), { code: 'ENODATA' })
  await assert.rejects(resolver.resolve4('oast.example'), { code: 'ENODATA' })
  await assert.rejects(resolver.resolve4(`${'a'.repeat(26)}.oast.example`), { code: 'ETIMEOUT' })
  await assert.rejects(resolver.resolve4(`${place.token}.example.org`), { code: 'ETIMEOUT' })
}, { address: '127.0.0.1', port: 0, domain: 'oast.example', dnsPort: 0 }))

test('IPv6 loopback is reached over IPv6', () => withListener(async (listener) => {
  listener.admit(loopback)
  await listener.begin('::1')
  const place = listener.place('::1')!
  assert.match(place.url, /^\[::1\]:\d+\//)
  assert.equal((await fetch(`http://${place.url}`)).status, 200)
  assert.equal(listener.calls(place)[0]!.from, '::1')
}))

test('there are never more tokens than are bearable', () => withListener(async (listener) => {
  await listener.begin('127.0.0.1')
  let given = 0
  while (given <= 5000 && listener.place('127.0.0.1') !== null) given++
  assert.equal(given, 4000)
  listener.end('127.0.0.1')
  await listener.begin('127.0.0.1')
  assert.notEqual(listener.place('127.0.0.1'), null)
}))
