import { createServer, type Server, type Socket } from 'node:net'

/**
 * Simple hosts for the benchmark: a web page, a store that wants a password and a file server that wants a login, on every loopback address at
 * once. Prints the ports it got as JSON, and ends with its input.
 */
const page = '<html><head><title>Hello</title></head><body>It works.</body></html>'

const servers: readonly (readonly [port: number, talk: (socket: Socket) => void])[] = [
  [8080, (socket) => socket.on('data', (bytes) => {
    const found = bytes.toString('latin1').startsWith('GET / ')
    const body = found ? page : 'not found'
    socket.write(`HTTP/1.1 ${found ? '200 OK' : '404 Not Found'}\r\nServer: bench\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  })],
  [6379, (socket) => socket.on('data', (bytes) => {
    const text = bytes.toString('latin1')
    const commands = text.startsWith('*') ? text.match(/\*\d+\r\n/g) : text.match(/\r\n/g)
    socket.write('-NOAUTH Authentication required.\r\n'.repeat(commands?.length ?? 0))
  })],
  [2121, (socket) => {
    socket.write('220 FTP server ready\r\n')
    socket.on('data', (bytes) => socket.write(bytes.toString('latin1').startsWith('USER') ? '331 Password required\r\n' : '530 Please log in\r\n'))
  }],
]

async function listen(port: number, talk: (socket: Socket) => void): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {})
      talk(socket)
    })
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen({ host: '0.0.0.0', port: port + tries, backlog: 4096 }, () => resolve(true))
    })
    if (free) return port + tries
  }
  throw new Error(`no free port near ${port}`)
}

const ports = await Promise.all(servers.map(([port, talk]) => listen(port, talk)))
process.stdout.write(`${JSON.stringify(ports)}\n`)
process.stdin.on('end', () => process.exit(0)).resume()
