import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ScannerChannel } from '#channel/channel.ts'
import { serveProcessChannel, type Pipe } from '#channel/process.ts'

export type ScannerProcessOptions = Readonly<{
  channel: ScannerChannel
  id: string
  version: string
  capacity: number
  /** What the child says on stderr, and why it ended. */
  note(text: string): void
}>

const program = fileURLToPath(new URL('./built-in-scanner.ts', import.meta.url))
/** A heap beyond this ends the scanner, not the machine: its slices go to the next one. */
const mostHeapMegabytes = 384
const longestPause = 30_000

/**
 * How a process that scans is run, whatever its parent is run like. V8 lets a heap grow to four times what lives in it before it looks for what may go; much that a scanner makes lives for one answer
 * only, so that the heap may grow by 70 % and its nursery is half the usual (`./vigil bench templates`).
 */
export function scannerFlags(own: readonly string[] = process.execArgv): string[] {
  return [...own.filter((flag) => !/^--(?:max-semi-space-size|max-old-space-size|heap-growing-percent)/.test(flag)), `--max-old-space-size=${mostHeapMegabytes}`, '--max-semi-space-size=8', '--heap-growing-percent=70']
}

/** Keeps the built-in scanner running in a process of its own, started anew with growing pauses when it dies. Returns the stop function. */
export function startScannerProcess(options: ScannerProcessOptions): () => Promise<void> {
  let stopped = false
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | null = null
  let failures = 0

  const start = (): void => {
    const begun = Date.now()
    const one = fork(program, [options.id, options.version, String(options.capacity)], {
      execArgv: scannerFlags(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    child = one
    const close = serveProcessChannel(one as unknown as Pipe, options.channel)
    one.stderr?.setEncoding('utf8').on('data', (text: string) => options.note(text.trimEnd().slice(0, 4000)))
    one.once('exit', (code, signal) => {
      close()
      child = null
      if (stopped) return
      failures = Date.now() - begun > 60_000 ? 0 : failures + 1
      options.note(`the built-in scanner ended (${signal ?? code}); starting it again`)
      timer = setTimeout(start, Math.min(longestPause, 250 * 2 ** failures))
    })
  }
  start()

  return async () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
    const one = child
    if (one === null || one.exitCode !== null || one.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => one.kill('SIGKILL'), 8000)
      one.once('exit', () => {
        clearTimeout(force)
        resolve()
      })
      one.kill('SIGTERM')
    })
  }
}
