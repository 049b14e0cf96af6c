import assert from 'node:assert/strict'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { installed } from '../peers/system.ts'
import { readCapture, type Packet } from './capture.ts'
import { makeNamespace, namespaceNames, removeNamespaces, removeNamespacesNow, sweepNamespaces, worldName, type Namespace } from './namespace.ts'

const nodeFlags = ['--disable-warning=ExperimentalWarning', '--enable-experimental-regexp-engine-on-excessive-backtracks', '--regexp-backtracks-before-fallback=20000']
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const servicesProgram = fileURLToPath(new URL('services.ts', import.meta.url))
const wireProgram = fileURLToPath(new URL('wire.pl', import.meta.url))

export type Service = 'store' | 'locked' | 'mute' | 'web' | 'gone'

/** A host of the world: a namespace with addresses of its own, services and a firewall. */
export type Host = Namespace & Readonly<{
  /** What listens on a port from now on, on all addresses. */
  serve(port: number, kind: Service): Promise<void>
}>

export type Scan = Readonly<{
  code: number
  out: string
  err: string
  /** The summary and the findings of `--format json`, which every scan of a world is run with. */
  findings: readonly Finding[]
  summary: Readonly<{ scanned: number; silent: number; seconds: number; notTested: readonly string[]; notes: readonly string[] }>
}>
export type Finding = Readonly<{ ip: string; host: string; port: number; id: number; severity: number; url?: string; evidence: Readonly<{ sent: string; received: string; result: string }> }>

export type Wire = Readonly<{ delay: number; loss?: number; seed?: number }>

/**
 * A network of its own: a switch, a scanner on it as 10.77.0.1 and fd77::1, and hosts. It has no way out: the addresses exist in here and nowhere
 * else, and no packet of the world reaches the machine's own network.
 */
export type World = Readonly<{
  scanner: Namespace
  /** A host on the switch, with the addresses given: `10.77.0.10/24`, `fd77::10/64`. */
  host(addresses: readonly string[]): Promise<Host>
  /** A host at the far end of a wire that is long or loses packets; it has one address, in 10.77.1.0/24. */
  farHost(address: string, wire: Wire): Promise<Host>
  /** Another namespace on the switch, with no services: a second scanner. */
  station(addresses: readonly string[]): Promise<Namespace>
  /** Joins two namespaces by a cable of their own. */
  cable(one: Namespace, oneAddress: string, two: Namespace, twoAddress: string): Promise<void>
  /** `vigil scan` in the scanner's namespace. */
  scan(words: readonly string[]): Promise<Scan>
  /** What the scanner sent meanwhile, by kind and destination. */
  captured(work: () => Promise<unknown>): Promise<readonly Packet[]>
  /** Ends everything and removes the namespaces. */
  close(): Promise<void>
}>

