import { createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export type Said = string | Uint8Array
/** What it says to a message that matches; null hangs up, after `then` bytes if any. */
export type Line = readonly [heard: RegExp, answer: Said | null]

/** Serves on loopback for the length of the test; gives the port. Bytes are Latin-1 on both sides. */
export async function serve(t: Pick<TestContext, 'after'>, talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    talk(socket)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => { server.close(resolve) })
  })
  return portOf(server)
}

/** A server of lines: greets, then answers each line by the first that matches; `otherwise` to the rest. */
export function speaker(greeting: Said, lines: readonly Line[], otherwise: Said = '500 unknown\r\n'): (socket: Socket) => void {
  return (socket) => {
    let heard = ''
    if (greeting.length > 0) socket.write(toBytes(greeting))
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1')
      for (let end = heard.indexOf('\n'); end >= 0; end = heard.indexOf('\n')) {
        const line = heard.slice(0, end).replace(/\r$/, '')
        heard = heard.slice(end + 1)
        const known = lines.find(([pattern]) => pattern.test(line))
        if (known?.[1] === null) {
          socket.end()
          return
        }
        socket.write(toBytes(known?.[1] ?? otherwise))
      }
    })
  }
}

/** A server of messages: answers each chunk by number, then hangs up. */
export function replayer(greeting: Said, answers: readonly Said[]): (socket: Socket) => void {
  return (socket) => {
    let turn = 0
    if (greeting.length > 0) socket.write(toBytes(greeting))
    socket.on('data', () => {
      const answer = answers[turn++]
      if (answer === undefined) socket.end()
      else socket.write(toBytes(answer))
    })
  }
}

/** Says the same without end, as fast as it is taken. */
export function endless(greeting: Said, chunk: Said): (socket: Socket) => void {
  return (socket) => {
    socket.write(toBytes(greeting))
    const bytes = Buffer.from(toBytes(chunk))
    const pump = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    }
    socket.on('drain', pump)
    pump()
    socket.resume()
  }
}

export function toBytes(said: Said): Uint8Array {
  return typeof said === 'string' ? Buffer.from(said, 'latin1') : said
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}
