import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { account, installed, run } from './system.ts'

/** Where a peer lives: its own directory, its address and ports on loopback. All ports are free ones; `more` holds as many as it asked for. */
export type PeerPlace = Readonly<{ directory: string; address: string; port: number; more: readonly number[] }>

/**
 * A real daemon of Debian, as data: what to install, what to write, how to start. It runs in a directory of its own, on loopback alone, and
 * must be set up so that it calls nobody.
 */
export type Peer = Readonly<{
  name: string
  packages: readonly string[]
  /** Files below the directory, by relative path. */
  files?(place: PeerPlace): Readonly<Record<string, string>>
  /** Commands run one after the other before the start, as the peer's user, in its directory. */
  prepare?(place: PeerPlace): readonly (readonly string[])[]
  /** Must stay in the foreground. */
  command(place: PeerPlace): readonly string[]
  environment?(place: PeerPlace): Readonly<Record<string, string>>
  /** The account that the daemon runs as when we are root; the directory then belongs to it. Absent: our own. */
  user?: string
  /** It drops privileges by itself or binds what only root may: starting it needs root. */
  needsRoot?: boolean
  /** As inetd would: the command is started for each connection, with the socket's bytes as its stdin and stdout. */
  perConnection?: boolean
  /** Default: 127.0.0.1. */
  address?: string
  morePorts?: number
  /** Whether it answers by now; default: its TCP port takes a connection. */
  ready?(place: PeerPlace): Promise<boolean>
  stopSignal?: NodeJS.Signals
}>

/** The same daemon twice: as weak as it can be set up, and as it should be. */
export type Twins = Readonly<{ weak: Peer; hardened: Peer }>

export type RunningPeer = PeerPlace & Readonly<{
  peer: Peer
  /** Everything it said on stdout and stderr, the last 64 KiB. */
  log(): string
  stop(): Promise<void>
}>

/** Ms; a JVM on a busy machine needs a while. */
const longestStart = 60_000

/** Installs what is missing (as root), starts it, and resolves once it answers. `at`: where it is to live, instead of on free ports. */
export async function startPeer(peer: Peer, at: Partial<Omit<PeerPlace, 'directory'>> = {}): Promise<RunningPeer> {
  await installed(peer.packages)
  if (peer.needsRoot === true && process.getuid?.() !== 0) throw new Error(`${peer.name}: this daemon can only be started by root`)
  const directory = await mkdtemp(join(tmpdir(), 'vigil-peer-'))
  const address = at.address ?? peer.address ?? '127.0.0.1'
  const [free = 0, ...others] = await freePorts(address, 1 + (peer.morePorts ?? 0))
  const port = at.port ?? free
  const more = others.map((other, index) => at.more?.[index] ?? other)
  const place: PeerPlace = { directory, address, port, more }
  if (at.port !== undefined && await answersTcp(place)) throw new Error(`${peer.name}: something else listens on ${address}:${port}`)
  const user = peer.user === undefined || process.getuid?.() !== 0 ? null : await account(peer.user)
  try {
    await chmod(directory, 0o755)
    for (const [path, text] of Object.entries(peer.files?.(place) ?? {})) await put(join(directory, path), text, user)
    if (user !== null) await chown(directory, user.uid, user.gid)
    for (const command of peer.prepare?.(place) ?? []) await run(command, { cwd: directory, user, environment: peer.environment?.(place) ?? {} })
    return await (peer.perConnection === true ? serveEach(peer, place) : serve(peer, place, user))
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

async function put(path: string, text: string, user: { uid: number; gid: number } | null): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 })
  if (user === null) return
  await chown(dirname(path), user.uid, user.gid)
  await chown(path, user.uid, user.gid)
}

