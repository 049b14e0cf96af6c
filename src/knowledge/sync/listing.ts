import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '#core/errors.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { fetchFile, type FetchOptions } from './fetch.ts'

/** Where a source says which files there are: what to ask for below its address, and which files its answer names. Null: that cannot be understood. */
type Listing = Readonly<{ index: string; files(text: string, url: string, now: Date): readonly string[] | null }>

/** Of an index: a page of names is small. */
const mostIndex = 16 * 1024 * 1024
const mostFiles = 500
const firstYear = 2002

const listings: Partial<Record<SourceName, Listing>> = {
  // One archive of all there is, made anew now and then under the name that this file gives.
  redhat: { index: 'archive_latest.txt', files: (text, url) => (/^csaf_vex_[\w.-]{1,60}\.tar\.zst$/.test(text.trim()) ? [new URL(text.trim(), url).href] : null) },
  // A page of Apache: one file a release; those for container images say the same as the others.
  ubuntu: { index: '', files: (text, url) => named(text, url, /^com\.ubuntu\.[a-z]+\.cve\.oval\.xml\.bz2$/) },
  // A release of GitHub: the archive of data streams that are built, without the one for OVAL 5.10.
  scap: { index: '', files: releaseFiles },
  alpine: { index: '', files: (text, url) => named(text, url, /^(?:v\d+\.\d+|edge)\/$/)?.flatMap((folder) => [`${folder}main.json`, `${folder}community.json`]) ?? null },
}

/** What lists the files behind this address; null: it is the file. */
export function listingOf(source: SourceName, url: string): Listing | null {
  if (source === 'nvd' && url.endsWith('/')) return years
  const listing = listings[source] ?? null
  if (source === 'scap') return url.endsWith('/releases/latest') ? listing : null
  return url.endsWith('/') ? listing : null
}

const years: Listing = {
  index: '',
  files: (_, url, now) => Array.from({ length: now.getUTCFullYear() - firstYear + 1 }, (_year, at) => `${url}nvdcve-2.0-${firstYear + at}.json.gz`),
}

/** Asks for the index and gives the addresses of the files. Throws `feed.fetch` and `feed.format`. */
export async function filesListed(source: SourceName, url: string, folder: string, now: Date, options: FetchOptions): Promise<readonly string[]> {
  const listing = listingOf(source, url)!
  if (listing === years) return listing.files('', url, now)!
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, '.index')
  const at = new URL(listing.index, url).href
  await fetchFile(at, path, { ...options, most: mostIndex })
  const files = listing.files(await readFile(path, 'utf8'), url, now)
  if (files === null || files.length === 0 || files.length > mostFiles) return fail('feed.format', { path: at, what: 'a list of files', problem: 'it names none that Vigil reads, or too many' })
  const { host } = new URL(url)
  for (const file of files) {
    const { protocol, host: other } = new URL(file)
    // Files lie where their list does; what is released on GitHub is handed out under its main name.
    if ((other !== host && !(host === 'api.github.com' && other === 'github.com')) || protocol !== new URL(url).protocol) fail('feed.format', { path: at, what: 'a list of files', problem: `it leads to another server, ${other.slice(0, 80)}` })
  }
  return files
}

/** The names that a page links to, as every web server lists a folder. */
function named(text: string, url: string, form: RegExp): readonly string[] | null {
  const found = new Set<string>()
  for (const [, name] of text.matchAll(/href="(?:\.\/)?([\w.+/-]{1,120})"/gi)) if (form.test(name!)) found.add(new URL(name!, url).href)
  return found.size === 0 ? null : [...found].sort()
}

function releaseFiles(text: string): readonly string[] | null {
  let assets: unknown
  try {
    assets = (JSON.parse(text) as { assets?: unknown }).assets
  } catch {
    return null
  }
  if (!Array.isArray(assets)) return null
  const found = (assets as readonly { name?: unknown; browser_download_url?: unknown }[])
    .filter(({ name }) => typeof name === 'string' && /^scap-security-guide-\d[\d.]{0,20}\.zip$/.test(name)).map((asset) => asset.browser_download_url).filter((address) => typeof address === 'string' && URL.canParse(address))
  return found.length === 0 ? null : (found as string[]).slice(0, 1)
}
