import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Source, SourceName } from '#core/knowledge/record.ts'
import type { Import } from '../build/build.ts'
import { readJson, writeJson } from '../folder.ts'
import { fetchFile, type FetchOptions, type Validators } from './fetch.ts'
import { filesListed, listingOf } from './listing.ts'

export type UpstreamReport = Readonly<{ source: SourceName; state: 'fetched' | 'same' | 'failed' | 'byHand'; problem: string | null; bytes: number }>
export type UpstreamFetch = Readonly<{
  imports: readonly Import[]
  reports: readonly UpstreamReport[]
  /** To be called with the sources that were taken: only then is their upstream asked for changes alone. */
  settle(taken: ReadonlySet<SourceName>): Promise<void>
}>

/**
 * Pulls every source from where it is published into `folder`, one after another, each asked only for what changed since the last import that went well. A source that
 * cannot be reached is told in its report, and the others go on.
 */
export async function fetchUpstream(sources: readonly Source[], folder: string, now: Date, options: FetchOptions & Readonly<{ tell?: (report: UpstreamReport) => void }> = {}): Promise<UpstreamFetch> {
  const statePath = join(folder, 'state.json')
  const state: Record<string, Validators> = { ...readJson<Record<string, Validators>>(statePath, () => true) }
  const fresh = new Map<string, Readonly<{ source: SourceName; validators: Validators; path: string }>>()
  const reports: UpstreamReport[] = []
  const imports: Import[] = []
  for (const source of sources) {
    const report = await pull(source, now)
    reports.push(report)
    options.tell?.(report)
  }
  return {
    imports, reports,
    async settle(taken) {
      for (const [url, one] of fresh) {
        if (taken.has(one.source)) state[url] = one.validators
        await rm(one.path, { force: true })
      }
      if (fresh.size > 0) writeJson(statePath, state)
    },
  }

  async function pull(source: Source, at: Date): Promise<UpstreamReport> {
    const { name, upstream } = source
    let bytes = 0
    try {
      const urls: string[] = []
      for (const url of upstream) {
        const files = listingOf(name, url) === null ? filesOf(url) : await filesListed(name, url, join(folder, name), at, options)
        urls.push(...files)
      }
      if (urls.length === 0) return { source: name, state: 'byHand', problem: upstream.length === 0 ? null : `Fetch it from ${upstream[0]} and import the file.`, bytes }
      const paths: string[] = []
      for (const url of urls) {
        const path = join(folder, name, ...new URL(url).pathname.split('/').filter((part) => /^[\w.+ %-]+$/.test(part) && !/^\.+$/.test(part)).slice(-2))
        const got = await fetchFile(url, path, { ...options, ...(state[url] === undefined ? {} : { validators: state[url] }) })
        if (got.state === 'same') continue
        bytes += got.bytes
        fresh.set(url, { source: name, validators: got.validators, path })
        paths.push(path)
      }
      // A source that is one feed in several files is only read whole.
      if (paths.length > 0) imports.push({ source: name, paths })
      return { source: name, state: paths.length === 0 ? 'same' : 'fetched', problem: null, bytes }
    } catch (error) {
      return { source: name, state: 'failed', problem: error instanceof Error ? error.message : String(error), bytes }
    }
  }
}

/** A file by its address. Empty: only a person can fetch what is there. */
function filesOf(url: string): readonly string[] {
  return /\/$|[{<*]/.test(url) ? [] : [url]
}
