import { hkdfSync } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debuglog } from 'node:util'
import { destination } from 'pino'
import { Registry } from 'prom-client'
import { createLog } from '#api/log.ts'
import { buildServer } from '#api/server.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { openKnowledgeHolder } from '#platform/kb/holder.ts'
import { openMailer, type Mailer } from '#platform/mail/mailer.ts'
import { startRejudge } from '#platform/observation/rejudge.ts'
import { issueFirstRunLink } from '#platform/user/link.ts'
import { createIdentity } from '#platform/user/identity.ts'
import { folderBlobs } from '#store/blob/folder.ts'
import { s3Blobs } from '#store/blob/s3.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import { openJobs } from '#store/jobs.ts'
import { openStore, type OpenStore } from '#store/open.ts'
import { newId } from '#store/id.ts'
import { loadKey, secretBox } from '#store/secrets.ts'
import { startReleases } from './releases.ts'
import { startScanning } from './scanning.ts'
import { startHousekeeping } from './housekeeping.ts'

/** NODE_DEBUG=vigil tells where a start spends its time. */
const trace = debuglog('vigil')

const root = fileURLToPath(new URL('../../', import.meta.url))

export type PlatformOptions = Readonly<{
  data: string
  /** The database on its way up. Its start takes as long as loading this file does, so `up` begins both at once. Absent: the embedded one of `data`. */
  opening?: Promise<OpenStore>
  host: string
  /** 0: one that is free. */
  port: number
  /** How people reach it, when not by host and port: behind a proxy, or by name. */
  origin?: string
  tls?: Readonly<{ cert: string; key: string }>
  /** Whether the built-in scanner runs. */
  scanner: boolean
  /** Where the log goes: a file, or '-' for stderr. */
  log: string
  version: string
  tell: (text: string) => void
  /** Where the built console lies; null for none. */
  console: string | null
}>

export type RunningPlatform = Readonly<{
  url: string
  /** One-time link to make the first account, or null when there is one. */
  welcome: string | null
  facts: Readonly<{ created: boolean; adopted: boolean; database: string; release: string; checks: number }>
  stop(): Promise<void>
}>

/** Puts the platform together: database, knowledge, sign-in, API, jobs, scans. Undoes what it did when a step fails. */
export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  trace('%s after %d ms', 'loaded', performance.now())
  const undo: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await inTime(step).catch((error: unknown) => options.tell(`while stopping: ${String(error)}`))
  }
  try {
    const log = createLog({ to: destination(options.log === '-' ? { fd: 2, sync: true } : { dest: options.log, mkdir: true, sync: true }) })
    const onError = (error: unknown): void => log.error({ err: error }, 'background error')
    const opened = await (options.opening ?? openStore({ data: options.data, tell: options.tell, onError }))
    undo.push(() => opened.close())
    const { store } = opened
    trace('%s after %d ms', 'database', performance.now())

    const key = await loadKey(options.data, await holdsNothingSealed(store))
    const secrets = secretBox(key, newId, Date.now)
    const folder = knowledgeFolder(options.data)
    const knowledge = await openKnowledgeHolder({ store, content: join(root, 'content'), cache: join(options.data, 'cache'), folder, tell: options.tell, onError })
    undo.push(() => knowledge.stop())
    trace('%s after %d ms', 'knowledge', performance.now())
    const origin = options.origin ?? `${options.tls === undefined ? 'http' : 'https'}://${nameOf(options.host)}:${options.port}`
    const jobs = await openJobs(opened.owner, onError)
    undo.push(() => jobs.stop())
    trace('%s after %d ms', 'jobs', performance.now())
    const blobs = openBlobs(options.data)
    const identity = createIdentity({
      store, origin, secret: Buffer.from(hkdfSync('sha256', key, '', 'sign-in', 32)).toString('base64url'), warn: (text) => log.warn(text),
    })
    const mailer = mailerFrom(process.env)
    undo.push(async () => mailer?.close())
    const scanning = await startScanning({ store, knowledge, data: options.data, log, builtIn: options.scanner, version: options.version, secrets })
    undo.push(() => scanning.stop())
    trace('%s after %d ms', 'scanning', performance.now())
    const server = await buildServer({
      store, identity, secrets, log, jobs, blobs, channel: scanning.channel, knowledge: knowledge.base, knowledgeFolder: folder, judging: knowledge, now: Date.now, metrics: new Registry(),
      config: { version: options.version, origin, hosts: ownNames(), console: options.console, mail: mailer !== null, ...(options.tls === undefined ? {} : { tls: options.tls }) },
    })
    undo.push(() => server.close())
    trace('%s after %d ms', 'server', performance.now())
    await server.listen({ host: options.host, port: options.port })
    trace('%s after %d ms', 'listening', performance.now())
    const housekeeping = await startHousekeeping({ store, jobs, blobs, knowledge, onError, ...(mailer === null ? {} : { mail: { mailer, origin } }) })
    const releases = startReleases({ store, folder, knowledge, onError })
    undo.push(() => releases.stop())
    const rejudge = startRejudge({ store, knowledge, folder, onError, found: () => void housekeeping.score().catch(onError) })
    undo.push(() => rejudge.stop())
    return {
      url: origin,
      welcome: await issueFirstRunLink(store),
      facts: {
        created: opened.facts.created, adopted: opened.facts.adopted, database: `${opened.facts.kind} PostgreSQL ${opened.facts.version}`,
        release: knowledge.ofLine('general').release, checks: knowledge.ofLine('general').signatures.size,
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A part that does not stop, for whatever reason, keeps none of the others from it. */
const longestStop = 20_000

async function inTime(step: () => Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`a part did not stop within ${longestStop / 1000} s`)), longestStop)
  try {
    await Promise.race([step(), promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A lost key may be replaced only while nothing depends on it: no sealed secret, no account with a second factor. */
async function holdsNothingSealed(store: OpenStore['store']): Promise<boolean> {
  return store.platform(async ({ sql }) => {
    const [row] = await sql<{ sealed: boolean }[]>`select exists (select from data_key) or exists (select from app_user) as sealed`
    return !row!.sealed
  })
}

function openBlobs(data: string, environment = process.env): BlobStore {
  const bucket = environment['VIGIL_S3_BUCKET']
  if (bucket === undefined || bucket === '') return folderBlobs(join(data, 'blobs'))
  const need = (name: string): string => environment[name] ?? fail(name)
  return s3Blobs({ bucket, region: environment['VIGIL_S3_REGION'] ?? 'us-east-1', accessKeyId: need('VIGIL_S3_KEY_ID'), secretAccessKey: need('VIGIL_S3_SECRET') })
}

/** Null: no mail server is set. */
function mailerFrom({ VIGIL_SMTP_URL: url = '', VIGIL_MAIL_FROM: from = '' }: NodeJS.ProcessEnv): Mailer | null {
  if (url === '') return null
  if (from === '') throw new Error('VIGIL_SMTP_URL is set, but VIGIL_MAIL_FROM is not.')
  return openMailer(url, from)
}

function fail(name: string): never {
  throw new Error(`VIGIL_S3_BUCKET is set, but ${name} is not.`)
}

function nameOf(host: string): string {
  if (host === '127.0.0.1' || host === '::1' || host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** The machine's own addresses: under these a console that listens to all of them may be addressed. */
function ownNames(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => (one.family === 'IPv6' ? `[${one.address}]` : one.address)))
}
