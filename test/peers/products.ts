import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, createServer as createTcp, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { run } from './system.ts'

/** A client-side library as npm has it: `file` is what a page would load, `pattern` how it says its version, `before` the version that mended `cve`. */
export type LibraryProduct = Readonly<{ name: string; old: string; fixed: string; cve: string; before: string; file: string; fixedFile?: string; pattern: string }>
/** A server as npm has it, with the check that proves its weakness by what it gives. */
export type ServerProduct = Readonly<{ name: string; old: string; fixed: string; check: number; command(folder: string, pages: string, port: number): readonly string[] }>

const version = '([0-9][0-9.]+[0-9a-z.-]*)'

export const libraryProducts: readonly LibraryProduct[] = [
  { name: 'jquery', old: '3.4.1', fixed: '3.5.1', cve: 'CVE-2020-11022', before: '3.5.0', file: 'dist/jquery.min.js', pattern: `jQuery v${version}` },
  { name: 'angular', old: '1.7.8', fixed: '1.8.0', cve: 'CVE-2020-7676', before: '1.8.0', file: 'angular.min.js', pattern: `AngularJS v${version}` },
  { name: 'bootstrap', old: '3.4.0', fixed: '3.4.1', cve: 'CVE-2019-8331', before: '3.4.1', file: 'dist/js/bootstrap.min.js', pattern: `\\* Bootstrap v${version}` },
  { name: 'moment', old: '2.29.1', fixed: '2.29.2', cve: 'CVE-2022-24785', before: '2.29.2', file: 'moment.js', pattern: `//! version : ${version}` },
  { name: 'handlebars', old: '4.7.6', fixed: '4.7.7', cve: 'CVE-2021-23369', before: '4.7.7', file: 'dist/handlebars.min.js', pattern: `handlebars v${version}` },
  { name: 'dompurify', old: '2.0.16', fixed: '2.0.17', cve: 'CVE-2020-26870', before: '2.0.17', file: 'dist/purify.js', pattern: `DOMPurify\\.version = '${version}'` },
  { name: 'knockout', old: '3.4.2', fixed: '3.5.0', cve: 'CVE-2019-14862', before: '3.5.0', file: 'build/output/knockout-latest.js', pattern: `Knockout JavaScript library v${version}` },
  { name: 'underscore', old: '1.12.0', fixed: '1.12.1', cve: 'CVE-2021-23358', before: '1.12.1', file: 'underscore.js', pattern: `Underscore\\.js ${version}` },
  { name: 'mustache', old: '2.2.0', fixed: '2.2.1', cve: 'CVE-2015-8862', before: '2.2.1', file: 'mustache.min.js', pattern: `mustache\\.version="${version}"` },
  { name: 'jquery-ui-dist', old: '1.12.1', fixed: '1.13.0', cve: 'CVE-2021-41182', before: '1.13.0', file: 'jquery-ui.min.js', pattern: `jQuery UI - v${version}` },
  { name: 'axios', old: '0.21.1', fixed: '0.21.2', cve: 'CVE-2021-3749', before: '0.21.2', file: 'dist/axios.min.js', pattern: `axios v${version}` },
  { name: 'select2', old: '4.0.5', fixed: '4.0.6', cve: 'CVE-2016-10744', before: '4.0.6', file: 'dist/js/select2.min.js', pattern: `Select2 ${version}` },
  { name: 'chart.js', old: '2.9.3', fixed: '2.9.4', cve: 'CVE-2020-7746', before: '2.9.4', file: 'dist/Chart.min.js', pattern: `Chart\\.js v${version}` },
  { name: 'jquery-validation', old: '1.19.2', fixed: '1.19.3', cve: 'CVE-2021-21252', before: '1.19.3', file: 'dist/jquery.validate.min.js', pattern: `jQuery Validation Plugin - v${version}` },
  { name: 'ua-parser-js', old: '0.7.23', fixed: '0.7.24', cve: 'CVE-2021-27292', before: '0.7.24', file: 'dist/ua-parser.min.js', pattern: `UAParser\\.js v${version}` },
  { name: 'jszip', old: '3.6.0', fixed: '3.7.0', cve: 'CVE-2021-23413', before: '3.7.0', file: 'dist/jszip.min.js', pattern: `JSZip v${version}` },
  { name: 'markdown-it', old: '12.3.1', fixed: '12.3.2', cve: 'CVE-2022-21670', before: '12.3.2', file: 'dist/markdown-it.min.js', pattern: `markdown-it ${version}` },
  { name: 'bootstrap-select', old: '1.13.5', fixed: '1.13.6', cve: 'CVE-2019-20921', before: '1.13.6', file: 'dist/js/bootstrap-select.min.js', pattern: `Bootstrap-select v${version}` },
]

