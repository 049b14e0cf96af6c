import { once } from 'node:events'
import { createServer as createSite } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { makeCertificate, type KeyedCertificate } from '#lab/certificate.ts'
import { startTwin } from '../peers/login-twin.ts'
import { register, scanNow, type Caller } from './console-world.ts'

const day = 86_400_000
type Ends = (work: () => Promise<void>) => void

async function open(server: Server, address: string, ends: Ends): Promise<number> {
  server.listen(0, address)
  await once(server, 'listening')
  ends(async () => void (await new Promise((done) => server.close(done))))
  return (server.address() as AddressInfo).port
}

/** A shop that left its repository and its settings in the open: findings whose conversations are kept, with a control beside them. */
export function openShop(address: string, ends: Ends): Promise<number> {
  const site = createSite((request, answer) => {
    answer.setHeader('connection', 'close')
    if (request.url === '/.git/HEAD') answer.end('ref: refs/heads/main\n')
    else if (request.url === '/.env') answer.end('APP_KEY=base64:abc\nDB_PASSWORD=not-a-secret\n')
    else if (request.url === '/') answer.end('<title>shop</title>')
    else answer.writeHead(404).end('no such page')
  })
  return open(site, address, ends)
}

/** One that speaks TLS and says hello to whoever comes. */
export function openTls(address: string, certificate: KeyedCertificate, ends: Ends, more: object = {}): Promise<number> {
  const server = createTls({ ...certificate, ...more }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello'))
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return open(server, address, ends)
}

export const certificateFor = (name: string, from: number, to: number): KeyedCertificate =>
  makeCertificate({ name, notBefore: Date.now() + from * day, notAfter: Date.now() + to * day, key: 'p-256', hash: 'sha256' })

export const secretOfAudit = 'cT5-long-and-random-9k2'

/** An SSH server that lets the person `audit` in, who may look around and no more. */
export async function openLogin(ends: Ends): Promise<number> {
  const twin = await startTwin({ methods: ['password'], user: 'audit', password: secretOfAudit })
  ends(twin.stop)
  return twin.port
}

export type Depth = Readonly<{ scan: string; shop: string; ssh: string }>

/** A scan of what has depth: conversations kept with findings, TLS of several kinds, and logins that went well and badly. */
export async function scanDepth(call: Caller, net: number, ends: Ends): Promise<Depth> {
  const at = (last: number): string => `127.${net}.2.${last}`
  const shared = certificateFor('intranet.analytical-engines.example', -30, 12)
  const ssh = await openLogin(ends)
  const ports = [
    ssh,
    await openShop(at(1), ends),
    await openTls(at(1), shared, ends, { minVersion: 'TLSv1.2' }),
    await openTls(at(2), shared, ends, { minVersion: 'TLSv1.2' }),
    await openTls(at(2), certificateFor('a-rather-long-name.of-a-host.that-does-not-fit.example.org', -400, -35), ends),
    await openTls(at(3), certificateFor('mail.analytical-engines.example', -5, 85), ends, { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
  ]
  await register(call, `${at(1)}-${at(3)}, 127.0.0.1`)
  const record = (title: string, login: object): Promise<unknown> => call.post('/credentials', { title, targets: `127.0.0.1, ${at(1)}`, login })
  await record('Linux servers', { kind: 'ssh', user: 'audit', port: ssh, password: secretOfAudit })
  await record('Databases of the shop', { kind: 'postgresql', user: 'vigil', password: 'another-long-one' })
  const scan = await scanNow(call, `${at(1)}-${at(3)}, 127.0.0.1`, ports.join(','), 'In depth')
  const assets = await call.get<{ items: readonly { id: string; address: string }[] }>('/assets?limit=200')
  const idOf = (address: string): string => assets.items.find((one) => one.address === address)!.id
  return { scan, shop: idOf(at(1)), ssh: idOf('127.0.0.1') }
}
