import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * The services of one host of a test: reads lines `{port, kind}` and answers each with `ok`. Kinds: `store` answers Redis' INFO to anybody, `locked` asks
 * for a password, `mute` accepts and says nothing, `web` is a plain page, `gone` listens no more.
 */
const sockets = new Map<number, Set<Socket>>()
const servers = new Map<number, Server>()
const info = '# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\n# Replication\r\nrole:master\r\n'

for await (const line of createInterface({ input: process.stdin })) {
  const { port, kind } = JSON.parse(line) as { port: number; kind: string }
  const before = servers.get(port)
  if (before !== undefined) {
    for (const socket of sockets.get(port) ?? []) socket.destroy()
    await new Promise<void>((resolve) => before.close(() => resolve()))
    servers.delete(port)
  }
  if (kind !== 'gone') await listen(port, kind)
  process.stdout.write('ok\n')
}
process.exit(0)

async function listen(port: number, kind: string): Promise<void> {
  const open = new Set<Socket>()
  const server = kind === 'web' ? createHttpServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>a page</title>')) : createServer()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    if (kind === 'mute') socket.resume()
    if (kind === 'store' || kind === 'locked') socket.on('data', (bytes) => answer(socket, bytes.toString('latin1'), kind))
  })
  sockets.set(port, open)
  servers.set(port, server)
  await new Promise<void>((resolve) => server.listen(port, '::', 1024, resolve))
}

function answer(socket: Socket, text: string, kind: string): void {
  if (kind === 'locked') socket.write('-NOAUTH Authentication required.\r\n')
  else if (/PING/i.test(text)) socket.write('+PONG\r\n')
  else if (/INFO/i.test(text)) socket.write(`$${info.length}\r\n${info}\r\n`)
  else socket.write('-ERR unknown command\r\n')
}
