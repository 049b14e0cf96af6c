import { once } from 'node:events'
import { makeNamespace, removeNamespaces, run, worldName } from '../../test/netns/namespace.ts'

/** Two namespaces joined by a cable: a scanner, and a machine with several addresses and a few open ports, all others closed. */
export type Pair = Readonly<{
  scanner: string
  addresses: readonly string[]
  open: readonly number[]
  /** Hardware addresses' far end, for who does not look it up. */
  farMac: string
  close(): Promise<void>
}>

export const scannerAddress = '10.78.0.100'

export async function openPair(hosts: number): Promise<Pair> {
  const name = worldName()
  const scanner = await makeNamespace(`${name}scanner`)
  const target = await makeNamespace(`${name}target`)
  const names = [scanner.name, target.name]
  try {
    const addresses = Array.from({ length: hosts }, (_, index) => `10.78.0.${index + 1}`)
    await scanner.ip(`link add net type veth peer name net netns ${target.name}`, 'link set net up', `address add ${scannerAddress}/24 dev net`)
    await target.ip('link set net up', ...addresses.map((address) => `address add ${address}/24 dev net`))
    const open = [22, 80, 443, 3306, 8080, 31_337, 65_000]
    const child = target.spawn(process.execPath, ['-e', `let left = ${open.length}; for (const port of ${JSON.stringify(open)}) require('node:net').createServer((s) => s.on('error', () => {}).destroy()).listen(port, '0.0.0.0', () => --left || console.log('up'))`])
    await once(child.stdout, 'data')
    const [{ address: farMac }] = JSON.parse(await run('ip', ['-n', target.name, '-json', 'link', 'show', 'net'])) as [{ address: string }]
    return {
      scanner: scanner.name, addresses, open, farMac,
      async close() {
        child.kill('SIGKILL')
        await removeNamespaces(names)
      },
    }
  } catch (error) {
    await removeNamespaces(names)
    throw error
  }
}
