import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, VigilError } from '#core/errors.ts'
import type { ReleaseFacts } from '../knowledge-base.ts'
import { sync, writeJson } from '../folder.ts'
import { headBytes, headerLength, readHeader, writeHeader } from './header.ts'
import { install, type Installed, type InstallOptions } from './install.ts'
import { trustedKeys } from './key.ts'
import { contentOf, limits, type Manifest } from './manifest.ts'
import { hashesOf, hashOf, openParts } from './part.ts'
import { packParts } from './pack.ts'

/**
 * A folder that any web server can serve, so that many take a release and fetch only the parts that they lack:
 *   latest.json         which head is the newest
 *   heads/HASH          the header of a bundle: manifest and signature
 *   parts/HA/HASH       parts, packed, named by the hash of what they hold
 * Names say what is in them, so that nothing is ever changed in place but latest.json, which is only a hint: the head is what is signed.
 */
type Latest = Readonly<{ format: 1; number: number; name: string; head: string }>

/** Releases of which a mirror keeps the parts: whoever is fetching one still finds them. */
const keptHeads = 3

export type Mirrored = Readonly<{ parts: number; written: number; bytes: number }>

export async function writeMirror(options: Readonly<{ file: string; facts: ReleaseFacts; key: KeyObject; made: Date; out: string }>): Promise<Mirrored> {
  const { out, facts } = options
  const file = await openParts(options.file)
  let [written, bytes] = [0, 0]
  try {
    const parts = await packParts(file, null, [], async (packed) => {
      if (await writeOnce(partPath(out, hashOf(packed)), packed)) [written, bytes] = [written + 1, bytes + packed.length]
    })
    const chunks = parts.map(({ chunk }) => chunk)
    const manifest: Manifest = { format: 1, release: facts, base: null, size: file.size, content: contentOf(chunks.map((chunk) => chunk[0])), made: options.made.toISOString(), chunks }
    const header = writeHeader(manifest, options.key)
    const head = hashOf(header)
    await writeOnce(join(out, 'heads', head), header)
    writeJson(join(out, 'latest.json'), { format: 1, number: facts.number, name: facts.name, head } satisfies Latest)
    await prune(out, head)
    return { parts: chunks.length, written, bytes }
  } finally {
    await file.close()
  }
}

const partPath = (out: string, hash: string): string => join(out, 'parts', hash.slice(0, 2), hash)

async function writeOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  if ((await stat(path).catch(() => null))?.size === bytes.length) return false
  await mkdir(join(path, '..'), { recursive: true })
  const unfinished = `${path}.${process.pid}`
  const file = await open(unfinished, 'w', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
  sync(join(path, '..'))
  return true
}

/** Named by a hash, or what a run that was killed left of it. All else in the folder is somebody else's. */
const ours = /^[0-9a-f]{64}(?:\.\d+)?$/

/** Heads beyond the last few, and parts that none of those left names. */
async function prune(out: string, newest: string): Promise<void> {
  const heads = await Promise.all((await readdir(join(out, 'heads'))).filter((name) => ours.test(name)).map(async (name) => ({ name, at: (await stat(join(out, 'heads', name))).mtimeMs })))
  const kept = [newest, ...heads.filter(({ name }) => name !== newest).sort((a, b) => b.at - a.at).map(({ name }) => name)].slice(0, keptHeads)
  const named = new Set<string>()
  for (const name of kept) {
    const text = (await readFile(join(out, 'heads', name))).subarray(headBytes).toString('utf8')
    for (const chunk of (JSON.parse(text) as Manifest).chunks) named.add(chunk[2])
  }
  for (const { name } of heads) if (!kept.includes(name)) await rm(join(out, 'heads', name))
  for (const folder of (await readdir(join(out, 'parts'))).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of await readdir(join(out, 'parts', folder))) if (ours.test(name) && !named.has(name)) await rm(join(out, 'parts', folder, name))
  }
}

/** Reads one file of a mirror, at most `most` bytes. */
type Get = (name: string, most: number) => Promise<Uint8Array>

