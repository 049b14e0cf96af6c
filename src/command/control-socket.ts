import { createServer, connect, type Server } from 'node:net'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a running Vigil tells of itself to another call on the same data directory. */
export type Running = Readonly<{ pid: number; url: string; started: string }>

/**
 * Holds a data directory: a Unix socket that answers for as long as the process lives, so that a second `up` can say who is there, and
 * kill -9 leaves nothing that must be cleared by hand.
 */
export async function holdDirectory(data: string, facts: () => Running): Promise<Readonly<{ holder: Running } | { release(): Promise<void> }>> {
  const path = socketPath(data)
  // The database's user, when we are root, must get through; nobody else needs to look in.
  await mkdir(data, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const holder = await askHolder(data)
  if (holder !== null) return { holder }
  // Nobody answers: what lies there is of a killed process.
  await rm(path, { force: true })
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(JSON.stringify(facts()))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return {
    release: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Who holds the directory now, or null. */
export function askHolder(data: string): Promise<Running | null> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(data))
    let text = ''
    socket.setEncoding('utf8').setTimeout(2000, () => socket.destroy())
    socket.on('data', (part: string) => (text = (text + part).slice(0, 4096)))
    socket.on('error', () => resolve(null))
    socket.on('close', () => {
      try {
        resolve(JSON.parse(text) as Running)
      } catch {
        resolve(null)
      }
    })
  })
}

function socketPath(data: string): string {
  const near = join(data, 'vigil.sock')
  return near.length <= 100 ? near : join(tmpdir(), `vigil-${createHash('sha256').update(data).digest('hex').slice(0, 24)}.sock`)
}
