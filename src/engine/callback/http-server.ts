import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Connections open at once, and of one address. */
const connectionsMost = 64
const perAddressMost = 8
const patience = 5000
export const keptMost = 8192

export type HttpListener = Readonly<{ port: number; close(): Promise<void> }>
export type HttpListenerOptions = Readonly<{
  address: string
  port: number
  /** Whether this address may speak to us at all; who may not is cut off unread. */
  admits(from: string): boolean
  /** What came, at most `keptMost` bytes as Latin-1. */
  heard(request: string, from: string): void
}>

/** Answers every request with the same few bytes and hangs up. No HTTP server: nothing is parsed but the end of a head, and a body is never read beyond what is kept. */
export function listenHttp({ address, port, admits, heard }: HttpListenerOptions): Promise<HttpListener> {
  const open = new Map<Socket, string>()
  const server: Server = createServer((socket) => {
    const from = plainAddress(socket.remoteAddress ?? '')
    const isMany = open.size >= connectionsMost || [...open.values()].filter((one) => one === from).length >= perAddressMost
    socket.on('error', () => {})
    if (isMany || !admits(from)) return void socket.destroy()
    open.set(socket, from)
    socket.on('close', () => open.delete(socket))
    socket.setTimeout(patience, () => socket.destroy())
    const ending = setTimeout(() => socket.destroy(), patience)
    socket.on('close', () => clearTimeout(ending))
    let text = ''
    let told = false
    socket.on('data', (bytes: Buffer) => {
      if (told) return
      text += bytes.toString('latin1', 0, keptMost - text.length)
      const state = stateOf(text)
      if (state === 'more') return
      told = true
      if (state === 'other') return void socket.destroy()
      heard(text, from)
      socket.end(state === 'whole' ? okay : tooLarge)
    })
  })
  server.maxConnections = connectionsMost
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, exclusive: true }, () => {
      server.removeListener('error', reject)
      server.on('error', () => {})
      // It keeps no process alive by itself.
      server.unref()
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => new Promise((done) => {
          for (const socket of open.keys()) socket.destroy()
          server.close(() => done())
        }),
      })
    })
  })
}

/** Templates know that a page came from a listener by these words. */
const page = '<html><h1> Interactsh Server </h1></html>'
const okay = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`
const tooLarge = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

function stateOf(text: string): 'more' | 'whole' | 'large' | 'other' {
  const line = text.indexOf('\n')
  if (line < 0) return text.length >= keptMost ? 'other' : /^[A-Za-z-]{0,20}(?: |$)/.test(text) ? 'more' : 'other'
  if (!/^[A-Za-z-]{1,20} \S+ HTTP\/\d(?:\.\d)?\r?$/.test(text.slice(0, line))) return 'other'
  const end = /\r?\n\r?\n/.exec(text)
  if (end === null) return text.length >= keptMost ? 'large' : 'more'
  const length = Number(/^content-length:[ \t]*(\d{1,15})/im.exec(text.slice(0, end.index))?.[1] ?? 0)
  const whole = end.index + end[0].length + length
  if (whole > keptMost) return 'large'
  return text.length >= whole ? 'whole' : 'more'
}

/** `::ffff:192.0.2.1` is 192.0.2.1. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}
