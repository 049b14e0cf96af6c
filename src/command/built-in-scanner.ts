import { processChannel, type Pipe } from '#channel/process.ts'
import { newScannerKey } from '#channel/seal.ts'
import { openListener } from '#engine/callback/listener.ts'
import { sliceEngineWith } from '#scanner/engine.ts'
import { startScanner } from '#scanner/scanner.ts'

/**
 * The built-in scanner, a child process of the platform: what it costs in time and memory the console does not feel, and a crash of it is
 * a lease that runs out. Started by scanner-process.ts with `id version capacity`; speaks over the pipe to its parent alone.
 */
const [id = '', software = '', capacity = '2'] = process.argv.slice(2)
const channel = processChannel(process as unknown as Pipe)
// Bound only once a template needs it, to the address of this machine from which its target is reached.
const listener = await openListener({ now: Date.now })
const scanner = startScanner({
  channel, engine: sliceEngineWith(listener), id, software, capacity: Number(capacity), spool: null, heartbeatMs: 2000,
  // In memory alone: logins are sealed anew for each lease.
  key: newScannerKey(),
  tell: (text) => process.stderr.write(`${text}\n`),
  onError: (error) => process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
})

const stop = async (): Promise<void> => {
  await scanner.stop(5000)
  await listener.close()
  channel.close()
  process.disconnect()
}
process.once('SIGTERM', () => void stop())
// A Ctrl-C reaches the whole group; the parent says when to stop.
process.on('SIGINT', () => {})
// Without its platform it has nobody to work for.
process.once('disconnect', () => process.exit(0))
