import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../src/command/bench.ts'
import { timed, type Cost } from './scan/timed.ts'
import { median } from './statistics.ts'
import { difference, isSame, readOurs, readSslscan, readTestssl, union, type Seen } from './tls/seen.ts'
import { startServers, type Running } from './tls/servers.ts'

const runs = Number(process.env['TLS_RUNS'] ?? 3)
const look = fileURLToPath(new URL('tls/look.ts', import.meta.url))

/** How each peer is told what goes over to TLS. */
const sslscanWords: Readonly<Record<Running['service'], readonly string[]>> = {
  https: [], tls: [], smtp: ['--starttls-smtp'], imap: ['--starttls-imap'], pop3: ['--starttls-pop3'], ftp: ['--starttls-ftp'], ldap: ['--starttls-ldap'], postgresql: ['--starttls-psql'], mysql: ['--starttls-mysql'],
}
const testsslNames: Readonly<Record<Running['service'], string>> = { https: '', tls: '', smtp: 'smtp', imap: 'imap', pop3: 'pop3', ftp: 'ftp', ldap: 'ldap', postgresql: 'postgres', mysql: 'mysql' }

/**
 * One whole look at each of some thirty TLS servers on loopback, from SSL 2 to TLS 1.3 and behind STARTTLS, beside `sslscan`, in turns, and `testssl.sh -p -E` (with TESTSSL=1 in the environment: it
 * takes half a minute a server and more). Program start included, with the compiled code that `./vigil` keeps; and once as a scanner looks that already runs (the third look of a process). TLS_RUNS: how
 * often, 3 unless told; TLS_ONLY: a pattern of servers' names. What one sees and the other does not is said on stderr.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-bench-tls-'))
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const only = new RegExp(process.env['TLS_ONLY'] ?? '')
  const running = await startServers(folder, (name) => process.stderr.write(`not started: ${name}\n`), only)
  const ours = async ({ address, port, service }: Running, count: number): Promise<Cost> => timed(process.execPath, ['--disable-warning=ExperimentalWarning', look, `${address}:${port}`, service, String(count)], env)
  try {
    // Fills the cache of compiled code.
    if (running[0] !== undefined) await ours(running[0], 1)
    const all: { us: Seen; sslscan: Seen; testssl: Seen | null; warm: number }[] = []
    for (const server of running) {
      const mine: Seen[] = []
      const theirs: Seen[] = []
      for (let run = 0; run < runs; run++) {
        mine.push(readOurs(await ours(server, 1)))
        theirs.push(readSslscan(await timed('sslscan', ['--no-colour', '--xml=-', ...sslscanWords[server.service], `${server.address}:${server.port}`])))
      }
      const [us, sslscan] = [union(mine), union(theirs)]
      const warm = lastTook((await ours(server, 3)).out) / 1000
      const testssl = process.env['TESTSSL'] === '1' ? await lookByTestssl(server) : null
      all.push({ us, sslscan, testssl, warm })
      process.stderr.write(`${server.name}: ${[...us.versions].join(' ')}, ${us.suites.size} suites, ${us.cost.seconds} s (${warm} s warm); sslscan ${sslscan.suites.size} suites, ${sslscan.cost.seconds} s`
        + `${testssl === null ? '' : `; testssl.sh ${testssl.suites.size} suites, ${testssl.cost.seconds} s`}${difference(us, sslscan, 'sslscan')}${testssl === null ? '' : difference(us, testssl, 'testssl.sh')}${us.unseen === null ? '' : `; ${us.unseen}`}\n`)
    }
    for (const figure of figuresOf(all)) tell(figure)
  } finally {
    for (const { stop } of running) await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function lookByTestssl({ address, port, service }: Running): Promise<Seen> {
  // It ends with more than 0 where a check of it failed, of which it has said what it saw all the same.
  return readTestssl(await timed('bash', ['-c', 'testssl "$@" || true', 'testssl', '--nodns', 'none', '--warnings', 'off', '--quiet', '--color', '0', '-p', '-E', ...(testsslNames[service] === '' ? [] : ['-t', testsslNames[service]]), `${address}:${port}`]))
}

function figuresOf(all: readonly Readonly<{ us: Seen; sslscan: Seen; testssl: Seen | null; warm: number }>[]): readonly Figure[] {
  const count = all.length
  const figures: Figure[] = []
  const servers = (metric: string, holding: number, of: number): void => void figures.push({ bench: 'tls', metric, value: holding, unit: `of ${of}`, peer: null, ratio: null, goal: 'all', holds: holding === of, runs })
  const seconds = (metric: string, value: number, name: string, peer: number, goal: string | null, times: number): void =>
    void figures.push({ bench: 'tls', metric: `one server, ${metric}, median of ${count}`, value, unit: 's', peer: `${name} (${peer.toPrecision(3)} s)`, ratio: value / peer, goal, holds: goal === null ? null : value < peer, runs: times })
  servers('servers that were looked at whole', all.filter(({ us }) => us.unseen === null).length, count)
  for (const [name, of] of [['sslscan', (one: (typeof all)[number]) => one.sslscan], ['testssl.sh', (one: (typeof all)[number]) => one.testssl]] as const) {
    const pairs = all.flatMap((one) => {
      const peer = of(one)
      return peer === null ? [] : [{ us: one.us, peer }]
    })
    if (pairs.length === 0) continue
    servers(`servers with the same versions as ${name}`, pairs.filter(({ us, peer }) => isSame(us.versions, peer.versions)).length, pairs.length)
    servers(`servers of which no suite that ${name} sees is missed`, pairs.filter(({ us, peer }) => [...peer.suites].every((suite) => us.suites.has(suite))).length, pairs.length)
  }
  const middle = (of: (one: (typeof all)[number]) => number): number => median(all.map(of))
  const peer = middle(({ sslscan }) => sslscan.cost.seconds)
  seconds('wall, by a running scanner', middle(({ warm }) => warm), 'sslscan', peer, 'faster', 1)
  seconds('wall, program start included', middle(({ us }) => us.cost.seconds), 'sslscan', peer, null, runs)
  seconds('CPU', middle(({ us }) => us.cost.cpu), 'sslscan', middle(({ sslscan }) => sslscan.cost.cpu), null, runs)
  if (all.every(({ testssl }) => testssl !== null)) seconds('wall, program start included', middle(({ us }) => us.cost.seconds), 'testssl.sh', middle(({ testssl }) => testssl!.cost.seconds), 'faster', 1)
  return figures
}

function lastTook(out: string): number {
  return out.trim().split('\n').map((line) => (JSON.parse(line) as { took?: number }).took).findLast((took) => took !== undefined)!
}