async function serve(peer: Peer, place: PeerPlace, user: { uid: number; gid: number } | null): Promise<RunningPeer> {
  const [program = '', ...args] = peer.command(place)
  // A file and no pipe: daemons that open /dev/stdout themselves cannot open a socket, which is what Node's pipes are.
  const logPath = join(place.directory, 'daemon.log')
  const logFile = await open(logPath, 'a', 0o666)
  // A group of its own, so that its children stop with it.
  const child = spawn(program, args, {
    cwd: place.directory,
    detached: true,
    stdio: ['ignore', logFile.fd, logFile.fd],
    env: { ...process.env, ...peer.environment?.(place) },
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  })
  let trouble = ''
  child.on('error', (error) => { trouble = `\n${error.message}` })
  const log = (): string => `${existsSync(logPath) ? readFileSync(logPath, 'latin1').slice(-65_536) : ''}${trouble}`
  const gone = new Promise<void>((resolve) => { child.once('close', () => resolve()).once('error', () => resolve()) })
  const orphan = (): void => {
    killGroup(child, 'SIGKILL')
    killStragglers(place.directory)
  }
  process.once('exit', orphan)
  await logFile.close()
  const stop = async (): Promise<void> => {
    killGroup(child, peer.stopSignal ?? 'SIGTERM')
    const force = setTimeout(() => killGroup(child, 'SIGKILL'), 5000)
    await gone
    clearTimeout(force)
    // What it left behind, if anything.
    orphan()
    process.off('exit', orphan)
    await rm(place.directory, { recursive: true, force: true, maxRetries: 3 })
  }
  const ready = peer.ready ?? answersTcp
  const deadline = Date.now() + longestStart
  while (!(await ready(place))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      const why = `${peer.name} did not start (${child.exitCode ?? child.signalCode ?? 'no answer'}): ${program} ${args.join(' ')}\n${log()}`
      await stop()
      throw new Error(why)
    }
    await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
  return { ...place, peer, log, stop }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Gone already.
  }
}

/** Children that made a session of their own (samba's do) are known by the peer's directory in their command line, which is like no other. */
function killStragglers(directory: string): void {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (Number(entry) !== process.pid && readFileSync(`/proc/${entry}/cmdline`, 'latin1').includes(directory)) process.kill(Number(entry), 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
}

async function serveEach(peer: Peer, place: PeerPlace): Promise<RunningPeer> {
  const [program = '', ...args] = peer.command(place)
  const children = new Set<ChildProcess>()
  let log = ''
  const server: Server = createServer((socket) => {
    const child = spawn(program, args, { cwd: place.directory, stdio: [socket, socket, 'pipe'], env: { ...process.env, ...peer.environment?.(place) } })
    children.add(child)
    child.stderr?.on('data', (bytes: Buffer) => { log = (log + bytes.toString('latin1')).slice(-65_536) })
    child.on('error', (error) => { log += `\n${error.message}` })
    child.on('close', () => children.delete(child))
    // The child has the socket now; ours must not read from it.
    socket.on('error', () => {})
    socket.destroy()
  })
  await new Promise<void>((resolve) => { server.listen({ port: place.port, host: place.address, pauseOnConnect: true } as object, resolve) })
  return {
    ...place,
    peer,
    log: () => log,
    async stop() {
      for (const child of children) child.kill('SIGKILL')
      await new Promise<void>((resolve) => { server.close(() => resolve()) })
      await rm(place.directory, { recursive: true, force: true })
    },
  }
}

export function answersTcp(place: Readonly<{ address: string; port: number }>): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: place.address, port: place.port })
    const settle = (answers: boolean): void => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}

/** What the peer says to these bytes until it hangs up or has been silent for half a second; '' when it cannot be reached. */
export function answerTo(place: Readonly<{ address: string; port: number }>, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: place.address, port: place.port }, () => { socket.write(bytes, 'latin1') })
    const settle = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(500, settle)
    socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') }).once('error', settle).once('end', settle)
  })
}

/** Distinct ports that nothing listens on, over TCP, at this moment. */
async function freePorts(address: string, count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<Server>((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen({ port: 0, host: address }, () => resolve(server))
  })))
  const ports = servers.map((server) => portOf(server))
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve) })))
  return ports
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}
