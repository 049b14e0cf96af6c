import { join, resolve } from 'node:path'
import { fail } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { readers } from '#formats/feed/readers.ts'
import { build, type BuildReport, type Import } from '#knowledge/build/build.ts'
import { isMirror, syncMirror } from '#knowledge/bundle/mirror.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { fetchMirror } from '#knowledge/sync/mirror.ts'
import { recogniseFolder } from '#knowledge/sync/recognise.ts'
import { fetchUpstream } from '#knowledge/sync/upstream.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'
import { ownSignatures } from './own-signatures.ts'
import { printReport, progressTo } from './report.ts'
import { plain } from './search.ts'

const help = `vigil kb sync [--from DIR|URL] [--only SOURCE…] [--force] [--data DIR] [--json]

Brings the KnowledgeBase up to date. Without --from, each source is pulled from where it is published; what did not change
is not sent again. A source that cannot be reached or believed is told, and what was there before serves on.

  --from DIR   a folder of feeds, as any of them is laid out where it is published; or a mirror of signed releases
  --from URL   the same behind a web server: with manifest.json (feeds) or latest.json (signed releases)
  --only       these sources only; may be given several times
  --force      take a feed that holds far fewer records than before

Exit codes: 0 all well, 1 a source failed.
`

const config = {
  data: { type: 'string' }, from: { type: 'string' }, only: { type: 'string', multiple: true }, force: { type: 'boolean', default: false }, json: { type: 'boolean', default: false },
} as const

export const syncCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values, positionals } = parsed
  if (positionals.length > 0) fail('usage', { what: 'vigil kb sync takes no path: use --from. Try --help.' })
  const folder = knowledgeFolder(dataFolder(values.data))
  const say = (text: string): void => {
    if (!values.json) process.stderr.write(text)
  }
  const only = values.only === undefined ? null : new Set<string>(values.only)
  const wanted = (imports: readonly Import[]): readonly Import[] => imports.filter((one) => only === null || only.has(one.source))
  const take = async (imports: readonly Import[]): Promise<BuildReport> => build(folder, [...(await ownSignatures(folder)), ...wanted(imports)], { force: values.force, tell: progressTo(say) })
  const { from } = values

  if (from !== undefined && (await isMirror(from))) {
    const { current, isNew, fetched, parts, bytes } = await syncMirror(from, { folder, force: values.force })
    process.stdout.write(values.json ? `${JSON.stringify({ release: current, isNew, fetched, parts, bytes })}\n`
      : isNew ? `Release ${current.name} is in force; ${fetched} of ${parts} parts fetched (${(bytes / 1e6).toFixed(1)} MB).\n` : `Release ${current.name} was in force already.\n`)
    return 0
  }
  if (from !== undefined && /^https?:\/\//i.test(from)) {
    const mirror = await fetchMirror(from, join(folder, 'mirror'), { tell: (path) => say(`fetching ${path}\n`) })
    for (const { problem } of mirror.failed) process.stderr.write(`${problem}\n`)
    return Math.max(printReport(await take(mirror.imports), values.json), mirror.failed.length === 0 ? 0 : 1)
  }
  if (from !== undefined) {
    const { imports, others } = await recogniseFolder(resolve(from)).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? fail('feed.missing', { path: from }) : Promise.reject(error)))
    for (const other of others) say(`${plain(other)}: no feed that Vigil knows, left out\n`)
    return printReport(await take(imports), values.json)
  }
  const sources = readers.map((reader) => reader.source).filter((source) => only === null || only.has(source.name))
  const upstream = await fetchUpstream(sources, join(folder, 'incoming'), new Date(), {
    tell: ({ source, state, problem, bytes }) => say(`${source}: ${{ fetched: `fetched ${(bytes / 1e6).toFixed(1)} MB`, same: 'unchanged where it is published', failed: `failed. ${problem}`, byHand: `left out. ${problem ?? ''}` }[state]}\n`),
  })
  const report = await take(upstream.imports)
  await upstream.settle(new Set(report.feeds.filter((one) => one.state !== 'failed').map((one): SourceName => one.source)))
  const unreachable = upstream.reports.filter((one) => one.state === 'failed')
  if (unreachable.length > 0) say(`${unreachable.length} of ${sources.length} sources could not be reached; what was there before serves on.\n`)
  return Math.max(printReport(report, values.json), unreachable.length === 0 ? 0 : 1)
}
