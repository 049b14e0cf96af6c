import { fail } from '#core/errors.ts'
import { issueResetLink, linkTo } from '#platform/user/link.ts'
import { openStore } from '#store/open.ts'
import { options, type Command } from './command.ts'
import { askHolder } from './control-socket.ts'
import { dataFolder } from './data-folder.ts'

const help = `vigil reset EMAIL [--data DIR]

Prints a one-time link with which the person sets a new password. For the operator of this machine, when nobody else can help;
Vigil must be running on the data directory.
`

export const resetCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' } })
  if (parsed === null) return 0
  const [email] = parsed.positionals
  if (email === undefined) return fail('usage', { what: 'vigil reset needs the e-mail address of the account. Try --help.' })
  const data = dataFolder(parsed.values.data)
  const holder = await askHolder(data)
  if (holder === null) return fail('usage', { what: `Vigil is not running on ${data}. Start it with ./vigil up first.` })
  const opened = await openStore({ data, ...(process.env['DATABASE_URL'] ? { url: process.env['DATABASE_URL'] } : {}), shared: true })
  try {
    const token = await opened.store.platform((tx) => issueResetLink(tx, { email }, Date.now()))
    if (token === null) {
      process.stderr.write(`vigil: there is no account "${email.slice(0, 120)}".\n`)
      return 1
    }
    process.stdout.write(`${linkTo(holder.url, token)}\n`)
    return 0
  } finally {
    await opened.close()
  }
}
