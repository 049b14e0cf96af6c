import { verifyRelease } from '#knowledge/verify.ts'
import { options, type Command } from '../command.ts'
import { verifyCommand as verifyBundleCommand } from './bundle.ts'
import { currentOf } from './opened.ts'

const help = `vigil kb verify [FILE.vkb] [--data DIR] [--json]

Without a file: reads the release in force to the last byte, its structure and the content of every source against the
hashes it was sealed with. With a bundle: checks it against its signature and the keys that are trusted here; takes nothing.
Exit codes: 0 whole, 1 damaged (vigil kb rollback puts the one before in force), 2 not to be trusted.
`

export const verifyCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  if (parsed.positionals.length > 0) return verifyBundleCommand(argv)
  const { folder, current } = currentOf(parsed.values.data)
  const { problems, root } = verifyRelease(folder, current)
  if (parsed.values.json) process.stdout.write(`${JSON.stringify({ release: current.name, root, problems })}\n`)
  else process.stdout.write(problems.length === 0 ? `Release ${current.name} is whole (${root.slice(0, 16)}…).\n` : `Release ${current.name} is damaged:\n${problems.map((problem) => `  ${problem}\n`).join('')}`)
  return problems.length === 0 ? 0 : 1
}
