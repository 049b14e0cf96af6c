import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../bin/vigil.js', import.meta.url))

export type Line = Readonly<{ ip: string; port: number | null; id: number; title: string; severity: number; type: string; evidence: Readonly<Record<string, string>> }>

export type Watched = Readonly<{
  /** Exit code; null when it had to be killed for taking longer than allowed. */
  code: number | null
  findings: readonly Line[]
  /** What was not tested, as it was told. */
  notTested: string
  err: string
  /** Megabytes: the most that the process held at any moment, as the kernel counted it. */
  peak: number
}>

/** `vigil scan … --format jsonl` as a person runs it, watched: killed when it outlives `seconds`. */
export async function watchedScan(words: readonly string[], seconds = 60, meanwhile?: () => Promise<void>): Promise<Watched> {
  const child = spawn(process.execPath, [launcher, 'scan', ...words, '--format', 'jsonl'], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  let peak = 0
  const watch = setInterval(() => {
    for (const pid of offspring(child.pid!)) peak = Math.max(peak, peakOf(pid))
  }, 100)
  // The whole group: the launcher and the Node it started.
  const kill = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), seconds * 1000)
  const closed = once(child, 'close')
  await meanwhile?.()
  const [code] = (await closed) as [number | null]
  clearInterval(watch)
  clearTimeout(kill)
  const findings = out.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as Line)
  const notTested = err.split('\n').filter((line) => line.includes('not tested: ')).join('\n')
  return { code, findings, notTested, err, peak }
}

/** Findings that would be false on a host that has no weakness worth the name. */
export function grave(run: Watched): readonly string[] {
  return run.findings.filter((line) => line.severity >= 3).map((line) => `${line.id} ${line.port} ${line.title}: ${line.evidence['result']}`)
}

function offspring(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((word) => word !== '').map(Number)
    return [pid, ...children.flatMap(offspring)]
  } catch {
    return []
  }
}

/** VmHWM: the kernel's own high-water mark, so that no peak falls between two looks. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** A TCP server on a free port of loopback, whose every connection goes to `talk`; it ends with the test. */
export async function listen(t: TestContext, talk: (socket: Socket) => void, address = '127.0.0.1', port = 0): Promise<number> {
  return serve(t, createServer(talk), address, port)
}

/** Listens with a server that was made elsewhere. */
export async function serve(t: TestContext, server: Server, address = '127.0.0.1', port = 0): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
  })
  server.on('error', () => {})
  server.listen(port, address)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Writes as fast as the other end takes it, without ever holding more than a piece. */
export function pour(socket: Socket, piece: Uint8Array | string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', more)
  more()
}
