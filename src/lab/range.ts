import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { createServer as createTcp, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { makeCertificate, makeKey } from './certificate.ts'
import { dns } from './services/dns.ts'
import { ftp } from './services/ftp.ts'
import { mail } from './services/mail.ts'
import { mqtt } from './services/messages.ts'
import { mongodb } from './services/mongodb.ts'
import { rsync, telnet, vnc } from './services/remote.ts'
import { ssh } from './services/ssh.ts'
import { memcached, redis } from './services/stores.ts'
import { docker, elasticsearch, secureSite, site } from './services/web.ts'
import type { LabService, Listener } from './service.ts'

export type Opened = Readonly<{ address: string; ports: readonly Readonly<{ port: number; proto: 'tcp' | 'udp' }>[] }>
export type LabHost = Readonly<{ service: LabService; weak: Opened; twin: Opened | null }>
export type Range = Readonly<{ hosts: readonly LabHost[]; close(): Promise<void> }>

const day = 86_400_000
/** Added to a port that is taken, or that only root may open. */
const shift = 10_000
const mostConnections = 256

/**
 * Starts every service of the range: weak ones on 127.NET.0.1, .2, …, the twin of each on 127.NET.1.1, .2, …; never on anything but
 * loopback. Rejects when not even a shifted port can be had.
 */
export async function openRange(now: number, net = 66): Promise<Range> {
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(closers.map((one) => one()))
  }
  const open = async (address: string, listeners: readonly Listener[]): Promise<Opened> => {
    const ports: { port: number; proto: 'tcp' | 'udp' }[] = []
    for (const listener of listeners) {
      const opened = await listenNear(listener, address)
      closers.push(opened.close)
      ports.push({ port: opened.port, proto: listener.kind === 'udp' ? 'udp' : 'tcp' })
    }
    return { address, ports }
  }
  try {
    const hosts: LabHost[] = []
    for (const [index, service] of allServices(now).entries()) {
      const weak = await open(`127.${net}.0.${index + 1}`, service.weak)
      const twin = service.twin.length === 0 ? null : await open(`127.${net}.1.${index + 1}`, service.twin)
      hosts.push({ service, weak, twin })
    }
    return { hosts, close }
  } catch (error) {
    await close()
    throw error
  }
}

function allServices(now: number): readonly LabService[] {
  const authority = { name: 'Practice range authority', key: makeKey('p-256').privateKey }
  const current = makeCertificate({
    name: 'twin.lab.example',
    notBefore: now - day,
    notAfter: now + 90 * day,
    key: 'p-256',
    hash: 'sha256',
    issuer: authority,
  })
  const old = makeCertificate({
    name: 'shop.lab.example',
    notBefore: now - 800 * day,
    notAfter: now - 70 * day,
    key: 'rsa-1024',
    hash: 'sha1',
  })
  const good = { ...current, minVersion: 'TLSv1.2', ciphers: 'ECDHE+AESGCM:ECDHE+CHACHA20' } as const
  const bad = { ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const
  return [
    ssh,
    ftp,
    mail(good),
    telnet,
    redis,
    memcached,
    mongodb,
    elasticsearch,
    docker,
    site,
    secureSite(bad, good),
    vnc,
    rsync,
    mqtt(good),
    dns,
  ]
}

type Near = Readonly<{ port: number; close(): Promise<void> }>

async function listenNear(listener: Listener, address: string): Promise<Near> {
  try {
    return await listen(listener, address, listener.port)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!['EADDRINUSE', 'EACCES', 'EPERM'].includes(code)) throw error
    return listen(listener, address, listener.port + shift)
  }
}

async function listen(listener: Listener, address: string, port: number): Promise<Near> {
  if (listener.kind === 'udp') {
    const socket = createSocket('udp4')
    socket.on('message', (message, from) => {
      const reply = listener.answer(message)
      if (reply !== null) socket.send(reply, from.port, from.address)
    })
    await ready(socket, () => socket.bind(port, address))
    return { port, close: () => new Promise((done) => socket.close(() => done())) }
  }
  const open = new Set<Socket>()
  const welcome = (socket: Socket): void => {
    open.add(socket)
    socket.setTimeout(60_000, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
  }
  const server: Server =
    listener.kind === 'tls'
      ? createTls(listener.context, (socket) => {
          socket.on('error', () => socket.destroy())
          listener.talk(socket)
        })
      : createTcp((socket) => listener.talk(socket))
  server.prependListener('connection', welcome)
  server.maxConnections = mostConnections
  await ready(server, () => server.listen(port, address))
  return {
    port,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of open) socket.destroy()
      }),
  }
}

function ready(on: Server | Datagrams, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    on.once('error', reject)
    on.once('listening', () => {
      on.removeListener('error', reject)
      on.on('error', () => {})
      resolve()
    })
    begin()
  })
}
