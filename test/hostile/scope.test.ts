import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test, type TestContext } from 'node:test'
import { authorityStatement } from '#core/authority.ts'
import { client, startTestPlatform, until } from '../story/platform.ts'
import { listen, serve, watchedScan } from './hostile-scan.ts'

/** Ears on every loopback address, TCP and UDP, that keep to which address something came. */
async function ears(t: TestContext): Promise<{ tcp: number; udp: number; heard: Map<string, number> }> {
  const heard = new Map<string, number>()
  const note = (address: string): void => void heard.set(address, (heard.get(address) ?? 0) + 1)
  const tcp = await listen(t, (socket) => {
    note(`tcp ${socket.localAddress}`)
    socket.end('220 hello\r\n')
  }, '0.0.0.0')
  // A datagram does not tell to which address it came, so each has a socket of its own, on one of the ports that are asked.
  const udp = 11211
  for (let last = 1; last <= 16; last++) {
    const socket = createSocket('udp4')
    socket.on('message', () => note(`udp 127.0.9.${last}`))
    socket.bind(udp, `127.0.9.${last}`)
    await once(socket, 'listening')
    t.after(() => socket.close())
  }
  return { tcp, udp, heard }
}

const addresses = (heard: Map<string, number>, proto: string): number[] => [...heard.keys()].filter((key) => key.startsWith(proto)).map((key) => Number(key.split('.')[3])).sort((a, b) => a - b)

test('excluded and out-of-scope addresses receive not one connection and not one datagram: vigil scan', async (t) => {
  const { tcp, udp, heard } = await ears(t)
  const run = await watchedScan(['127.0.9.2-12', '--exclude', '127.0.9.4-5,127.0.9.8/31', '--ports', `${tcp}`, '--udp', `${udp}`])
  assert.ok(run.code === 0 || run.code === 3, run.err)
  const wanted = [2, 3, 6, 7, 10, 11, 12]
  assert.deepEqual(addresses(heard, 'tcp'), wanted)
  assert.deepEqual(addresses(heard, 'udp'), wanted)
})

test('a redirect, a name and a link that lead elsewhere are not followed', async (t) => {
  const heard: string[] = []
  const elsewhere = await listen(t, (socket) => {
    heard.push(socket.localAddress!)
    socket.end()
  }, '127.0.10.9')
  let asked = 0
  const target = createServer((request, response) => {
    asked += 1
    const places = [`http://127.0.10.9:${elsewhere}/`, `//127.0.10.9:${elsewhere}/x`, `http://127.0.10.9:${elsewhere}@127.0.10.9:${elsewhere}/`, `/\\127.0.10.9:${elsewhere}/`, `http:\\\\127.0.10.9:${elsewhere}`, `https://127.0.10.9:${elsewhere}/`]
    const status = [301, 302, 303, 307, 308][asked % 5]!
    response.writeHead(status, { location: places[asked % places.length], refresh: `0; url=${places[0]}`, link: `<${places[0]}>; rel=preload`, 'alt-svc': `h2="127.0.10.9:${elsewhere}"` })
    response.end(`<base href="${places[0]}"><img src="${places[0]}"><script src="${places[0]}"></script>${request.url}`)
  })
  const port = await serve(t, target, '127.0.10.8')
  // The port of elsewhere is asked too, so that a wrong address alone would be enough to be heard.
  const run = await watchedScan(['127.0.10.8', '--ports', `${port},${elsewhere}`, '--udp', 'none'])
  assert.ok(run.code === 0 || run.code === 3, run.err)
  assert.ok(asked > 20, `${asked} requests`)
  assert.deepEqual(heard, [])
})

type Scan = Readonly<{ id: string; state: string; dropped: readonly Readonly<{ target: string; reason: string }>[]; stateText: string }>

test('the platform: what is excluded before and while a scan runs receives nothing', async (t) => {
  const { platform, stop } = await startTestPlatform()
  t.after(stop)
  const heard = new Map<string, number>()
  const tcp = await listen(t, (socket) => {
    heard.set(socket.localAddress!, Date.now())
    socket.end('220 hello\r\n')
  }, '0.0.0.0')
  const ada = client(platform.url)
  await ada.post('/identity/welcome', { token: platform.welcome, organisation: 'Analytical Engines', name: 'Ada', email: 'ada@example.test', password: 'a long walk in the rain' })
  await ada.post('/addresses', { text: '127.1.0.0/24', statement: authorityStatement })
  await ada.post('/exclusions', { text: '127.1.0.0-127.1.0.7', comment: 'production' })
  const profile = await ada.post<{ id: string }>('/profiles', { name: 'One port', settings: { tcp: String(tcp), udp: '', pace: { hosts: 2, connections: 6, perHost: 6, rate: 30 } } })
  const { id } = await ada.post<{ id: string }>('/scans', { targets: '127.1.0.0/24 127.2.0.1', profileId: profile.id })
  await until(async () => heard.size, (count) => count > 0)
  await ada.post('/exclusions', { text: '127.1.0.128/25', comment: 'an incident' })
  const excludedAt = Date.now()
  const last = (address: string): number => Number(address.split('.')[3])
  // A scan hears of it with its next answer from the platform, which is three seconds away at most; what still comes after eight is a fault.
  const late = (): string[] => [...heard].filter(([, at]) => at - excludedAt > 8000).map(([address]) => address)
  await until(async () => late().filter((address) => last(address) < 128).length, (count) => count >= 5, 90)
  await ada.post(`/scans/${id}/cancel`)
  const scan = await until(() => ada.get<Scan>(`/scans/${id}`), ({ state }) => ['Finished', 'Error', 'Canceled'].includes(state))
  assert.deepEqual(late().filter((address) => last(address) >= 128), [])
  assert.deepEqual([...heard.keys()].filter((address) => address.startsWith('127.1.0.') && Number(address.split('.')[3]) < 8), [])
  assert.ok(!heard.has('127.2.0.1'))
  assert.ok(scan.dropped.some((one) => one.target.startsWith('127.2.0.1') && one.reason === 'notRegistered'), JSON.stringify(scan.dropped))
  assert.ok(scan.dropped.some((one) => one.reason === 'excluded'), JSON.stringify(scan.dropped))
})
