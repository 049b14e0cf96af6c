import { fail } from '#core/errors.ts'
import { openRange, type LabHost, type Range } from '#lab/range.ts'
import { options, type Command } from './command.ts'

const help = `vigil lab [--net N] [--json]

Starts a practice range on loopback: small services written for it, each weak on one address (127.66.0.x) and hardened on another
(127.66.1.x). Nothing listens outside this machine, and nothing is stored, delivered or run. Standard ports where they can be had,
else 10,000 higher. Runs until Ctrl-C or SIGTERM.

  --net N   use 127.N.0.x and 127.N.1.x, as when another range runs; 1 to 254, default 66
  --json    print one object when all is ready, instead of the table

Exit codes: 0 stopped, 2 wrong usage, 69 the addresses or ports cannot be had.
`

/** `vigil lab`: see `help`. Resolves when told to stop. */
export const labCommand: Command = async (argv) => {
  const parsed = options(argv, help, { json: { type: 'boolean', default: false }, net: { type: 'string', default: '66' } })
  if (parsed === null) return 0
  if (parsed.positionals.length > 0) fail('usage', { what: `lab takes no argument, and "${parsed.positionals[0]!}" was given.` })
  const net = Number(parsed.values.net)
  if (!Number.isInteger(net) || net < 1 || net > 254) {
    fail('usage', { what: `--net takes a number from 1 to 254, not "${parsed.values.net}".` })
  }
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  let range: Range
  try {
    range = await openRange(Date.now(), net)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRNOTAVAIL' && code !== 'EADDRINUSE') throw error
    process.stderr.write(
      code === 'EADDRINUSE'
        ? `vigil lab: ${message}. Is another range running? Try --net 67.\n`
        : 'vigil lab: this system has no loopback addresses beside 127.0.0.1. On macOS: sudo ifconfig lo0 alias 127.66.0.1\n',
    )
    return 69
  }
  process.stdout.write(parsed.values.json ? `${JSON.stringify(describe(range.hosts))}\n` : table(range.hosts))
  await stopped
  await range.close()
  return 0
}

/** The command that scans the range, ready to type. */
function scanLine(hosts: readonly LabHost[], which: 'weak' | 'twin'): string {
  const found = hosts.flatMap((host) => host[which] ?? [])
  const listOf = (proto: 'tcp' | 'udp'): string =>
    [
      ...new Set(
        found
          .flatMap((one) => one.ports)
          .filter((one) => one.proto === proto)
          .map((one) => one.port),
      ),
    ]
      .sort((a, b) => a - b)
      .join(',')
  const first = found[0]!.address
  const last = found.at(-1)!.address.split('.').at(-1)!
  return `./vigil scan ${first}-${last} --ports ${listOf('tcp')} --udp ${listOf('udp')}`
}

function describe(hosts: readonly LabHost[]): object {
  return {
    hosts: hosts.map(({ service, weak, twin }) => ({
      service: service.name,
      weak,
      twin,
      wrong: service.wrong,
      better: service.better,
      expects: service.expects,
    })),
    scan: scanLine(hosts, 'weak'),
    scanTwins: scanLine(hosts, 'twin'),
  }
}

function table(hosts: readonly LabHost[]): string {
  const rows = hosts.map(({ service, weak, twin }) => [
    service.name,
    `${weak.address}:${weak.ports[0]!.port}`,
    twin === null ? '–' : `${twin.address}:${twin.ports[0]!.port}`,
    service.wrong,
  ])
  const head = ['Service', 'Weak', 'Twin', 'What is wrong with the weak one']
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ')
  return `${[line(head), ...rows.map(line)].join('\n')}

All ${hosts.length} services are up, on loopback only. In another terminal:

  ${scanLine(hosts, 'weak')}

and the same for the hardened twins:

  ${scanLine(hosts, 'twin')}

Ctrl-C stops the range.
`
}
