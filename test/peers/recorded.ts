import { createServer as createHttp, type IncomingMessage, type Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { after } from 'node:test'
import type { Peer, RunningPeer } from './peer.ts'

/**
 * Servers that Debian does not have, as small servers of ours that say what the real ones say. Only what a probe may ask is
 * answered; what it must never ask is answered with an error and kept in `asked`, so that a test can see it.
 */
export type Recorded = RunningPeer & Readonly<{ asked: readonly string[] }>

export type Page = Readonly<{ status?: number; headers?: Readonly<Record<string, string>>; body: unknown }>

/** An HTTP server of fixed answers: by `GET /path`, else `otherwise`. Bodies that are no text are sent as JSON. */
export async function recordedHttp(name: string, pages: Readonly<Record<string, Page>>, otherwise: Page): Promise<Recorded> {
  const asked: string[] = []
  const server = createHttp((request: IncomingMessage, response) => {
    const key = `${request.method} ${request.url}`
    asked.push(key)
    request.resume()
    const page = pages[key] ?? pages[key.split('?')[0]!] ?? otherwise
    const text = typeof page.body === 'string' ? page.body : JSON.stringify(page.body)
    response.writeHead(page.status ?? 200, { 'content-type': typeof page.body === 'string' ? 'text/plain' : 'application/json', ...page.headers })
    response.end(request.method === 'HEAD' ? undefined : text)
  })
  return live(name, server, asked)
}

/** A TCP server; `talk` gets each connection. */
export async function recordedTcp(name: string, talk: (socket: Socket, asked: string[]) => void): Promise<Recorded> {
  const asked: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    talk(socket, asked)
  })
  return live(name, server, asked)
}

async function live(name: string, server: Server | HttpServer, asked: readonly string[]): Promise<Recorded> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => { server.close(resolve) })
  }
  after(stop)
  const peer: Peer = { name, packages: [], command: () => [] }
  return { peer, directory: '', address: '127.0.0.1', port: portOf(server), more: [], log: () => asked.join('\n'), stop, asked }
}

function portOf(server: Server | HttpServer): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}
