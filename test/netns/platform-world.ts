import assert from 'node:assert/strict'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { selfSigned } from '#formats/certificate.ts'
import type { Namespace } from './namespace.ts'

const platformProgram = fileURLToPath(new URL('platform-process.ts', import.meta.url))
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const flags = ['--disable-warning=ExperimentalWarning', '--enable-experimental-regexp-engine-on-excessive-backtracks', '--regexp-backtracks-before-fallback=20000']

type Answer<Body> = Readonly<{ status: number; body: Body }>

/** A platform in a namespace, with its built-in scanner there. */
export type PlatformInside = Readonly<{
  /** One-time link's token for the first account. */
  welcome: string
  call<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Body>>
  /** Fails unless the status is 2xx. */
  get<Body = Record<string, unknown>>(path: string): Promise<Body>
  post<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<Body>
  /** `vigil scanner` in another namespace, activated with the code; ends with the platform. */
  addScanner(namespace: Namespace, code: string): Promise<void>
  stop(): Promise<void>
}>

/** `address`: one of the namespace's own, that remote scanners reach. */
export async function startPlatformIn(namespace: Namespace, address: string): Promise<PlatformInside> {
  const data = await mkdtemp(join(tmpdir(), 'vigil-netns-'))
  // The database runs as another user when we are root, and must reach its folder.
  await chmod(data, 0o755)
  const { cert, key } = selfSigned([address], Date.now())
  const [certFile, keyFile] = [join(data, 'cert.pem'), join(data, 'key.pem')]
  await writeFile(certFile, cert)
  await writeFile(keyFile, key, { mode: 0o600 })
  const child = namespace.spawn(process.execPath, [...flags, platformProgram, data, address, certFile, keyFile], { NODE_EXTRA_CA_CERTS: certFile })
  const errors = tailOf(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const scanners: ChildProcessWithoutNullStreams[] = []
  let turn: Promise<unknown> = Promise.resolve()

  async function line<T>(): Promise<T> {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`the platform ended: ${errors()}\n${await readFile(join(data, 'vigil.log'), 'utf8').catch(() => '')}`)
    return JSON.parse(value) as T
  }

  function call<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const answer = turn.then(() => {
      child.stdin.write(`${JSON.stringify({ method, path, body })}\n`)
      return line<Answer<Body>>()
    })
    turn = answer.catch(() => {})
    return answer
  }

  async function good<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await call<Body>(method, path, body)
    assert.ok(answer.status < 300, `${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async function stop(): Promise<void> {
    await Promise.all([...scanners, child].map(async (one) => {
      if (one.exitCode !== null || one.signalCode !== null) return
      const closed = once(one, 'close')
      if (one === child) one.stdin.end()
      else one.kill('SIGTERM')
      await closed
    }))
    await rm(data, { recursive: true, force: true })
  }

  try {
    const { welcome } = await line<{ welcome: string }>()
    return {
      welcome,
      call,
      get: (path) => good('GET', path),
      post: (path, body) => good('POST', path, body ?? {}),
      async addScanner(where, code) {
        const scanner = where.spawn(process.execPath, [...flags, main, 'scanner', '--data', join(data, `scanner-${scanners.length}`), '--ca', certFile, '--platform', `https://${address}:8443`, '--code', code])
        scanners.push(scanner)
        for await (const text of createInterface({ input: scanner.stderr })) if (text.includes('works for')) return
        throw new Error('the remote scanner did not start')
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function tailOf(child: ChildProcessWithoutNullStreams): () => string {
  let text = ''
  child.stderr.on('data', (part: Buffer) => (text = (text + part.toString()).slice(-4000)))
  return () => text
}
