import { execFile, execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Namespaces of these tests; the maker's process id and start time are in the name, so that what a killed test left can be told and removed. */
const prefix = 'vigil-test-'

/** Runs a program to its end; what it said is part of the error when it fails. */
export function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: { ...process.env, LC_ALL: 'C' } }, (error, out, err) => {
      if (error === null) resolve(out)
      else reject(new Error(`${[program, ...args].join(' ')}: ${error.message}\n${out}${err}`))
    })
    child.stdin!.on('error', () => {})
    child.stdin!.end(input)
  })
}

/** A network namespace of our own, and programs in it that die with this process. */
export type Namespace = Readonly<{
  name: string
  ip(...commands: readonly string[]): Promise<void>
  /** Replaces the rules for what comes in: lines of nft, as `tcp dport 80 drop`. None: everything passes. */
  filter(rules: readonly string[]): Promise<void>
  spawn(program: string, args: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams
}>

export async function makeNamespace(name: string): Promise<Namespace> {
  await run('ip', ['netns', 'add', name])
  const inside = (program: string, args: readonly string[], input = ''): Promise<string> => run('ip', ['netns', 'exec', name, program, ...args], input)
  const namespace: Namespace = {
    name,
    ip: async (...commands) => void (await run('ip', ['-n', name, '-batch', '-'], commands.join('\n'))),
    filter: async (rules) => void (await inside('nft', ['-f', '-'], [
      'table inet test', 'delete table inet test', 'table inet test {', 'chain incoming {', 'type filter hook input priority 0; policy accept;', ...rules, '}', '}', '',
    ].join('\n'))),
    spawn: (program, args, environment = {}) => {
      // The first program dies with us, and each of the others takes its place.
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', name, program, ...args], { env: { ...process.env, LC_ALL: 'C', ...environment } })
      child.stdin.on('error', () => {})
      return child
    },
  }
  // Nothing may leave that nobody asked for: no router solicitation, no link-local address, no search for duplicates.
  await inside('sysctl', ['-qw', ...['all', 'default'].flatMap((scope) => ['accept_ra=0', 'accept_dad=0', 'dad_transmits=0', 'addr_gen_mode=1', 'router_solicitations=0']
    .map((setting) => `net.ipv6.conf.${scope}.${setting}`)), 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0'])
  await namespace.ip('link set lo up')
  return namespace
}

let made = 0

/** A prefix for the namespaces of one world of this process. */
export function worldName(): string {
  return `${prefix}${process.pid}-${startOf(process.pid) ?? 0}-${++made}-`
}

export async function namespaceNames(): Promise<readonly string[]> {
  const list = JSON.parse((await run('ip', ['-json', 'netns', 'list'])) || '[]') as { name: string }[]
  return list.map(({ name }) => name)
}

/** Ends what runs in them, and removes them. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const pids = await run('ip', ['netns', 'pids', name]).catch(() => '')
    for (const pid of pids.split('\n').filter((line) => line !== '')) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    await run('ip', ['netns', 'delete', name]).catch(() => '')
  }
}

/** The same at the end of the process, when nothing can be waited for. */
export function removeNamespacesNow(names: readonly string[]): void {
  for (const name of names) {
    try {
      execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
    } catch {
      // It was removed before.
    }
  }
}

/** What tests left that were killed: those whose maker does not run any more. */
export async function sweepNamespaces(): Promise<void> {
  const abandoned = (await namespaceNames()).filter((name) => {
    const [, pid, start] = /^vigil-test-(\d+)-(\d+)-/.exec(name) ?? []
    return pid !== undefined && startOf(Number(pid)) !== Number(start)
  })
  await removeNamespaces(abandoned)
}

/** When a process began, in clock ticks since the machine did; null when it does not run. */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return null
  }
}