const stServer = "require('node:http').createServer(require(process.argv[1])({ path: process.argv[2], url: '/' })).listen(Number(process.argv[3]), '127.0.0.1')"

export const serverProducts: readonly ServerProduct[] = [
  { name: 'st', old: '0.2.4', fixed: '0.2.5', check: 152061, command: (folder, pages, port) => ['-e', stServer, folder, pages, String(port)] },
  { name: 'public', old: '0.1.2', fixed: '0.1.3', check: 152062, command: (folder, pages, port) => [join(folder, 'bin/public'), '-p', String(port), pages] },
  { name: 'vite', old: '6.2.2', fixed: '6.2.7', check: 152064, command: (folder, pages, port) => [join(folder, 'bin/vite.js'), '--host', '127.0.0.1', '--strictPort', '--port', String(port), pages] },
]

export type Age = 'old' | 'fixed'
type Named = Readonly<{ name: string; old: string; fixed: string }>

const folderOf = (root: string, { name }: Named, age: Age): string => join(root, 'node_modules', `${name.replaceAll('.', '-')}-${age}`)

/** Both versions of each product from npm, beside one another, with nothing of theirs run. Whoever cannot reach the registry is told which one. */
export async function download(t: TestContext, products: readonly Named[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'vigil-products-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const dependencies = Object.fromEntries(products.flatMap((one) => (['old', 'fixed'] as const).map((age) => [`${one.name.replaceAll('.', '-')}-${age}`, `npm:${one.name}@${one[age]}`])))
  await writeFile(join(root, 'package.json'), JSON.stringify({ name: 'products', version: '1.0.0', private: true, dependencies }))
  await run(['npm', 'install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-update-notifier', '--prefer-offline', '--loglevel=error'], { cwd: root })
    .catch(async (error: unknown) => {
      const registry = await run(['npm', 'config', 'get', 'registry']).catch(() => 'unknown')
      throw new Error(`npm could not fetch the products from the registry ${registry.trim()}`, { cause: error })
    })
  return root
}

/** Serves a page that loads the library under a name that tells nothing. */
export async function servePage(t: TestContext, root: string, product: LibraryProduct, age: Age): Promise<number> {
  const file = join(folderOf(root, product, age), (age === 'fixed' ? product.fixedFile : undefined) ?? product.file)
  const server = createServer((request, response) => {
    if (request.url === '/') response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Shop</title><p>Welcome to our shop of chairs.</p><script src="assets/vendor.js"></script>')
    else if (request.url === '/assets/vendor.js') createReadStream(file).on('error', () => response.writeHead(500).end()).pipe(response.writeHead(200, { 'content-type': 'text/javascript' }))
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Starts the product itself over a folder with one page. */
export async function startServer(t: TestContext, root: string, product: ServerProduct, age: Age): Promise<number> {
  const pages = join(root, 'pages')
  await mkdir(pages, { recursive: true })
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>Shop</title><p>Welcome to our shop of chairs.</p>')
  const port = await freePort()
  const child = spawn(process.execPath, product.command(folderOf(root, product, age), pages, port), { cwd: root, env: { PATH: process.env['PATH'], HOME: root, NODE_ENV: 'test' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => { said = (said + bytes.toString()).slice(-4000) })
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) break
    if (await takes(port)) return port
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${product.name} ${product[age]} does not listen:\n${said}`)
}

async function freePort(): Promise<number> {
  const server = createTcp().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
