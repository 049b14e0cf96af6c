import { fail } from '#core/errors.ts'
import { dropMember, listTeam, placeMember } from '#platform/kb/draft-team.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'
import { withDatabase } from './database.ts'

const help = `vigil kb team list | add EMAIL --as PLACE[,PLACE…] | remove EMAIL   [--data DIR] [--json]

Who writes checks of your own: author, reviewer, publisher. Whoever wrote a line of a draft cannot approve it, so it takes two.
The first account of an installation is all three from the start. Vigil must be running on the data directory.
`

const config = { data: { type: 'string' }, as: { type: 'string' }, json: { type: 'boolean', default: false } } as const

const places = ['author', 'reviewer', 'publisher'] as const

export const teamCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values, positionals: [act = 'list', email, ...more] } = parsed
  if (!['list', 'add', 'remove'].includes(act) || more.length > 0 || (act !== 'list' && email === undefined)) fail('usage', { what: 'vigil kb team needs list, add EMAIL or remove EMAIL. Try --help.' })
  const wanted = new Set((values.as ?? '').split(',').map((one) => one.trim()).filter((one) => one !== ''))
  const unknown = [...wanted].find((one) => !(places as readonly string[]).includes(one))
  if (unknown !== undefined || (act === 'add' && wanted.size === 0)) fail('usage', { what: `--as takes ${places.join(', ')}, with commas between.` })
  return withDatabase(dataFolder(values.data), async (store) => {
    if (act === 'add') await store.platform((tx) => placeMember(tx, email!, { author: wanted.has('author'), reviewer: wanted.has('reviewer'), publisher: wanted.has('publisher') }, new Date()))
    if (act === 'remove') await store.platform((tx) => dropMember(tx, email!, new Date()))
    const team = await store.platform(listTeam)
    const line = (one: (typeof team)[number]): string => `${one.email}  ${places.filter((place) => one[place]).join(', ')}  (${one.name})\n`
    process.stdout.write(values.json ? `${JSON.stringify(team)}\n` : team.length === 0 ? 'Nobody is of the team.\n' : team.map(line).join(''))
    return 0
  })
}
