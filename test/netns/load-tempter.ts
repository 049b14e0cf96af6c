import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'

/** A host that does what it can to lead a scanner elsewhere: load-tempter.ts ADDRESS…, the addresses it names. Prints `ready`. */
const elsewhere = process.argv.slice(2).map((address) => (address.includes(':') ? `[${address}]` : address))
let turn = 0
const next = (): string => elsewhere[turn++ % elsewhere.length]!

const web = createServer((request, response) => {
  // What a template of the tests looks for, so that one is seen to have been sent.
  if (request.url === '/login') return void response.end('token=abc')
  if (request.url!.startsWith('/read?')) return void response.end('root:x:0:0:root:/root:/bin/sh')
  const to = next()
  const places = [`http://${to}/`, `//${to}${request.url}`, `https://${to}/x`, `http://${request.headers.host}@${to}/`, `/\\${to}/`]
  response.writeHead(turn % 3 === 0 ? 302 : 200, {
    'location': places[turn % places.length], 'refresh': `0; url=http://${to}/`, 'link': `<http://${to}/>; rel=preload`, 'alt-svc': `h2="${to}:443"`, 'content-location': `http://${to}/`, 'content-type': 'text/html',
    'server': 'weak/1.0', 'x-forwarded-host': to,
  })
  response.end(`<base href="http://${to}/"><title>weak gadget</title><link rel="icon" href="http://${to}/favicon.ico"><script src="http://${to}/a.js"></script><form action="http://${to}/login"></form>${request.url}`)
})
// A passive answer of FTP that names somebody else: the classic bounce.
const bounce = createTcpServer((socket) => {
  socket.on('error', () => {}).write('220 FTP ready\r\n')
  socket.on('data', (part) => {
    const word = part.toString('latin1').slice(0, 4)
    const passive = `227 Entering Passive Mode (${next().replaceAll(/[[\]]/g, '').split('.').join(',')},0,80)\r\n`
    socket.write(word === 'USER' ? '331 go on\r\n' : word === 'PASS' ? '230 in\r\n' : word === 'PASV' ? passive : word === 'EPSV' ? '229 Extended (|1|10.77.0.51|80|)\r\n' : '200 ok\r\n')
  })
})
for (const port of [53, 123, 161]) {
  const socket = createSocket({ type: 'udp6' })
  socket.on('error', () => {}).on('message', (asked, from) => socket.send(asked, from.port, from.address, () => {})).bind(port, '::')
}
await Promise.all([...[80, 8080].map((port) => new Promise<void>((resolve) => port === 80 ? web.listen(port, '::', resolve) : createServer((request, response) => web.emit('request', request, response)).listen(port, '::', resolve))), new Promise<void>((resolve) => bounce.listen(21, '::', resolve))])
process.stdout.write('ready\n')
