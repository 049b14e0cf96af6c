import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { fail } from '#core/errors.ts'
import { writeJson } from '#knowledge/folder.ts'
import type { PlatformTx } from '#store/store.ts'
import { shipped, textFiles } from './draft-text.ts'

/** What was published of a check here; `body` null: it was withdrawn. `news`: its last entry in the change log. */
export type Published = Readonly<{ id: number; version: number; body: string | null; news: string }>

export async function publishedTexts({ sql }: Pick<PlatformTx, 'sql'>): Promise<readonly Published[]> {
  return sql<Published[]>`
    select p.signature_id as id, coalesce((p.signature ->> 'version')::int, 0) as version, case when p.signature is null then null else p.body end as body, d.change_log as news
    from kb_published p join kb_draft d on d.id = p.draft_id order by p.signature_id`
}

const file = (folder: string): string => join(folder, 'published.json')

/** Leaves it beside the releases, for whatever builds one while the database is not there: `vigil kb sync`. Returns whether it is news there. */
export async function keepPublished(folder: string, published: readonly Published[]): Promise<boolean> {
  // One that cannot be read is written anew.
  if (isDeepStrictEqual(await keptPublished(folder).catch(() => null), published)) return false
  await mkdir(folder, { recursive: true, mode: 0o700 })
  writeJson(file(folder), published)
  return true
}

/** Throws `feed.format` when it is there and cannot be read: a release built without it would withdraw every check that was published here. */
async function keptPublished(folder: string): Promise<readonly Published[]> {
  const not = (error: unknown): never => fail('feed.format', {
    path: file(folder), what: 'the checks published here', problem: `${error instanceof Error ? error.message : 'it is no list'}; a running platform writes it anew`,
  })
  const text = await readFile(file(folder), 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : not(error)))
  if (text === null) return []
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value as readonly Published[]
  } catch (error) {
    return not(error)
  }
  return not(null)
}

/**
 * The content folder that releases are built from: what Vigil is shipped with, and laid over it what was published here, if anything was. Written anew each time, since
 * either may have changed.
 */
export async function contentFolder(folder: string, content = shipped): Promise<string> {
  const published = await keptPublished(folder)
  if (published.length === 0) return content
  const to = join(folder, 'content')
  await writeContent(to, published, content)
  return to
}

/** `signatures/…yaml` and `change-log.json`; whole, then renamed into its place. Of a check that both have, the higher version counts. */
export async function writeContent(to: string, published: readonly Published[], content = shipped): Promise<void> {
  const own = new Map(published.map((one) => [one.id, one]))
  const newer = new Set<number>()
  const unfinished = `${to}.${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  for (const { name, head, blocks } of await textFiles(content)) {
    const kept = blocks.filter(({ id, text }) => {
      const other = own.get(id)
      if (other === undefined) return true
      const isNewer = other.body !== null && Number(/^ {2}version: (\d+)/m.exec(text)?.[1] ?? 1) > other.version
      if (isNewer) newer.add(id)
      return isNewer
    })
    await write(join(unfinished, 'signatures', name), `${head}\n${kept.map(({ text }) => text).join('\n')}`)
  }
  const ours = published.filter(({ id, body }) => body !== null && !newer.has(id))
  for (const { id, body } of ours) await write(join(unfinished, 'signatures', 'published', `${id}.yaml`), body!)
  await write(join(unfinished, 'change-log.json'), JSON.stringify(Object.fromEntries(ours.map(({ id, news }) => [id, news]))))
  await rm(to, { recursive: true, force: true })
  await rename(unfinished, to)
}

async function write(path: string, text: string): Promise<void> {
  if (text.trim() === '') return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: 0o600 })
}
