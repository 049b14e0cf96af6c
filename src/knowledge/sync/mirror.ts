import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '#core/errors.ts'
import type { Import } from '../build/build.ts'
import { fetchFile, sumOf, type FetchOptions } from './fetch.ts'
import { recogniseFolder } from './recognise.ts'

export type MirrorFetch = Readonly<{ imports: readonly Import[]; fetched: number; bytes: number; failed: readonly Readonly<{ path: string; problem: string }>[] }>

type Listed = Readonly<{ path: string; bytes: number; sha256: string }>

const mostListed = 5000
/** Of one file: more is no feed. */
const mostBytes = 4 * 1024 ** 3
const manifestBytes = 4 * 1024 * 1024

/**
 * Brings a mirror of feeds (a folder with `manifest.json` behind a web server) into `into`, fetching what changed. What the manifest no longer lists goes.
 */
export async function fetchMirror(url: string, into: string, options: FetchOptions & Readonly<{ tell?: (path: string) => void }> = {}): Promise<MirrorFetch> {
  const base = url.endsWith('/') ? url : `${url}/`
  await rm(join(into, 'manifest.json'), { force: true })
  await fetchFile(new URL('manifest.json', base).href, join(into, 'manifest.json'), { ...options, most: manifestBytes })
  const listed = readManifest(await readFile(join(into, 'manifest.json'), 'utf8'), base)
  let [fetched, bytes] = [0, 0]
  const failed: { path: string; problem: string }[] = []
  for (const file of listed) {
    const path = join(into, file.path)
    if ((await stat(path).then((found) => found.size, () => -1)) === file.bytes && (await sumOf(path)) === file.sha256) continue
    options.tell?.(file.path)
    try {
      await fetchFile(new URL(file.path.split('/').map(encodeURIComponent).join('/'), base).href, path, { ...options, most: file.bytes, sha256: file.sha256 })
      fetched++
      bytes += file.bytes
    } catch (error) {
      failed.push({ path: file.path, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  const wanted = new Set(listed.map((file) => file.path))
  const { imports } = await recogniseFolder(into)
  const kept = imports.map((one) => ({ ...one, paths: one.paths.filter((path) => wanted.has(path.slice(into.length + 1).replaceAll('\\', '/'))) })).filter((one) => one.paths.length > 0)
  return { imports: kept, fetched, bytes, failed }
}

/** It comes from outside: paths must stay below the folder. */
function readManifest(text: string, url: string): readonly Listed[] {
  const bad = (problem: string): never => fail('feed.format', { path: `${url}manifest.json`, what: 'the manifest of a mirror', problem })
  let files: unknown
  try {
    files = (JSON.parse(text) as { files?: unknown }).files
  } catch {
    return bad('it is no JSON')
  }
  if (!Array.isArray(files) || files.length > mostListed) return bad('it lists no files, or too many')
  return files.map((file: Partial<Listed>) => {
    const { path, bytes, sha256 } = file
    if (typeof path !== 'string' || !/^[\w.+ -]+(\/[\w.+ -]+){0,6}$/.test(path) || path.split('/').some((part) => /^\.+$/.test(part))) return bad(`a path in it is not one: ${String(path).slice(0, 80)}`)
    if (!Number.isSafeInteger(bytes) || bytes! < 0 || bytes! > mostBytes || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return bad(`${path} has no size or no SHA-256`)
    return { path, bytes: bytes!, sha256 }
  })
}
