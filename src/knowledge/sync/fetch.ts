import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fail } from '#core/errors.ts'

/** What a server said of a file, to be asked again with. */
export type Validators = Readonly<{ etag?: string; modified?: string }>
export type Fetched = Readonly<{ state: 'fetched'; bytes: number; validators: Validators } | { state: 'same' }>

export type FetchOptions = Readonly<{
  /** Bytes at most. */
  most?: number
  validators?: Validators
  sha256?: string
  attempts?: number
  /** Milliseconds before the first retry; doubled each time. */
  backOff?: number
  /** Milliseconds without a byte. In four times that, `least` bytes must have come. */
  idle?: number
  signal?: AbortSignal
}>

const defaultMost = 4 * 1024 ** 3
/** A server that drips a byte now and then would hold a sync for ever. */
const least = 16_384

/**
 * Fetches `url` to `path`: what is there of an earlier attempt is continued, what did not change is not sent again. Throws `feed.fetch` with what was wrong when all
 * attempts failed, or at once when trying again cannot help.
 */
export async function fetchFile(url: string, path: string, options: FetchOptions = {}): Promise<Fetched> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const attempts = options.attempts ?? 4
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url, path, options)
    } catch (error) {
      const final = error instanceof Final
      if (final || attempt >= attempts || options.signal?.aborted === true) return fail('feed.fetch', { url, problem: problemOf(error) })
      await wait((options.backOff ?? 1000) * 2 ** (attempt - 1), undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }
}

/** What no further attempt would change. */
class Final extends Error {}

async function fetchOnce(url: string, path: string, { most = defaultMost, validators, sha256, idle = 30_000, signal }: FetchOptions): Promise<Fetched> {
  const [partial, of] = [`${path}.part`, `${path}.part.of`]
  const drop = (): Promise<unknown> => Promise.all([rm(partial, { force: true }), rm(of, { force: true })])
  // A part goes with what it is a part of: the rest of another day's file would make one that nobody published.
  const ofWhat = await readFile(of, 'utf8').catch(() => '')
  const have = ofWhat === '' ? 0 : await stat(partial).then((found) => found.size, () => 0)
  const stalled = new AbortController()
  let why = ''
  const within = (ms: number, what: string): NodeJS.Timeout => setTimeout(() => {
    why ||= `${what} ${Math.round(ms / 1000)} s`
    stalled.abort()
  }, ms)
  let silence = within(idle, 'no byte came for')
  let pace = within(4 * idle, `fewer than ${least} bytes came in`)
  let came = 0
  const progress = (bytes: number): void => {
    clearTimeout(silence)
    silence = within(idle, 'no byte came for')
    came += bytes
    if (came < least) return
    came = 0
    clearTimeout(pace)
    pace = within(4 * idle, `fewer than ${least} bytes came in`)
  }
  try {
    const headers: Record<string, string> = { 'user-agent': 'vigil-kb', 'accept-encoding': 'identity' }
    if (have > 0) Object.assign(headers, { range: `bytes=${have}-`, 'if-range': ofWhat })
    else {
      if (validators?.etag !== undefined) headers['if-none-match'] = validators.etag
      if (validators?.modified !== undefined) headers['if-modified-since'] = validators.modified
    }
    const answer = await fetch(url, { headers, redirect: 'follow', signal: signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]) })
    if (url.startsWith('https:') && !answer.url.startsWith('https:')) {
      await answer.body?.cancel()
      throw new Final('it leads from https to an address that anybody on the way could answer for')
    }
    if (answer.status === 304) return { state: 'same' }
    if (answer.status === 416) await drop()
    if (answer.status === 429 || answer.status >= 500 || answer.status === 416) throw new Error(`the server answers ${answer.status}`)
    if (answer.status !== 200 && answer.status !== 206) throw new Final(`the server answers ${answer.status}`)
    const [etag, modified] = [answer.headers.get('etag'), answer.headers.get('last-modified')]
    const resumed = answer.status === 206 && answer.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true && (etag === null || etag === ofWhat)
    if (answer.status === 206 && !resumed) {
      await answer.body?.cancel()
      await drop()
      throw new Error('the server sent another part than was asked for')
    }
    const said = Number(answer.headers.get('content-length') ?? Number.NaN)
    if (said > most) throw new Final(`it is larger than ${most} bytes`)
    const file = await open(partial, resumed ? 'a' : 'w', 0o600)
    let size = resumed ? have : 0
    const first = size
    try {
      // After the part was emptied. Weak ones are not for this (RFC 9110, 13.1.5).
      if (!resumed) await writeFile(of, etag === null ? modified ?? '' : etag.startsWith('W/') ? '' : etag)
      for await (const chunk of answer.body ?? []) {
        progress((chunk as Uint8Array).length)
        size += (chunk as Uint8Array).length
        if (size > most) throw new Final(`it is larger than ${most} bytes`)
        await file.writeFile(chunk as Uint8Array)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    if (!Number.isNaN(said) && size - first < said) throw new Error(`it ended after ${size - first} of ${said} bytes`)
    if (sha256 !== undefined && (await sumOf(partial)) !== sha256) {
      await drop()
      throw new Error('its content is not what the manifest says')
    }
    await rename(partial, path)
    await rm(of, { force: true })
    return { state: 'fetched', bytes: size, validators: { ...(etag === null ? {} : { etag }), ...(modified === null ? {} : { modified }) } }
  } catch (error) {
    if (error instanceof Final) await drop()
    throw stalled.signal.aborted ? new Error(why) : error
  } finally {
    clearTimeout(silence)
    clearTimeout(pace)
  }
}

export async function sumOf(path: string): Promise<string> {
  const sum = createHash('sha256')
  for await (const chunk of createReadStream(path)) sum.update(chunk as Uint8Array)
  return sum.digest('hex')
}

/** `fetch failed` says nothing; its cause does. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause === undefined ? error.message : ({ ENOTFOUND: 'its name is not known here (no network?)', EAI_AGAIN: 'names cannot be looked up (no network?)', ECONNREFUSED: 'the connection was refused', ENETUNREACH: 'there is no network' }[cause.code ?? ''] ?? cause.message ?? error.message)
}
