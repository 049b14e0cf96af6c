import { resolve } from 'node:path'
import { fail } from '#core/errors.ts'
import { exportRecords } from '#knowledge/export.ts'
import { sourceOrder } from '#knowledge/source-bit.ts'
import { options, type Command } from '../command.ts'
import { currentOf } from './opened.ts'

const help = `vigil kb export --to FILE [--source SOURCE] [--data DIR]

Writes the records of the release in force as lines of JSON (gzipped when FILE ends in .gz): of all sources, each line with
its source, or of one. A file of one source named SOURCE.vigil.jsonl.gz is read back by vigil kb import. Licences of the sources apply:
vigil kb sources. To carry a whole release to another installation use vigil kb bundle, which is signed.
`

export const exportCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, to: { type: 'string' }, source: { type: 'string' } })
  if (parsed === null) return 0
  const { values } = parsed
  if (values.to === undefined || parsed.positionals.length > 0) return fail('usage', { what: 'vigil kb export needs --to FILE. Try --help.' })
  const source = values.source === undefined ? undefined : (sourceOrder.find((name) => name === values.source) ?? fail('feed.unknown', { path: `--source ${values.source}`, known: sourceOrder.join(', ') }))
  const { folder, current } = currentOf(values.data)
  const count = await exportRecords(folder, current, resolve(values.to), source === undefined ? {} : { source })
  process.stdout.write(`${count.toLocaleString('en-US')} records written.\n`)
  return 0
}
