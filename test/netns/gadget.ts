import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/**
 * A slow web console with a few holes, on port 6500 of a host of a test: `node gadget.ts`. Tells on its standard output what comes: `up` at first, `segment` when a thousand more TCP packets came to the
 * host, and `ask PATH` for each request of a template.
 */
const server = createServer((request, response) => {
  const path = request.url ?? ''
  if (path === '/') return void response.end('<title>Gadget Console</title><h1>Gadget Console</h1>')
  const number = Number(/^\/gadget\/(\d{1,2})$/.exec(path)?.[1] ?? 1)
  if (path.startsWith('/gadget/')) process.stdout.write(`ask ${path}\n`)
  setTimeout(() => (number % 2 === 0 ? response.end(`gadget secret ${number}`) : response.writeHead(404).end('no such page')), 100)
})
server.listen(6500, '::', () => process.stdout.write('up\n'))

let counted = segments()
setInterval(() => {
  const now = segments()
  if (now - counted < 1000) return
  counted = now
  process.stdout.write('segment\n')
}, 10)

function segments(): number {
  const [names, values] = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter((line) => line.startsWith('Tcp:')).map((line) => line.split(' '))
  return Number(values![names!.indexOf('InSegs')])
}
