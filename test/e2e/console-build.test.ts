import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildConsole } from '../../src/command/console-build.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const dist = join(root, 'ui/dist')

/** Files that come with the first page: the entry and what it imports before anything is opened, then Home and its frame. */
async function firstLoad(): Promise<Map<string, Buffer>> {
  const loaded = new Map<string, Buffer>()
  const load = async (name: string): Promise<void> => {
    if (loaded.has(name)) return
    const bytes = await readFile(join(dist, 'assets', name))
    loaded.set(name, bytes)
    if (!name.endsWith('.js')) return
    for (const [, other] of bytes.toString('utf8').matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) await load(other!)
  }
  const page = await readFile(join(dist, 'index.html'), 'utf8')
  for (const [, name] of page.matchAll(/\/assets\/([\w.-]+\.(?:js|css))/g)) await load(name!)
  for await (const name of glob('{home,inside}-*.js', { cwd: join(dist, 'assets') })) await load(name)
  return loaded
}

test('the first page needs at most 400 KB of script, and brings nothing inline or from elsewhere', async (context) => {
  await buildConsole(() => {})
  const loaded = await firstLoad()
  const scripts = [...loaded].filter(([name]) => name.endsWith('.js'))
  assert.ok(scripts.length >= 5, `only ${scripts.length} scripts were found`)
  const bytes = scripts.reduce((sum, [, script]) => sum + gzipSync(script).length, 0)
  context.diagnostic(`${scripts.length} scripts, ${Math.round(bytes / 1000)} KB gzip`)
  assert.ok(bytes <= 400_000, `${bytes} bytes`)
  const page = await readFile(join(dist, 'index.html'), 'utf8')
  assert.doesNotMatch(page, /<script(?![^>]*\ssrc=)/)
  assert.doesNotMatch(page, /(?:src|href)="(?:https?:)?\/\//)
  for await (const name of glob('assets/*.css', { cwd: dist })) assert.doesNotMatch(await readFile(join(dist, name), 'utf8'), /url\(["']?(?:https?:)?\/\//)
})

test('the console keeps to its rooms: its own files, and types of the API alone', async () => {
  const packages = /^(?:react|react-dom\/client|@base-ui\/react\/|@tanstack\/react-(?:query|router|table|virtual)$|lucide-react|uplot|#ui\/|#api\/rest\/[\w-]+\/[\w-]*schemas\.ts$|\.)/
  let seen = 0
  const wrong: string[] = []
  for await (const file of glob('ui/**/*.{ts,tsx}', { cwd: root, exclude: (name) => name === 'dist' })) {
    if (file.endsWith('.test.ts') || file === 'ui/vite.config.ts') continue
    seen++
    const text = await readFile(join(root, file), 'utf8')
    for (const [, type, from] of text.matchAll(/^import (type )?[^;]*?'([^']+)'/gm)) {
      const isType = type !== undefined
      if (!packages.test(from!) || (from!.startsWith('#api') && !isType)) wrong.push(`${file} imports ${from!}`)
      const room = file.split('/')[1]
      if (from!.startsWith('#ui/app') && room !== 'app') wrong.push(`${file} imports a page: ${from!}`)
      if (from!.startsWith('#ui/charts') && room === 'kit') wrong.push(`${file} imports a chart: ${from!}`)
    }
    if (text.split('\n').length > 300) wrong.push(`${file} has more than 300 lines`)
    if (/dangerouslySetInnerHTML|\beval\(|new Function\(/.test(text)) wrong.push(`${file} makes code or markup out of text`)
  }
  assert.ok(seen > 100, `only ${seen} files were read`)
  assert.deepEqual(wrong, [])
})

test('every text of the catalogue is shown somewhere', async () => {
  const catalogue = JSON.parse(await readFile(join(root, 'ui/i18n/en.json'), 'utf8')) as Record<string, string>
  let code = ''
  for await (const file of glob('ui/**/*.{ts,tsx}', { cwd: root, exclude: (name) => name === 'dist' || name === 'gallery' })) code += await readFile(join(root, file), 'utf8')
  const families = new Set([...code.matchAll(/(?:word|catalogued)\('(\w+)'/g)].map((match) => match[1]!))
  const built = [...code.matchAll(/\bt\(`([\w.]+)\$\{/g)].map((match) => match[1]!)
  const unused = Object.keys(catalogue).filter((key) => !code.includes(`'${key}'`) && !families.has(key.slice(0, key.lastIndexOf('.'))) && !built.some((start) => key.startsWith(start)))
  assert.deepEqual(unused, [])
})
