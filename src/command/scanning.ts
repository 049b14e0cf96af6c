import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { KnowledgeHolder, Line } from '#platform/kb/holder.ts'
import { openPlatformChannel, type PlatformChannel } from '#platform/scan/channel.ts'
import { startWatchdog } from '#platform/scan/watchdog.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { startDueLoop } from '#platform/schedule/due.ts'
import { isId, newId } from '#store/id.ts'
import type { SecretBox } from '#store/secrets.ts'
import type { Store } from '#store/store.ts'
import { startScannerProcess } from './scanner-process.ts'

/** Slices the built-in scanner works on at once. */
const capacity = 2

export type ScanningOptions = Readonly<{ store: Store; knowledge: KnowledgeHolder; data: string; log: Logger; builtIn: boolean; version: string; secrets: SecretBox }>

/** Everything that makes scans go: the channel, the schedules, the watchdog, and the built-in scanner. */
export async function startScanning(options: ScanningOptions): Promise<Readonly<{ channel: PlatformChannel; stop(): Promise<void> }>> {
  const { store, knowledge, log } = options
  const onError = (error: unknown): void => log.error({ err: error }, 'scanning')
  const channel = await openPlatformChannel({
    store, secrets: options.secrets, knowledge: (tenant) => (tenant === undefined ? knowledge.ofLine('general') : knowledge.of(tenant)),
    fingerprints: () => knowledge.inForce().fingerprints,
    templates: () => knowledge.inForce().templates,
    lines: { of: knowledge.lineOf, knowledge: (line) => knowledge.ofLine((line === 'canary' ? line : 'general') satisfies Line) },
  })
  knowledge.heard(() => channel.swapped())
  const stopDue = startDueLoop({ store, content: () => knowledge.ofLine('general').release, onError })
  const stopWatchdog = startWatchdog({ store, onError })
  let stopScanner = async (): Promise<void> => {}
  if (options.builtIn) {
    const id = await ownId(options.data)
    await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in scanner', capacity, Date.now()))
    stopScanner = startScannerProcess({ channel: channel.of({ id, tenant: null, network: null }), id, version: options.version, capacity, note: (text) => log.warn({ scanner: id }, text) })
  }
  return {
    channel,
    async stop() {
      await stopScanner()
      await Promise.all([stopDue(), stopWatchdog()])
      await channel.stop()
    },
  }
}

/** The built-in scanner keeps its id over restarts, so that it takes its own work up again. */
async function ownId(data: string): Promise<string> {
  const path = join(data, 'scanner-id')
  const known = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (isId(known)) return known
  const id = newId()
  await mkdir(data, { recursive: true })
  await writeFile(path, `${id}\n`, { mode: 0o600 })
  return id
}
