import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Who may import whom: docs/decisions/001-house.md. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  formats: ['core'],
  knowledge: ['core', 'formats'],
  engine: ['core', 'formats'],
  channel: ['core'],
  scanner: ['core', 'engine', 'channel', 'formats'],
  store: ['core'],
  platform: ['core', 'store', 'formats', 'channel', 'knowledge'],
  api: ['core', 'store', 'platform', 'formats', 'channel', 'knowledge'],
  lab: ['core', 'formats'],
  command: ['core', 'formats', 'knowledge', 'engine', 'channel', 'scanner', 'store', 'platform', 'api', 'lab'],
}

/** npm packages by room; what is not named is not to be had there. */
const packages: Readonly<Record<string, readonly string[]>> = {
  core: [],
  formats: ['js-yaml', 'ae-cvss-calculator', 'csv-stringify', 'csv-parse', 'hucre', 'pdfmake', 'saxes', 'dejavu-fonts-ttf'],
  knowledge: [],
  engine: ['dns-packet', 'parse5', 'saxes', 'koffi', 'ssh2', 'quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync'],
  channel: [],
  scanner: [],
  store: ['postgres', 'kysely', 'kysely-postgres-js', 'pg-boss', 'aws4fetch'],
  platform: ['kysely', 'better-auth', '@better-auth/passkey', '@node-rs/argon2', 'rrule-temporal', 'temporal-polyfill', 'croner', 'nodemailer', 'prom-client'],
  api: ['ajv', 'ajv-formats', 'fastify', '@fastify/cookie', '@fastify/fast-json-stringify-compiler', '@fastify/rate-limit', '@fastify/static', '@fastify/swagger', '@fastify/type-provider-typebox', 'typebox', 'pino', 'prom-client', 'better-auth'],
  lab: [],
  command: ['pino', 'prom-client'],
}

/** Rooms in which sockets and files are not to be had at all. */
const noInput = new Set(['core'])

/**
 * Sockets of the engine come from Net alone: only these files may open one. What weighs chains takes the lists of roots from node:tls, no socket; the callback listener only waits for
 * targets to call, and sends nothing that was not asked for.
 */
const socketFiles = /^src\/engine\/(net\/|callback\/|target\.ts$|tls\/trust\.ts$)/

type Source = Readonly<{ file: string; room: string; imports: readonly Readonly<{ to: string; types: boolean }>[]; text: string }>

async function sources(): Promise<readonly Source[]> {
  const found: Source[] = []
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8')
    const isTest = /\.test\.ts$|\/testing(-[a-z0-9-]+)?\.ts$/.test(file)
    if (isTest) continue
    const room = file.split('/')[1]!.replace(/\.ts$/, '')
    const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gm)
    found.push({ file, room, text, imports: [...statements].map((part) => ({ to: (part[2] ?? part[3])!, types: part[1] !== undefined })) })
  }
  return found
}

/** The source file an import leads to, or null for a package or a Node module. */
function target(source: Source, to: string): string | null {
  const alias = /^#([a-z]+)\/(.+)$/.exec(to)
  if (alias !== null) return `src/${alias[1]}/${alias[2]}`
  return to.startsWith('.') ? normalize(join(dirname(source.file), to)) : null
}

test('rooms import only what they may', async () => {
  const all = await sources()
  assert.ok(all.length >= 60, `read only ${all.length} files: a check that saw nothing is not green`)
  const wrong: string[] = []
  for (const source of all) {
    if (source.room === 'main') continue
    const may = rooms[source.room]
    if (may === undefined) {
      wrong.push(`${source.file}: there is no room "${source.room}"`)
      continue
    }
    for (const { to } of source.imports) {
      const file = target(source, to)
      if (file === null) {
        if (to.startsWith('node:')) {
          if (noInput.has(source.room)) wrong.push(`${source.file}: core may not import ${to}`)
          if (source.room === 'engine' && /^node:(net|tls|dgram|http|https|http2)$/.test(to) && !socketFiles.test(source.file)) {
            wrong.push(`${source.file}: sockets come from tools.net, not from ${to}`)
          }
          continue
        }
        const name = to.split('/').slice(0, to.startsWith('@') ? 2 : 1).join('/')
        if (!packages[source.room]!.includes(name)) wrong.push(`${source.file}: the room ${source.room} may not use the package ${name}`)
        continue
      }
      const room = file.split('/')[1]!
      if (file.endsWith('package.json')) continue
      if (room !== source.room && !may.includes(room)) wrong.push(`${source.file}: ${source.room} may not import ${room} (${to})`)
      if (/\.test\.ts$|\/testing/.test(file)) wrong.push(`${source.file}: imports the test file ${to}`)
    }
    if (source.room === 'core' && /\bDate\.now\(|Math\.random\(|new Date\(\)/.test(source.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))) {
      wrong.push(`${source.file}: core has no clock and no chance`)
    }
    if (source.room !== 'store' && /from 'postgres'/.test(source.text) && !/import type [^\n]*from 'postgres'/.test(source.text)) {
      wrong.push(`${source.file}: only store may use the database driver`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('no file is imported in a circle', async () => {
  const all = await sources()
  const edges = new Map(all.map((source) => [
    source.file,
    source.imports.filter((part) => !part.types).map((part) => target(source, part.to)).filter((file): file is string => file !== null),
  ]))
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  assert.deepEqual(circles, [])
})

test('no default exports, no barrels, no files of 400 lines', async () => {
  const wrong: string[] = []
  for (const source of await sources()) {
    if (/^export default/m.test(source.text)) wrong.push(`${source.file}: default export`)
    if (source.file.endsWith('/index.ts')) wrong.push(`${source.file}: a barrel`)
    const lines = source.text.split('\n').length
    if (lines > 400) wrong.push(`${source.file}: ${lines} lines are two rooms in one`)
  }
  assert.deepEqual(wrong, [])
})
