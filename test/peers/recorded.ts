import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server as HttpServer } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer, PeerPlace, RunningPeer } from './peer.ts'
import { certificate } from './system.ts'

/**
 * Servers that Debian does not have, as small servers of ours that say what the real ones say. Only what a probe may ask is
 * answered; what it must never ask is answered with an error and kept in `asked`, so that a test can see it.
 */
export type Recorded = RunningPeer & Readonly<{ asked: readonly string[] }>

/** Where to live: a free port on 127.0.0.1 when absent. */
export type At = Partial<Pick<PeerPlace, 'address' | 'port'>>

/** Speaks TLS from the first byte, with a certificate of the test's authority. */
export type Wrapped = At & Readonly<{ tls?: boolean }>

export type Page = Readonly<{ status?: number; headers?: Readonly<Record<string, string>>; body: unknown }>

/** An HTTP server of fixed answers: by `GET /path`, else `otherwise`. Bodies that are no text are sent as JSON. */
export async function recordedHttp(name: string, pages: Readonly<Record<string, Page>>, otherwise: Page, at: Wrapped = {}): Promise<Recorded> {
  const asked: string[] = []
  const answer: RequestListener = (request: IncomingMessage, response) => {
    const key = `${request.method} ${request.url}`
    asked.push(key)
    request.resume()
    const page = pages[key] ?? pages[key.split('?')[0]!] ?? otherwise
    const text = typeof page.body === 'string' ? page.body : JSON.stringify(page.body)
    response.writeHead(page.status ?? 200, { 'content-type': typeof page.body === 'string' ? 'text/plain' : 'application/json', ...page.headers })
    response.end(request.method === 'HEAD' ? undefined : text)
  }
  const server = at.tls === true ? createHttps({ ...keyPair(), minVersion: 'TLSv1.2', ciphers: 'ECDHE+AESGCM' }, answer) : createHttp(answer)
  return live(name, server, asked, at)
}

/** A TCP server; `talk` gets each connection. */
export async function recordedTcp(name: string, talk: (socket: Socket, asked: string[]) => void, at: At = {}): Promise<Recorded> {
  const asked: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    talk(socket, asked)
  })
  return live(name, server, asked, at)
}

function keyPair(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-peer-key-'))
  try {
    const [program = '', ...args] = certificate()
    execFileSync(program, args, { cwd: folder, stdio: 'pipe' })
    return { key: readFileSync(join(folder, 'server.key')), cert: readFileSync(join(folder, 'server.crt')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function live(name: string, server: Server | HttpServer, asked: readonly string[], at: At): Promise<Recorded> {
  const address = at.address ?? '127.0.0.1'
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(at.port ?? 0, address, resolve) })
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => { server.close(resolve) })
  }
  const peer: Peer = { name, packages: [], command: () => [] }
  return { peer, directory: '', address, port: portOf(server), more: [], log: () => asked.join('\n'), stop, asked }
}

function portOf(server: Server | HttpServer): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}
