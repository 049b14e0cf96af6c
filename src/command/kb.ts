import type { Command } from './command.ts'

/** Loaded when called. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  sync: async () => (await import('./kb/sync.ts')).syncCommand,
  import: async () => (await import('./kb/import.ts')).importCommand,
  stats: async () => (await import('./kb/stats.ts')).statsCommand,
  search: async () => (await import('./kb/search.ts')).searchCommand,
  show: async () => (await import('./kb/show.ts')).showCommand,
  sources: async () => (await import('./kb/sources.ts')).sourcesCommand,
  export: async () => (await import('./kb/export.ts')).exportCommand,
  verify: async () => (await import('./kb/verify.ts')).verifyCommand,
  rollback: async () => (await import('./kb/rollback.ts')).rollbackCommand,
  bundle: async () => (await import('./kb/bundle.ts')).bundleCommand,
  key: async () => (await import('./kb/key.ts')).keyCommand,
  release: async () => (await import('./kb/release.ts')).releaseCommand,
  team: async () => (await import('./kb/team.ts')).teamCommand,
  digest: async () => (await import('./kb/digest.ts')).digestCommand,
}

const help = `vigil kb: the KnowledgeBase of this data directory

  sync       bring it up to date: from where each source is published, from a mirror folder or a URL
  import     take single feeds or a signed bundle: files, archives or folders
  stats      how much it knows, and what could not be used, by reason
  search     find vulnerabilities: words, ids, or a query as in the console
  show       everything about a CVE, another id, or the number of a check
  sources    each source with its licence, day and health
  export     write its records to a file that import reads
  verify     check the release in force, or a bundle, byte by byte
  rollback   put the release before in force again
  bundle     write the release in force as a signed file or mirror
  key        the keys that bundles are signed and trusted with
  release    the release in force, those kept, and what the last ones changed
  team       who writes, reads and publishes checks of your own
  digest     what a week brought, as message or feed

Each takes --help and --data DIR.
`

export const kbCommand: Command = async (argv) => {
  const [name = 'help', ...rest] = argv
  if (['help', '--help', '-h'].includes(name)) {
    process.stdout.write(help)
    return 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) {
    process.stderr.write(`vigil kb: there is no command "${name.slice(0, 60)}".\n\n${help}`)
    return 2
  }
  return (await load())(rest)
}
