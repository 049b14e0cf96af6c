import { resolve } from 'node:path'
import { fail } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { build, type Import } from '#knowledge/build/build.ts'
import { isBundle } from '#knowledge/bundle/bundle-file.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { sourceOrder } from '#knowledge/source-bit.ts'
import { recognisePath } from '#knowledge/sync/recognise.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'
import { importBundleFile } from './bundle.ts'
import { ownSignatures } from './own-signatures.ts'
import { printReport, progressTo } from './report.ts'
import { plain } from './search.ts'

const help = `vigil kb import PATH… [--as SOURCE] [--force] [--data DIR] [--json]

Takes feeds: files, archives (tar, tar.gz, zip), folders, or one signed bundle (.vkb). What a feed is, is told from its name
and the folder it lies in; --as says it.

  --as SOURCE  ${sourceOrder.filter((name) => name !== 'vigil').join(' ')}
  --force      take a feed that holds far fewer records than before, or a bundle that is older

A feed that cannot be believed is refused whole and what was there before serves on. Exit codes: 0 taken, 1 a feed was refused.
`

const config = { data: { type: 'string' }, as: { type: 'string' }, force: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } as const

export const importCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values, positionals } = parsed
  if (positionals.length === 0) fail('usage', { what: 'vigil kb import needs a path. Try --help.' })
  const data = dataFolder(values.data)
  if (positionals.length === 1 && (positionals[0]!.endsWith('.vkb') || (await isBundle(positionals[0]!)))) return importBundleFile(resolve(positionals[0]!), data, { force: values.force, json: values.json })
  const source = values.as === undefined ? undefined : (sourceOrder.find((name) => name === values.as && name !== 'vigil') ?? fail('feed.unknown', { path: `--as ${values.as}`, known: sourceOrder.join(', ') }))
  const imports = await importsOf(positionals, source)
  const report = await build(knowledgeFolder(data), [...(await ownSignatures(knowledgeFolder(data))), ...imports], { force: values.force, ...(values.json ? {} : { tell: progressTo((text) => process.stderr.write(text)) }) })
  return printReport(report, values.json)
}

async function importsOf(paths: readonly string[], source: SourceName | undefined): Promise<readonly Import[]> {
  const all: Import[] = []
  for (const path of paths) {
    const { imports, others } = await recognisePath(resolve(path), source)
    if (imports.length === 0) fail('feed.unknown', { path, known: sourceOrder.filter((name) => name !== 'vigil').join(', ') })
    for (const other of others) process.stderr.write(`${plain(other)}: no feed that Vigil knows, left out\n`)
    all.push(...imports)
  }
  return all
}
