import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Cost = Readonly<{
  seconds: number
  /** CPU-seconds, kernel included. */
  cpu: number
  out: string
}>

/** With what is compiled kept, as bin/vigil.js starts the program. */
export const withCache: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/vigil', import.meta.url)) }

/** Runs a program and measures it with bash's `time`, which counts the program and its children. Rejects when it ends with anything but 0. */
export async function timed(command: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Cost> {
  const script = 'command -v "$0" >/dev/null || exit 127; TIMEFORMAT="%R %U %S"; time "$0" "$@"'
  const child = spawn('bash', ['-c', script, command, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const [code] = await once(child, 'close')
  if (code === 127) throw new Error(`${command} is missing; install it (Debian: apt-get install ${command})`)
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${err.slice(-1000)}`)
  const [real, user, system] = err.trim().split('\n').at(-1)!.split(' ').map(Number)
  return { seconds: real!, cpu: user! + system!, out }
}
