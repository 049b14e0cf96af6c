import type { Socket } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { pour } from './hostile-scan.ts'

const mebibyte = Buffer.alloc(1_048_576, 'A')
const zeros = Buffer.alloc(64 * 1_048_576)

/** Answers a request's head with `answer`, each time. */
function http(answer: (socket: Socket, path: string) => void): (socket: Socket) => void {
  return (socket) => {
    let text = ''
    socket.on('data', (part) => {
      text = (text + part.toString('latin1')).slice(-8192)
      if (!text.includes('\r\n\r\n')) return
      const path = text.split(' ')[1] ?? '/'
      text = ''
      answer(socket, path)
    })
  }
}

const head = 'HTTP/1.1 200 OK\r\nServer: hostile\r\nContent-Type: text/html\r\n'

/** Servers that have no end, or whose answers grow, lie or break off. Each gets the socket of every connection. */
export const endless: Readonly<Record<string, (socket: Socket) => void>> = {
  'talks without end, in lines': (socket) => pour(socket, 'hello there, I never stop\r\n'.repeat(2000)),
  'one banner without a line end': (socket) => pour(socket, mebibyte),
  'NUL without end': (socket) => pour(socket, Buffer.alloc(65_536)),
  'escape sequences without end': (socket) => pour(socket, '\u001b]0;owned\u0007\u001b[2J'.repeat(3000)),
  'a byte a second': (socket) => {
    const timer = setInterval(() => socket.write('2'), 1000)
    socket.on('close', () => clearInterval(timer))
  },
  'a digit a second, after a greeting': (socket) => {
    socket.write('220')
    const timer = setInterval(() => socket.write('-'), 1000)
    socket.on('close', () => clearInterval(timer))
  },
  'chunks without end': http((socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    pour(socket, Buffer.concat([Buffer.from('100000\r\n'), mebibyte, Buffer.from('\r\n')]))
  }),
  'a chunk of one byte, without end': http((socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    pour(socket, '1\r\nA\r\n'.repeat(10_000))
  }),
  'chunk extensions without end': http((socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n1;`)
    pour(socket, mebibyte)
  }),
  'trailers without end': http((socket) => {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n`)
    pour(socket, 'X-Trailer: again\r\n'.repeat(4000))
  }),
  'ten gigabytes announced': http((socket) => {
    socket.write(`${head}Content-Length: 10737418240\r\n\r\n`)
    pour(socket, mebibyte)
  }),
  'a hundred thousand headers': http((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    for (let number = 0; number < 100_000; number++) socket.write(`X-${number}: ${number}\r\n`)
    socket.end('\r\nx')
  }),
  'one header without end': http((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nServer: ')
    pour(socket, mebibyte)
  }),
  '100 Continue without end': http((socket) => pour(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000))),
  'a redirect to a longer path, without end': http((socket, path) => socket.write(`HTTP/1.1 302 Found\r\nLocation: ${path}a\r\nContent-Length: 0\r\n\r\n`)),
  'a redirect to itself': http((socket, path) => socket.write(`HTTP/1.1 301 Moved\r\nLocation: ${path}\r\nContent-Length: 0\r\n\r\n`)),
  'a drip of a body': http((socket) => {
    socket.write(`${head}Content-Length: 100000\r\n\r\n`)
    const timer = setInterval(() => socket.write('<'), 1000)
    socket.on('close', () => clearInterval(timer))
  }),
  'a gzip bomb': bomb('gzip', gzipSync(zeros, { level: 9 })),
  'a gzip bomb in a gzip bomb': bomb('gzip, gzip', gzipSync(gzipSync(zeros, { level: 9 }), { level: 9 })),
  'a brotli bomb': bomb('br', brotliCompressSync(zeros)),
  'gzip that is none': bomb('gzip', Buffer.from('not gzip at all')),
  'twenty codings': bomb(Array.from({ length: 20 }, () => 'gzip').join(', '), gzipSync('x')),
  'resets at random': (socket) => {
    if (Math.random() < 0.5) socket.resetAndDestroy()
    else socket.once('data', () => (Math.random() < 0.5 ? socket.resetAndDestroy() : socket.end('HTTP/1.1 200 OK\r\nContent-Le')))
  },
  'a reset in the middle of a body': http((socket) => socket.write(`${head}Content-Length: 5000\r\n\r\n<title>half`, () => socket.resetAndDestroy())),
  'the question as the answer': (socket) => socket.pipe(socket),
  'random bytes': (socket) => socket.on('data', () => socket.write(Buffer.from(Array.from({ length: 300 }, () => Math.floor(Math.random() * 256))))),
}

function bomb(coding: string, body: Uint8Array): (socket: Socket) => void {
  return http((socket) => {
    socket.write(`${head}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
  })
}
