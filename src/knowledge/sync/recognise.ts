import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { fail } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { readerFor, readers } from '#formats/feed/readers.ts'
import type { Import } from '../build/build.ts'
import { feedOf, sourceOrder } from '../source-bit.ts'

export type Recognised = Readonly<{ imports: readonly Import[]; /** Files that are no feed of ours, relative. */ others: readonly string[] }>

type Found = Readonly<{ source: SourceName; path: string; name: string }>

const deepest = 5
const mostFiles = 20_000
/** What lies beside feeds in a mirror and is none. */
const asides = /(^|\/)(README[^/]*|LICEN[CS]E[^/]*|SHA256SUMS[^/]*|manifest\.json|[^/]*schema[^/]*\.(json|tar\.gz)|\.[^/]*)$/i

/** Every feed in a mirror folder. Where a feed is there more than once, of several days, the newest is taken. */
export async function recogniseFolder(root: string): Promise<Recognised> {
  const found: Found[] = []
  const others: string[] = []
  let seen = 0
  const walk = async (path: string, depth: number): Promise<void> => {
    const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (++seen > mostFiles) fail('feed.too_many', { path: root, most: mostFiles })
      const full = join(path, entry.name)
      const name = relative(root, full).split(sep).join('/')
      if (entry.isSymbolicLink() || (asides.test(name) && sourceOfRecords(name) === null)) continue
      const source = sourceOfRecords(name) ?? readerFor(name)?.source.name ?? null
      // A folder may be named like the feed whose archives lie in it, or be the feed itself, unpacked.
      if (source !== null && (entry.isFile() || !(await holdsFeeds(full, name)))) found.push({ source, path: full, name })
      else if (entry.isDirectory() && depth < deepest) await walk(full, depth + 1)
      else if (!entry.isDirectory()) others.push(name)
    }
  }
  await walk(root, 0)
  return { imports: await chosenOf(found), others }
}

async function holdsFeeds(path: string, name: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true })
  return entries.some((entry) => entry.isFile() && /\.(gz|zip|tar|tgz|bz2|xz|zst)$/i.test(entry.name) && readerFor(`${name}/${entry.name}`) !== null)
}

/** The feed that one path is: a mirror folder, a file, or a file of records. `source` overrides. */
export async function recognisePath(path: string, source?: SourceName): Promise<Recognised> {
  const at = await stat(path).catch(() => fail('feed.missing', { path }))
  if (source !== undefined) return { imports: [{ source, paths: [path] }], others: [] }
  const parts = path.split(sep).filter((part) => part !== '')
  // As it would be called in a mirror: with one folder above, with two, and by its own name.
  const names = [parts.slice(-2).join('/'), parts.slice(-3).join('/'), basename(path)]
  for (const name of names) {
    const known = sourceOfRecords(name) ?? readerFor(name)?.source.name
    if (known !== undefined && known !== null) return { imports: [{ source: known, paths: [path] }], others: [] }
  }
  return at.isDirectory() ? recogniseFolder(path) : { imports: [], others: [path] }
}

/** `osv.vigil.jsonl.gz` and `osv-….vigil.jsonl`: what `vigil kb export` writes. */
function sourceOfRecords(name: string): SourceName | null {
  const file = /^(.+)\.vigil\.jsonl(\.gz)?$/.exec(basename(name))?.[1]
  return file === undefined ? null : (sourceOrder.toSorted((a, b) => b.length - a.length).find((one) => file === one || file.startsWith(`${one}-`) || file.startsWith(`${one}.`)) ?? null)
}

/** Of what a source has in several forms or days, its reader chooses; then, of several days of the same file, the newest. */
async function chosenOf(found: readonly Found[]): Promise<readonly Import[]> {
  const bySource = Map.groupBy(found, (one) => one.source)
  const chosen: Import[] = []
  for (const [source, all] of bySource) {
    const choose = readers.find((one) => one.source.name === source)?.choose
    const names = new Set(choose?.(all.map((one) => one.name)) ?? all.map((one) => one.name))
    const groups = Map.groupBy(all.filter((one) => names.has(one.name)), (one) => `${feedOf(source, one.name)} ${basename(one.name).replaceAll(/\d{4}-\d{2}-\d{2}/g, '')}`)
    chosen.push({ source, paths: [...groups.values()].map((group) => group.toSorted((a, b) => dayOf(b.name).localeCompare(dayOf(a.name)))[0]!.path) })
  }
  return chosen
}

function dayOf(name: string): string {
  return /\d{4}-\d{2}-\d{2}/.exec(basename(name))?.[0] ?? ''
}
