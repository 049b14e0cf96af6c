import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { options, type Command } from './command.ts'
import { buildConsole } from './console-build.ts'
import { installDebian } from './debian.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const help = `vigil test [--only PATTERN] [--json]

Runs every test: types, lint, architecture, unit, contracts, real daemons, a real browser, on the embedded PostgreSQL and on
Debian's. Debian packages that are missing are installed when root, named when not.

  --only PATTERN   only test files whose path contains PATTERN, without types and lint
`

/** Tests that start the embedded server itself, or no database at all, say nothing new on another one. */
const embeddedOnly = /^(src\/store\/(embedded|blob)\/|test\/(architecture|content|false-positives|scan-command)\.test\.ts$)/

/** Every part runs, also after a failure, so that one run tells all. */
export const testCommand: Command = async (argv) => {
  const parsed = options(argv, help, { only: { type: 'string' } })
  if (parsed === null) return 0
  const only = parsed.values.only
  const failures: string[] = []
  const failedTests: FailedTest[] = []
  const nodeTest = (files: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<number> => runTests(files, environment, failedTests)
  const step = async (name: string, run: () => Promise<number>): Promise<void> => {
    process.stderr.write(`\nvigil test: ${name}\n`)
    if ((await run()) !== 0) failures.push(name)
  }
  if (only === undefined) {
    await step('Debian packages', async () => installDebian(await packages()))
    await step('types', () => node('node_modules/typescript/bin/tsc', '--noEmit'))
    await step('types of the console', () => node('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'ui/tsconfig.json'))
    await step('lint', () => node('node_modules/oxlint/bin/oxlint', '--type-aware', '--quiet'))
    await step('the console builds', async () => {
      await buildConsole((text) => void process.stderr.write(`vigil test: ${text}
`))
      return 0
    })
  }
  const files = (await testFiles()).filter((file) => only === undefined || file.includes(only))
  if (files.length === 0) {
    process.stderr.write(`vigil test: no test file's path contains "${only ?? ''}"\n`)
    return 2
  }
  const log = join(await mkdtemp(join(tmpdir(), 'vigil-sql-')), 'statements')
  await step(`${files.length} test files`, () => nodeTest(files, { VIGIL_SQL_LOG: log }))
  if (only === undefined) {
    const again = files.filter((file) => /^(src\/(store|platform|api)\/|test\/(contracts\/|[a-z-]+\.test\.ts$))/.test(file) && !embeddedOnly.test(file))
    await step(`${again.length} test files on Debian's PostgreSQL 15`, () => onDebianPostgres((url) => nodeTest(again, { VIGIL_TEST_DATABASE_URL: url })))
  }
  if (only === undefined) await step('plans of all statements', () => nodeTest(['test/plans/plans.test.ts'], { VIGIL_SQL_PLANS: log }))
  await rm(dirname(log), { recursive: true, force: true })
  if (failures.length === 0) process.stderr.write('\nvigil test: all passed\n')
  else process.stderr.write(`${failedTests.map(told).join('')}\nvigil test: failed: ${failures.join(', ')}\n`)
  return failures.length === 0 ? 0 : 1
}

/** Of the list, and of every peer: `packages: ['a', 'b']` in test/peers. Installed at once, since each call of apt-get takes seconds. */
async function packages(): Promise<string[]> {
  const { glob } = await import('node:fs/promises')
  const text = await readFile(join(root, 'test/debian-packages.txt'), 'utf8')
  const names = new Set(text.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== ''))
  for await (const file of glob('test/peers/*.ts', { cwd: root })) {
    for (const list of (await readFile(join(root, file), 'utf8')).matchAll(/packages(?::| =) \[([^\]]*)\]/g)) {
      for (const name of list[1]!.matchAll(/'([a-z0-9][a-z0-9+.-]+)'/g)) names.add(name[1]!)
    }
  }
  return [...names].sort()
}

async function testFiles(): Promise<string[]> {
  const { glob } = await import('node:fs/promises')
  const files: string[] = []
  for await (const file of glob('{src,test,content,ui}/**/*.test.ts', { cwd: root, exclude: (name) => name === 'node_modules' })) files.push(file)
  return files.sort()
}

async function onDebianPostgres(test: (url: string) => Promise<number>): Promise<number> {
  const { startDebianPostgres } = await import('./debian-postgres.ts')
  const server = await startDebianPostgres()
  try {
    return await test(server.url)
  } finally {
    await server.stop()
  }
}

interface FailedTest {
  readonly name: string
  readonly place: string
  readonly error: string
}

/** A run is thousands of lines long, and often only its end is kept: what failed is said again there. */
function told(failed: FailedTest): string {
  return `\nvigil test: failed: ${failed.name}\n  ${failed.place}\n  ${failed.error.split('\n').slice(0, 12).join('\n  ')}\n`
}

const regexFlags = ['--enable-experimental-regexp-engine-on-excessive-backtracks', '--regexp-backtracks-before-fallback=20000']

/** Each file in a process of its own, two at once. Adds to `failed` what failed; answers an exit code. */
async function runTests(files: readonly string[], environment: Readonly<Record<string, string>>, failed: FailedTest[]): Promise<number> {
  let success = false
  Object.assign(process.env, environment)
  const results = run({ files: files.map((file) => join(root, file)), cwd: root, concurrency: 2, timeout: 600_000, execArgv: regexFlags })
  results.on('test:fail', (test) => {
    // A file or a test is failed by the tests inside it; those are told themselves.
    if ('failureType' in test.details.error && test.details.error.failureType === 'subtestsFailed') return
    const cause = test.details.error.cause
    const error = cause instanceof Error ? cause.stack ?? cause.message : String(cause ?? test.details.error.message)
    failed.push({ name: test.name, place: `${relative(root, test.file ?? '')}:${test.line ?? 0}`, error })
  })
  results.on('test:summary', (summary) => {
    if (summary.file === undefined) success = summary.success
  })
  const { spec } = await import('node:test/reporters')
  await pipeline(results, new spec(), process.stdout, { end: false })
  for (const name of Object.keys(environment)) delete process.env[name]
  return success ? 0 : 1
}

function node(...args: string[]): Promise<number> {
  return spawned(process.execPath, args)
}

function spawned(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