/** Whether there is a mirror at a folder; at a URL it is asked for `latest.json`. */
export async function isMirror(from: string): Promise<boolean> {
  if (!/^https?:/i.test(from)) return existsSync(join(from, 'latest.json')) && existsSync(join(from, 'heads'))
  return reader(from)('latest.json', 4096).then((bytes) => readLatest(bytes) !== null, () => false)
}

export type SyncOptions = InstallOptions & Readonly<{ tell?: (done: number, all: number) => void }>
export type Synced = Installed & Readonly<{ fetched: number; parts: number; bytes: number }>

/**
 * Takes the newest release of a mirror (a URL or a folder), fetching the parts that the release in force does not have. Throws `feed.fetch` when it cannot be reached,
 * and all that `importBundle` does.
 */
export async function syncMirror(from: string, options: SyncOptions): Promise<Synced> {
  const get = reader(from, options.signal)
  const latest = readLatest(await get('latest.json', 4096))
  if (latest === null) return fail('bundle.format', { path: from, problem: 'latest.json is not one of a mirror' })
  const bytes = await get(`heads/${latest.head}`, headBytes + limits.manifest)
  if (hashOf(bytes) !== latest.head) return fail('bundle.tampered', { path: from, place: 'its head is another than its name says' })
  const { manifest, key, length } = readHeader(bytes, from, trustedKeys(options.folder))
  if (length !== bytes.length || headerLength(bytes, from) !== length || manifest.base !== null) return fail('bundle.format', { path: from, problem: 'its head is not one of a mirror' })
  let [fetched, weight] = [0, 0]
  const installed = await install({
    ...options, manifest, path: from, key: key.fingerprint,
    async packed(index) {
      const [, , hash, size] = manifest.chunks[index]!
      const part = await get(`parts/${hash.slice(0, 2)}/${hash}`, size)
      ;[fetched, weight] = [fetched + 1, weight + part.length]
      options.tell?.(index + 1, manifest.chunks.length)
      return part
    },
    async local(current) {
      const places = new Map((await hashesOf(current)).map((hash, index) => [hash, index]))
      return async (index) => {
        const place = places.get(manifest.chunks[index]![0])
        return place === undefined ? null : current.part(place)
      }
    },
  })
  return { ...installed, fetched, parts: manifest.chunks.length, bytes: weight }
}

function readLatest(bytes: Uint8Array): Latest | null {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Latest> | null
    return value !== null && value.format === 1 && typeof value.head === 'string' && /^[0-9a-f]{64}$/.test(value.head) ? (value as Latest) : null
  } catch {
    return null
  }
}

function reader(from: string, signal?: AbortSignal): Get {
  const isWeb = /^https?:/i.test(from)
  return async (name, most) => {
    const place = isWeb ? new URL(name, from.endsWith('/') ? from : `${from}/`).href : join(from, name)
    try {
      return isWeb ? await fetchWhole(place, most, signal) : await readWhole(place, most)
    } catch (error) {
      if (error instanceof VigilError) throw error
      signal?.throwIfAborted()
      const cause = error instanceof Error ? (error.cause ?? error) : error
      return fail('feed.fetch', { url: place, problem: cause instanceof Error ? cause.message : String(cause) })
    }
  }
}

async function readWhole(path: string, most: number): Promise<Uint8Array> {
  const { size } = await stat(path)
  if (size > most) throw new Error(`it has ${size} bytes, more than ${most}`)
  return readFile(path)
}

/** A mirror that is slow is given up after a minute without its answer; what it sends beyond `most` is not read. */
async function fetchWhole(url: string, most: number, signal?: AbortSignal): Promise<Uint8Array> {
  const ends = [AbortSignal.timeout(60_000), ...(signal === undefined ? [] : [signal])]
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.any(ends) })
  if (!answer.ok || answer.body === null) {
    await answer.body?.cancel()
    throw new Error(`it answered ${answer.status}`)
  }
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of answer.body) {
    length += piece.length
    if (length > most) throw new Error(`it sent more than ${most} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
