import { VigilError } from '#core/errors.ts'
import type { Command } from './command/command.ts'

/** Loaded when called, so that `vigil scan` does not pay for the platform, nor `vigil up` for the bench. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./command/up.ts')).upCommand,
  scan: async () => (await import('./command/scan.ts')).scanCommand,
  lab: async () => (await import('./command/lab.ts')).labCommand,
  scanner: async () => (await import('./command/scanner.ts')).scannerCommand,
  test: async () => (await import('./command/test.ts')).testCommand,
  bench: async () => (await import('./command/bench.ts')).benchCommand,
  kb: async () => (await import('./command/kb.ts')).kbCommand,
  verify: async () => (await import('./command/verify.ts')).verifyCommand,
  reset: async () => (await import('./command/reset.ts')).resetCommand,
  doctor: async () => (await import('./command/doctor.ts')).doctorCommand,
}

const help = `vigil: find what you own, where it is weak, and whether it was fixed

  ./vigil up        start the console (database, platform, built-in scanner)
  ./vigil scan      scan addresses from the terminal, with no server
  ./vigil lab       start a practice range on loopback
  ./vigil scanner   run a remote scanner appliance
  ./vigil kb        the KnowledgeBase: bring it up to date, search it, carry it offline
  ./vigil verify    decide a finding again from its proof, with no network
  ./vigil reset     print a link to set a new password
  ./vigil doctor    say what this machine has and lacks
  ./vigil test      run every test
  ./vigil bench     measure, beside the peers

Each takes --help. Exit codes: 0 done, 1 not as hoped (a finding at --fail-on, a failed test), 2 wrong usage,
3 incomplete, 69 something is missing, 70 an error of ours.
`

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv
  if (['help', '--help', '-h'].includes(name)) {
    process.stdout.write(help)
    return 0
  }
  if (['version', '--version', '-v'].includes(name)) {
    const { default: manifest } = (await import('../package.json', { with: { type: 'json' } })) as { default: { version: string } }
    process.stdout.write(`vigil ${manifest.version}\n`)
    return 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) {
    process.stderr.write(`vigil: there is no command "${name.slice(0, 60)}".\n\n${help}`)
    return 2
  }
  return (await load())(rest)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const known = error instanceof VigilError
  process.stderr.write(`vigil: ${known ? error.message : error instanceof Error ? error.message : String(error)}\n`)
  if (!known && process.env['VIGIL_DEBUG'] !== undefined) console.error(error)
  process.exitCode = known && error.status < 500 ? 2 : 70
}
