#!/usr/bin/env node
// Plain JS: it must parse on any Node, then hand over to the pinned one, which strips types.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const flags = [
  '--disable-warning=ExperimentalWarning',
  // A pattern that backtracks too much falls back to V8's linear engine: no regex of a signature can hang a process.
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  '--regexp-backtracks-before-fallback=20000',
]

// The platform is idle most of the time: a small nursery keeps its memory small too.
if (process.argv[2] === 'up') flags.push('--max-semi-space-size=4')

let node = null
try {
  node = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`)
} catch {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major >= 24 || (major === 22 && minor >= 18)) node = process.execPath
}
if (node === null) {
  console.error(`vigil: Node 24 is needed, this is ${process.version}. Run ./vigil, which installs it, or install Node 24.`)
  process.exit(69)
}

// Compiled code is kept beside the packages, where only who installs can write. With it a start neither strips types nor compiles, and the
// stripper itself (30 MB) is never loaded.
const cache = fileURLToPath(new URL('../node_modules/.cache/vigil', import.meta.url))
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const child = spawn(node, [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit', env: { NODE_COMPILE_CACHE: cache, ...process.env } })
// The terminal sends SIGINT to the whole group, so only what is sent to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('error', (error) => {
  console.error(`vigil: could not start ${node}: ${error.message}`)
  process.exit(70)
})
child.on('exit', (code, signal) => {
  process.exit(signal === null ? (code ?? 1) : 128 + (signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 2))
})
