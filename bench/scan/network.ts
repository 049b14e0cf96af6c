import { spawn, type ChildProcess } from 'node:child_process'
import { makeNamespace, removeNamespaces, worldName } from '../../test/netns/namespace.ts'

/**
 * Where the hosts of the benchmark stand. As root: in a network namespace of their own, behind a router at the other end of a cable, as most that a scanner looks at do; they and the scanner's namespace
 * have no other way out. Else on the loopback device, where each packet passes the whole system twice.
 */
export type Network = Readonly<{
  name: string
  /** 1,024 hosts, and the first 32 of them. */
  wide: string
  few: string
  /** Begins a program among the hosts. */
  host(program: string, words: readonly string[]): ChildProcess
  /** The command that runs a program beside the scanner. */
  beside(program: string, words: readonly string[]): readonly [string, readonly string[]]
  close(): Promise<void>
}>

export async function openNetwork(): Promise<Network> {
  if (process.getuid?.() !== 0) return loopback
  const name = worldName()
  const names = [`${name}scanner`, `${name}hosts`] as const
  try {
    const [scanner, hosts] = [await makeNamespace(names[0]), await makeNamespace(names[1])]
    await scanner.ip(`link add net type veth peer name net netns ${hosts.name}`, 'link set net up', 'address add 10.79.0.1/30 dev net')
    // Every address of the network is the hosts' own.
    await hosts.ip('link set net up', 'address add 10.79.0.2/30 dev net', 'route add local 10.78.0.0/22 dev lo')
    await scanner.ip('route add 10.78.0.0/22 via 10.79.0.2')
    return {
      name: 'over a cable', wide: '10.78.0.0/22', few: '10.78.0.0/27',
      host: (program, words) => hosts.spawn(program, words),
      beside: (program, words) => ['ip', ['netns', 'exec', scanner.name, program, ...words]],
      close: () => removeNamespaces(names),
    }
  } catch (error) {
    await removeNamespaces(names)
    throw error
  }
}

const loopback: Network = {
  name: 'on loopback (a cable of its own needs root)', wide: '127.20.0.0/22', few: '127.20.0.0/27',
  host: (program, words) => spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] }),
  beside: (program, words) => [program, words],
  close: () => Promise.resolve(),
}
