import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPlatform, type RunningPlatform } from '../../src/command/platform.ts'

/** A whole platform of its own for a test: embedded database, API, built-in scanner, on a free loopback port. */
export async function startTestPlatform(console: string | null = null): Promise<Readonly<{ platform: RunningPlatform; data: string; stop(): Promise<void> }>> {
  const data = await mkdtemp(join(tmpdir(), 'vigil-story-'))
  await chmod(data, 0o755)
  const platform = await startPlatform({
    data, host: '127.0.0.1', port: await freePort(), scanner: true, log: join(data, 'vigil.log'), version: '0.0.0-test', tell: () => {}, console,
  })
  return {
    platform,
    data,
    async stop() {
      await platform.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** A browser without a window: keeps cookies, sends the origin. */
export type Client = Readonly<{
  call<Answer = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Readonly<{ status: number; body: Answer }>>
  /** Fails unless the status is 2xx. */
  get<Answer = Record<string, unknown>>(path: string): Promise<Answer>
  post<Answer = Record<string, unknown>>(path: string, body?: unknown): Promise<Answer>
  raw(path: string): Promise<Response>
}>

export function client(origin: string): Client {
  let cookies: Record<string, string> = {}
  const send = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        origin,
        cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';')
      const [name, ...value] = pair!.split('=')
      cookies = { ...cookies, [name!]: value.join('=') }
    }
    return response
  }
  const call: Client['call'] = async (method, path, body) => {
    const response = await send(method, path, body)
    const text = await response.text()
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as never }
  }
  const good = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await call<Answer>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return { call, get: (path) => good('GET', path), post: (path, body) => good('POST', path, body ?? {}), raw: (path) => send('GET', path) }
}

/** Asks until the answer is as wished; fails with the last answer after a minute. */
export async function until<Answer>(ask: () => Promise<Answer>, isWished: (answer: Answer) => boolean, seconds = 60): Promise<Answer> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (isWished(answer)) return answer
    if (Date.now() > end) throw new Error(`after ${seconds} s still: ${JSON.stringify(answer).slice(0, 2000)}`)
    await new Promise((go) => setTimeout(go, 100))
  }
}
