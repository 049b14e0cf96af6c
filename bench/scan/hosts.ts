import { createServer, type Server, type Socket } from 'node:net'
import { addressesOf, parseIpSet } from '#core/ip-set.ts'

/**
 * Simple hosts for the benchmark: a web page, a store open to all and a file server that wants a login, on every
 * address of the given network. They greet as usual products do, so that either scanner knows them at once. Prints its ports as JSON, and ends with its input.
 */
const page = '<html><head><title>Hello</title></head><body>It works.</body></html>'

const info = '# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux 6.1.0 x86_64\r\n# Replication\r\nrole:master\r\n'

const servers: readonly (readonly [port: number, talk: (socket: Socket) => void])[] = [
  [8080, (socket) => socket.on('data', (bytes) => {
    const found = bytes.toString('latin1').startsWith('GET / ')
    const body = found ? page : 'not found'
    socket.write(`HTTP/1.1 ${found ? '200 OK' : '404 Not Found'}\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  })],
  [6379, (socket) => socket.on('data', (bytes) => {
    const text = bytes.toString('latin1')
    if (/\bPING\b/i.test(text)) socket.write('+PONG\r\n')
    else if (/\bINFO\b/i.test(text)) socket.write(`$${info.length}\r\n${info}\r\n`)
    else socket.write("-ERR unknown command 'x'\r\n")
  })],
  [2121, (socket) => {
    socket.write('220 (vsFTPd 3.0.3)\r\n')
    socket.on('data', (bytes) => socket.write(bytes.toString('latin1').startsWith('USER') ? '331 Please specify the password.\r\n' : '530 Please login with USER and PASS.\r\n'))
  }],
]

/** Each address has sockets of its own: others may hold the same ports on other loopback addresses. */
async function listen(address: string, port: number, talk: (socket: Socket) => void): Promise<void> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    talk(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port }, resolve)
  })
}

for (const address of addressesOf(parseIpSet(process.argv[2]!))) await Promise.all(servers.map(([port, talk]) => listen(address, port, talk)))
process.stdout.write(`${JSON.stringify(servers.map(([port]) => port))}\n`)
process.stdin.on('end', () => process.exit(0)).resume()
