import { fail } from '#core/errors.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { rollback } from '#knowledge/rollback.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'

const help = `vigil kb rollback [--to N] [--data DIR] [--json]

Puts the release before the one in force, or release N, in force again. The last three are kept. A running platform follows
within seconds; the next import builds on what is in force then.
`

export const rollbackCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, to: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const { values } = parsed
  if (values.to !== undefined && !/^[0-9]{1,9}$/.test(values.to)) fail('usage', { what: '--to needs the number of a release.' })
  const current = rollback(knowledgeFolder(dataFolder(values.data)), values.to === undefined ? undefined : Number(values.to))
  process.stdout.write(values.json ? `${JSON.stringify(current)}\n` : `Release ${current.name} is in force.\n`)
  return 0
}
