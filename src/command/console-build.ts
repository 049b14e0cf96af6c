import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const stamp = join(root, 'ui/dist/.built-from')

/** Builds the console when its sources, or the API's schemas it takes its types from, changed since the last build. */
export async function buildConsole(tell: (text: string) => void): Promise<void> {
  const hash = await hashSources()
  if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return
  tell('building the console, once a version; about ten seconds')
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--config', 'ui/vite.config.ts', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-16_384)))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The console did not build:\n${text}`))))
  })
  await writeFile(stamp, hash)
}

async function hashSources(): Promise<string> {
  const files: string[] = ['package-lock.json']
  for await (const file of glob('ui/**/*.{ts,tsx,js,css,html,json,svg}', { cwd: root, exclude: (name) => name === 'dist' || name === 'node_modules' })) files.push(file)
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(join(root, file)))
  return hash.digest('hex')
}
