import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { glob, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const dist = join(root, 'ui/dist')
const stamp = join(dist, '.built-from')

/** Builds the console when its sources, or the API's schemas it takes its types from, changed since the last build. */
export async function buildConsole(tell: (text: string) => void): Promise<void> {
  const hash = await hashSources()
  if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return
  tell('building the console, once a version; about ten seconds')
  // Beside, then swapped: two builds at once, or a kill in the middle, leave a whole console.
  const draft = `${dist}.${process.pid}`
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--config', 'ui/vite.config.ts', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, VIGIL_CONSOLE_OUT: draft },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-16_384)))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The console did not build:\n${text}`))))
  })
  await writeFile(join(draft, '.built-from'), hash)
  await rm(`${draft}.old`, { recursive: true, force: true })
  await rename(dist, `${draft}.old`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(draft, dist).catch(async (error: NodeJS.ErrnoException) => {
    // Another build was first; it is as good as ours.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    await rm(draft, { recursive: true, force: true })
  })
  await rm(`${draft}.old`, { recursive: true, force: true })
}

async function hashSources(): Promise<string> {
  const files: string[] = ['package-lock.json']
  for await (const file of glob('ui/**/*.{ts,tsx,js,css,html,json,svg}', { cwd: root, exclude: (name) => name.startsWith('dist') || name === 'node_modules' })) files.push(file)
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(join(root, file)))
  return hash.digest('hex')
}
