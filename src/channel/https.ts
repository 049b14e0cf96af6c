import { request as requestHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { catalogue, fail, VigilError, type ErrorCode } from '#core/errors.ts'
import type { Slice } from '#core/slice.ts'
import type { Answer, ContentPack, ScannerChannel } from './channel.ts'

export type HttpsOptions = Readonly<{
  /** Where the platform answers: https://…; http only to this very machine. */
  platform: string
  token: string
  /** PEM of the authority to trust instead of the system's, for a platform with a certificate of its own making. */
  ca?: string | undefined
}>

const mostAnswer = 268_435_456
const waitMs = 60_000

/** The scanner's end over HTTPS: it always calls, nothing connects to it. The platform's certificate is verified. */
export function httpsChannel(options: HttpsOptions): ScannerChannel & Readonly<{ close(): void }> {
  const call = caller(options)
  const never = new AbortController().signal
  return {
    async lease(me, most, signal) {
      const { slices } = (await call('lease', JSON.stringify({ me, most }), signal)) as { slices: readonly Slice[] }
      return slices
    },
    async report(slice, seq, batch) {
      const body = await promisify(gzip)(batch.map((event) => JSON.stringify(event)).join('\n'), { level: 3 })
      const { answer } = (await call(`report?slice=${encodeURIComponent(slice)}&seq=${seq}`, body, never)) as { answer: Answer }
      return answer
    },
    async finish(slice, outcome) {
      await call('finish', JSON.stringify({ slice, outcome }), never)
    },
    async content(have, line) {
      return (await call('content', JSON.stringify({ have, ...(line === undefined ? {} : { line }) }), never)) as ContentPack | null
    },
    async templates(digest) {
      const answer = (await call('templates', JSON.stringify({ digest }), never)) as { pack: string } | null
      return answer === null ? null : Buffer.from(answer.pack, 'base64')
    },
    close: () => call.close(),
  }
}

/**
 * Exchanges an activation code for a registration under a token of the caller's own making, of which the platform learns the hash
 * alone. May be called again with the same token when the answer was lost.
 */
export async function activate(
  options: Omit<HttpsOptions, 'token'>, code: string, tokenHash: string, signal: AbortSignal,
): Promise<Readonly<{ id: string; name: string }>> {
  const call = caller({ ...options, token: '' })
  try {
    return (await call('activate', JSON.stringify({ code, tokenHash }), signal)) as { id: string; name: string }
  } finally {
    call.close()
  }
}

/** Refuses what would send the token in the clear over a wire. */
export function platformUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : fail('usage',
    { what: `"${text}" is not a URL. Write it as https://vigil.example.org.` })
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) {
    fail('usage', { what: `"${text}" is not https: the scanner's token must not travel in the clear.` })
  }
  return url
}

type Call = ((path: string, body: string | Uint8Array, signal: AbortSignal) => Promise<unknown>) & { close(): void }

function caller({ platform, token, ca }: HttpsOptions): Call {
  const base = platformUrl(platform)
  const secure = base.protocol === 'https:' ? new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) }) : null
  const call = async (path: string, body: string | Uint8Array, signal: AbortSignal): Promise<unknown> => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = {
        'content-type': typeof body === 'string' ? 'application/json' : 'application/x-ndjson',
        'content-length': String(Buffer.byteLength(body)),
        'accept-encoding': 'gzip',
        ...(typeof body === 'string' ? {} : { 'content-encoding': 'gzip' }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      }
      const url = new URL(`${base.pathname.replace(/\/$/, '')}/channel/v1/${path}`, base)
      const options = { method: 'POST', headers, signal, timeout: waitMs }
      const request = secure === null ? requestHttp(url, options, resolve) : requestHttps(url, { ...options, agent: secure },
        resolve)
      request.on('timeout', () => request.destroy(new Error(`The platform did not answer within ${waitMs / 1000} s.`)))
      request.on('error', reject)
      request.end(body)
    })
    const bytes = await readAll(answer)
    const status = answer.statusCode ?? 0
    if (status === 204) return null
    const value = parse(answer.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes)
    if (status >= 200 && status < 300) return value
    throw problem(status, value)
  }
  return Object.assign(call, { close: () => secure?.destroy() })
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length
    if (length > mostAnswer) throw new Error('The platform answered more than can be true.')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function unzip(bytes: Buffer): Promise<Buffer> {
  return promisify(gunzip)(bytes, { maxOutputLength: mostAnswer })
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}

/** What the catalogue knows and is final comes back as it was thrown; anything else may be tried again. */
function problem(status: number, value: unknown): Error {
  const { code, detail } = (value ?? {}) as { code?: string; detail?: string }
  if (code !== undefined && Object.hasOwn(catalogue, code) && status < 500 && status !== 408 && status !== 429) {
    const error = new VigilError(code as ErrorCode, {})
    if (typeof detail === 'string') error.message = detail.slice(0, 1000)
    return error
  }
  return new Error(`The platform answered ${status}${typeof detail === 'string' ? `: ${detail.slice(0, 300)}` : ''}`)
}
