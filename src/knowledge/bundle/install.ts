import { open, rm, statfs } from 'node:fs/promises'
import { join, basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fail } from '#core/errors.ts'
import { lockFolder, publish, readCurrent, releasesOf, type Current } from '../folder.ts'
import { assemble } from './assemble.ts'
import { openBundle, type BundleFile } from './bundle-file.ts'
import { trustedKeys } from './key.ts'
import type { Manifest } from './manifest.ts'
import { fileContent, hashOf, openParts, type PartFile } from './part.ts'

export type InstallOptions = Readonly<{
  /** The folder of the KnowledgeBase. */
  folder: string
  /** Take a release that is older than, or not a successor of, the one in force. */
  force?: boolean
  signal?: AbortSignal
}>

/** `null`: the release in force is the same. */
export type Installed = Readonly<{ current: Current; isNew: boolean; key: string }>

/**
 * Takes a bundle: checked whole, then in force by one rename, or nothing happened. Throws `bundle.*`, `knowledge.busy`, `feed.missing`.
 */
export async function importBundle(path: string, options: InstallOptions): Promise<Installed> {
  const { folder } = options
  const bundle = await openBundle(path, basename(path), trustedKeys(folder))
  try {
    return await install({ ...options, manifest: bundle.manifest, path: bundle.path, packed: (index) => bundle.packed(index), key: bundle.key.fingerprint })
  } finally {
    await bundle.close()
  }
}

export type Installing = InstallOptions & Readonly<{
  manifest: Manifest; path: string; key: string
  packed(index: number): Promise<Uint8Array>
  /** The part from the release in force, for bundles that come in pieces. */
  local?(current: PartFile): Promise<(index: number) => Promise<Uint8Array | null>>
}>

export async function install({ folder, manifest, path, key, force, packed, local, signal }: Installing): Promise<Installed> {
  const unlock = lockFolder(folder)
  const unfinished = join(folder, `building-bundle-${process.pid}`)
  let base: PartFile | null = null
  try {
    const current = readCurrent(folder)
    if (current !== null && current.number === manifest.release.number && current.root === manifest.release.root) return { current, isNew: false, key }
    if (current !== null && current.number >= manifest.release.number && force !== true) fail('bundle.downgrade', { path, offered: manifest.release.number, have: current.number })
    base = await openBase(folder, manifest, path)
    await mustHaveRoom(folder, manifest, path)
    const file = await open(unfinished, 'wx', 0o600)
    try {
      const near = local !== undefined && base !== null ? { local: await local(base) } : {}
      await assemble({ manifest, path, base, have: current?.number ?? 0, packed, into: file, ...near, ...(signal === undefined ? {} : { signal }) })
    } finally {
      await file.close()
    }
    mustBeRelease(unfinished, manifest, path)
    return { current: publish(folder, unfinished, manifest.release), isNew: true, key }
  } finally {
    await base?.close()
    await rm(unfinished, { force: true })
    unlock()
  }
}

/** The file that a bundle of changes starts from: the release of that number, when it is kept here; a whole one may use what is in force. */
async function openBase(folder: string, { base }: Manifest, path: string): Promise<PartFile | null> {
  const current = readCurrent(folder)
  const file = base === null ? current?.file : releasesOf(folder).find((one) => one.number === base.number)?.file
  if (file !== undefined) return openParts(join(folder, file)).catch(() => null)
  return base === null ? null : fail('bundle.base', { path, base: base.number, have: current?.number ?? 0 })
}

async function mustHaveRoom(folder: string, { size }: Manifest, path: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`
  if (bavail * bsize < size + 20_000_000) fail('bundle.space', { path, needed: megabytes(size), folder, free: megabytes(bavail * bsize) })
}

/** What was signed is a release file and the one that was said, with nothing in it that acts by itself. */
function mustBeRelease(file: string, { release }: Manifest, path: string): void {
  const not = (problem: string): never => fail('bundle.format', { path, problem })
  let said: Readonly<Record<string, string>> = {}
  try {
    const db = new DatabaseSync(file, { readOnly: true })
    try {
      const acting = db.prepare(`select name from sqlite_schema where type in ('trigger', 'view')`).all()
      if (acting.length > 0) not('its database has triggers or views')
      said = Object.fromEntries((db.prepare('select name, value from fact').all() as { name: string; value: string }[]).map(({ name, value }) => [name, value]))
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('bundle.')) throw error
    not('it holds no release')
  }
  if (said['root'] !== JSON.stringify(release.root) || said['number'] !== JSON.stringify(release.number)) not('it holds another release than it says')
}

export type Verified = Readonly<{ manifest: Manifest; key: string; size: number; /** False: the base is not here, so that only what is carried was checked. */ whole: boolean }>

/** Checks every byte of a bundle and takes nothing. Throws as `importBundle` does, but for what is about the release in force. */
export async function verifyBundle(path: string, folder: string, signal?: AbortSignal): Promise<Verified> {
  const bundle = await openBundle(path, basename(path), trustedKeys(folder))
  let base: PartFile | null = null
  try {
    const { manifest } = bundle
    base = manifest.base === null ? null : await baseHere(folder, manifest)
    if (manifest.base !== null && base === null) await verifyCarried(bundle)
    else await assemble({ manifest, path: bundle.path, base, have: readCurrent(folder)?.number ?? 0, packed: (index) => bundle.packed(index), into: null, ...(signal === undefined ? {} : { signal }) })
    return { manifest, key: bundle.key.fingerprint, size: bundle.size, whole: manifest.base === null || base !== null }
  } finally {
    await Promise.all([bundle.close(), base?.close()])
  }
}

async function baseHere(folder: string, { base }: Manifest): Promise<PartFile | null> {
  const known = releasesOf(folder).find((one) => one.number === base?.number)
  if (known === undefined) return null
  const file = await openParts(join(folder, known.file))
  if ((await fileContent(file)) === base!.content) return file
  await file.close()
  return null
}

async function verifyCarried(bundle: BundleFile): Promise<void> {
  const { manifest, path } = bundle
  for (const [index, [, how, packed]] of manifest.chunks.entries()) {
    if (how === 'base') continue
    if (hashOf(await bundle.packed(index)) !== packed) fail('bundle.tampered', { path, place: `part ${index + 1} of ${manifest.chunks.length} is not what was signed` })
  }
}
