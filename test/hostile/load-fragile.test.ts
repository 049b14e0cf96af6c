import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { listen, watchedScan } from './hostile-scan.ts'

const web = (socket: Socket): void => void socket.on('data', (part) => {
  const isRoot = part.toString('latin1').startsWith('GET / ')
  socket.write(`HTTP/1.1 ${isRoot ? '200 OK' : '404 Not Found'}\r\nServer: device\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello`)
})
const talks: readonly ((socket: Socket) => void)[] = [web, web, (socket) => socket.write('220 FTP server ready\r\n'), (socket) => socket.write('hello from a machine\r\n'), () => {}, () => {}]

/** Servers of one host that count how many connections are open to it at once. */
async function device(t: TestContext, address: string): Promise<{ ports: readonly number[]; most: () => number; all: () => number }> {
  const open = new Set<Socket>()
  let most = 0
  let all = 0
  const counted = (talk: (socket: Socket) => void) => (socket: Socket): void => {
    all += 1
    let isOver = false
    for (const end of ['end', 'close', 'error']) socket.on(end, () => {
      isOver = true
      open.delete(socket)
    })
    socket.on('data', () => {})
    // What was hung up before this one was begun lies there by now, and is heard in this turn of the loop or the next: each counts from then on.
    setImmediate(() => setImmediate(() => {
      if (!isOver) open.add(socket)
      most = Math.max(most, open.size)
    }))
    talk(socket)
  }
  const ports = await Promise.all(talks.map((talk) => listen(t, counted(talk), address)))
  return { ports, most: () => most, all: () => all }
}

test('a fragile device never has two connections open, and all of its ports are looked at all the same', async (t) => {
  const { ports, most, all } = await device(t, '127.0.12.1')
  const run = await watchedScan(['127.0.12.1', '--fragile', '--ports', ports.join(), '--udp', 'none'], 150)
  assert.ok(run.code === 0 || run.code === 3, run.err)
  assert.equal(most(), 1)
  assert.ok(all() > ports.length, `${all()} connections`)
  assert.doesNotMatch(run.notTested, /another connection was open/)
})

test('another device has several at once', async (t) => {
  const { ports, most } = await device(t, '127.0.12.2')
  const run = await watchedScan(['127.0.12.2', '--ports', ports.join(), '--udp', 'none'], 150)
  assert.ok(run.code === 0 || run.code === 3, run.err)
  assert.ok(most() > 1, `${most()} at once`)
})
