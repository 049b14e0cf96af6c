import assert from 'node:assert/strict'
import { chmod, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { createHmac } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { authorityStatement } from '#core/authority.ts'
import type { LabService } from '#lab/service.ts'
import { buildConsole } from '../../src/command/console-build.ts'
import { startPlatform, type RunningPlatform } from '../../src/command/platform.ts'
import { freePort, startTestPlatform, until } from '../story/platform.ts'
import { shot, startBrowser, type TestBrowser, type Watched } from './browser.ts'

export const password = 'a long walk in the rain'
const artifacts = fileURLToPath(new URL('../artifacts/', import.meta.url))
const dist = fileURLToPath(new URL('../../ui/dist/', import.meta.url))

/**
 * The console as it is built from the sources of now, copied away, so that a build beside the test changes nothing under it. One
 * test file builds at a time.
 */
export async function consoleFolder(): Promise<string> {
  const lock = join(artifacts, 'console-lock')
  await mkdir(artifacts, { recursive: true })
  const taken = (): Promise<boolean> =>
    mkdir(lock).then(
      () => true,
      async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
        const age =
          Date.now() -
          (await stat(lock).then(
            (one) => one.mtimeMs,
            () => Date.now(),
          ))
        // Left behind by a test that was killed: no build takes as long.
        if (age > 180_000) await rm(lock, { recursive: true, force: true })
        return false
      },
    )
  await until(taken, (mine) => mine, 200)
  try {
    await buildConsole(() => {})
    const folder = await mkdtemp(join(tmpdir(), 'vigil-console-'))
    await cp(dist, folder, { recursive: true })
    return folder
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

export type ConsoleWorld = Readonly<{ platform: RunningPlatform; browser: TestBrowser; url: string; data: string }>

/** A whole platform with the console, and a browser; both are gone when the test ends. */
export async function startConsole(context: TestContext): Promise<ConsoleWorld> {
  const folder = await consoleFolder()
  context.after(() => rm(folder, { recursive: true, force: true }))
  const { platform, data, stop } = await startTestPlatform(folder)
  context.after(stop)
  const browser = await startBrowser()
  context.after(browser.stop)
  return { platform, browser, url: platform.url, data }
}

/** The same, but one that can be stopped and started again over the same data and on the same port. */
export async function startRestartable(
  context: TestContext,
): Promise<ConsoleWorld & Readonly<{ stop(): Promise<void>; start(): Promise<void> }>> {
  const folder = await consoleFolder()
  const data = await mkdtemp(join(tmpdir(), 'vigil-e2e-'))
  // The database runs as another user than root.
  await chmod(data, 0o755)
  const port = await freePort()
  const options = {
    data,
    host: '127.0.0.1',
    port,
    scanner: true,
    log: join(data, 'vigil.log'),
    version: '0.0.0-test',
    tell: () => {},
    console: folder,
  } as const
  let running: RunningPlatform | null = await startPlatform(options)
  const { welcome, url } = running
  const stop = async (): Promise<void> => {
    await running?.stop()
    running = null
  }
  context.after(async () => {
    await stop()
    for (const gone of [data, folder]) await rm(gone, { recursive: true, force: true })
  })
  const browser = await startBrowser()
  context.after(browser.stop)
  return {
    platform: { ...running, welcome },
    browser,
    url,
    data,
    stop,
    start: async () => void (running = await startPlatform(options)),
  }
}

/** Requests with the cookies of a browser: to prepare what a test does not want to click together. */
export type Caller = Readonly<{
  get<Answer>(path: string): Promise<Answer>
  post<Answer = Record<string, unknown>>(path: string, body?: unknown): Promise<Answer>
  put(path: string, body: unknown): Promise<void>
}>

export function caller(context: BrowserContext, url: string): Caller {
  const send = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await context.request.fetch(`${url}/api/v1${path}`, {
      method,
      headers: { origin: url },
      ...(body === undefined ? {} : { data: body }),
    })
    const text = await answer.text()
    assert.ok(answer.ok(), `${method} ${path} answered ${answer.status()}: ${text}`)
    return (text === '' ? null : JSON.parse(text)) as Answer
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body ?? {}),
    put: (path, body) => send('PUT', path, body),
  }
}

/** A manager at a browser of their own, signed in, in an organisation that is new. */
export async function signUp(
  world: ConsoleWorld,
  name = 'Ada Lovelace',
  email = 'ada@example.org',
): Promise<Watched & Readonly<{ context: BrowserContext; call: Caller }>> {
  const opened = await world.browser.open()
  const call = caller(opened.context, world.url)
  await call.post('/identity/welcome', {
    token: world.platform.welcome,
    organisation: 'Analytical Engines',
    name,
    email,
    password,
  })
  return { ...opened, call }
}

export async function register(call: Caller, text: string): Promise<void> {
  await call.post('/addresses', { text, statement: authorityStatement })
}

/** Scans and waits for the end. Answers the scan's id. */
export async function scanNow(call: Caller, targets: string, tcp: string, title = 'Prepared scan'): Promise<string> {
  const profile = await call.post<{ id: string }>('/profiles', { name: `Ports of ${title}`, settings: { tcp, udp: '' } })
  const { id } = await call.post<{ id: string }>('/scans', { title, targets, profileId: profile.id })
  const scan = await until(
    () => call.get<{ state: string }>(`/scans/${id}`),
    (one) => ['Finished', 'Error', 'Canceled'].includes(one.state),
    120,
  )
  assert.equal(scan.state, 'Finished')
  return id
}

/** One service of the practice range on one loopback address, which turns from weak to hardened and back in place. */
export async function openService(
  service: LabService,
  address: string,
): Promise<Readonly<{ port: number; setFixed(fixed: boolean): void; stop(): Promise<void> }>> {
  const [weak] = service.weak
  const [twin] = service.twin
  if (weak?.kind !== 'tcp' || (twin !== undefined && twin.kind !== 'tcp')) assert.fail(`${service.name} is no plain TCP service`)
  let fixed = false
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    const now = fixed && twin !== undefined ? twin : weak
    now.talk(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(weak.port, address, () => resolve())
  })
  return {
    port: weak.port,
    setFixed: (value) => void (fixed = value),
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** What an authenticator shows (RFC 6238, SHA-1, six digits, 30 s); `ahead` in steps, since a code is taken once only. */
export function totp(secret: string, ahead = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replaceAll(/[=\s]/g, '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const digest = createHmac('sha1', key).update(counter).digest()
  const at = digest.at(-1)! & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Presses a key until what has the focus is as wished; fails when it never is: a trap, or out of reach. */
export async function pressUntil(page: Page, key: string, isThere: string, most = 80): Promise<void> {
  for (let presses = 0; !(await page.evaluate<boolean>(`((at) => ${isThere})(document.activeElement)`)); presses++) {
    assert.ok(presses < most, `${most} times ${key} did not lead to ${isThere}`)
    await page.keyboard.press(key)
  }
}

/** Parts of one story: what follows a part that failed fails at once, and the screen of the failure is kept. */
export function story(context: TestContext, page: Page): (name: string, run: () => Promise<void>) => Promise<void> {
  let failed: string | null = null
  return (name, run) =>
    context.test(name, async () => {
      assert.equal(failed, null, 'the part before it failed')
      try {
        await run()
      } catch (error) {
        failed = name
        await shot(page, `failed-${name.replaceAll(/[^a-z]+/gi, '-').slice(0, 50)}`).catch(() => {})
        throw error
      }
    })
}