export async function openWorld(): Promise<World> {
  assert.equal(process.getuid?.(), 0, 'this test makes network namespaces: run it as root')
  await installed(['iproute2', 'nftables', 'procps', 'tcpdump', 'util-linux'])
  await sweepNamespaces()
  const prefix = worldName()
  const mine = async (): Promise<readonly string[]> => (await namespaceNames()).filter((name) => name.startsWith(prefix))
  const names: string[] = []
  const children = new Set<ChildProcessWithoutNullStreams>()
  const atExit = (): void => removeNamespacesNow(names)
  process.once('exit', atExit)
  let count = 0

  async function make(role: string): Promise<Namespace> {
    const name = `${prefix}${role}${++count}`
    names.push(name)
    const namespace = await makeNamespace(name)
    return {
      ...namespace,
      spawn(program, args, environment) {
        const child = namespace.spawn(program, args, environment)
        children.add(child)
        child.once('close', () => children.delete(child))
        return child
      },
    }
  }

  /** A cable from the switch to a namespace. */
  async function plug(namespace: Namespace, addresses: readonly string[]): Promise<void> {
    const port = `port${++count}`
    await wires.ip(`link add ${port} type veth peer name net netns ${namespace.name}`, `link set ${port} master switch`, `link set ${port} up`)
    await namespace.ip('link set net up', ...addresses.map((address) => `address add ${address} dev net${address.includes(':') ? ' nodad' : ''}`))
  }

  const wires = await make('wires')
  await wires.ip('link add switch type bridge forward_delay 0 mcast_snooping 0', 'link set switch up')
  const scanner = await make('scanner')
  await plug(scanner, ['10.77.0.1/24', 'fd77::1/64'])

  async function scan(words: readonly string[]): Promise<Scan> {
    const child = scanner.spawn(process.execPath, [...nodeFlags, main, 'scan', ...words, '--format', 'json'])
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part.toString()))
    child.stderr.on('data', (part: Buffer) => (err += part.toString()))
    const [code] = (await once(child, 'close')) as [number]
    if (code === 2) return { code, out, err, findings: [], summary: { scanned: 0, silent: 0, seconds: 0, notTested: [], notes: [] } }
    const { findings, summary } = JSON.parse(out) as Pick<Scan, 'findings' | 'summary'>
    return { code, out, err, findings, summary }
  }

  async function captured(work: () => Promise<unknown>): Promise<readonly Packet[]> {
    const folder = await mkdtemp(join(tmpdir(), 'vigil-capture-'))
    // The system goes on looking for neighbours that an earlier scan asked for.
    await scanner.ip('neigh flush all')
    try {
      const file = join(folder, 'packets')
      const child = scanner.spawn('tcpdump', ['-Z', 'root', '-p', '-n', '-U', '--immediate-mode', '-B', '16384', '-s', '128', '-Q', 'out', '-i', 'net', '-w', file])
      const closed = once(child, 'close')
      let said = ''
      const listening = new Promise<void>((resolve, reject) => {
        child.stderr.on('data', (part: Buffer) => {
          said += part.toString()
          if (said.includes('listening on')) resolve()
        })
        child.once('close', () => reject(new Error(`tcpdump: ${said}`)))
      })
      await listening
      await work()
      child.kill('SIGINT')
      await closed
      assert.match(said, /\b0 packets dropped by kernel/, 'the capture is whole')
      const own = JSON.parse(await insideOf(scanner, 'ip', ['-json', 'link', 'show', 'net'])) as [{ address: string }]
      return await readCapture(file, own[0].address)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  function withServices(namespace: Namespace): Host {
    let child: ChildProcessWithoutNullStreams | null = null
    let answers: AsyncIterator<string> | null = null
    let turn: Promise<unknown> = Promise.resolve()
    const serve = async (port: number, kind: Service): Promise<void> => {
      child ??= namespace.spawn(process.execPath, [...nodeFlags, servicesProgram])
      answers ??= createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      child.stdin.write(`${JSON.stringify({ port, kind })}\n`)
      const { value } = await answers.next()
      assert.equal(value, 'ok', `${namespace.name} could not serve ${kind} on ${port}`)
    }
    return { ...namespace, serve: (port, kind) => (turn = turn.then(() => serve(port, kind))) as Promise<void> }
  }

  return {
    scanner,
    scan,
    captured,
    async host(addresses) {
      const namespace = await make('host')
      await plug(namespace, addresses)
      return withServices(namespace)
    },
    async station(addresses) {
      const namespace = await make('station')
      await plug(namespace, addresses)
      return namespace
    },
    async farHost(address, { delay, loss = 0, seed = 1 }) {
      const namespace = await make('far')
      const [near, far] = [`near${++count}`, `far${count}`]
      const child = wires.spawn('perl', [wireProgram, near, far, `${delay / 2}`, `${loss}`, `${seed}`])
      const [first] = (await once(child.stdout, 'data')) as [Buffer]
      assert.equal(first.toString(), 'ready\n')
      await wires.ip(`link set ${near} netns ${scanner.name}`, `link set ${far} netns ${namespace.name}`)
      await scanner.ip(`link set ${near} up`, `route add ${address}/32 dev ${near} src 10.77.0.1`)
      await namespace.ip(`link set ${far} up`, `address add ${address}/32 dev ${far}`, `route add 10.77.0.1/32 dev ${far} src ${address}`)
      return withServices(namespace)
    },
    async cable(one, oneAddress, two, twoAddress) {
      const end = `cable${++count}`
      await one.ip(`link add ${end} type veth peer name ${end} netns ${two.name}`, `link set ${end} up`, `address add ${oneAddress} dev ${end}`)
      await two.ip(`link set ${end} up`, `address add ${twoAddress} dev ${end}`)
    },
    async close() {
      const ended = [...children].map((child) => once(child, 'close'))
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(ended)
      await removeNamespaces(await mine())
      process.off('exit', atExit)
    },
  }
}

async function insideOf(namespace: Namespace, program: string, args: readonly string[]): Promise<string> {
  const child = namespace.spawn(program, args)
  let out = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  await once(child, 'close')
  return out
}
