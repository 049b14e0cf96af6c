import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Debian's own PostgreSQL in a throw-away cluster on a free loopback port: the second server every store test runs on, so that nothing
 * leans on the embedded version's novelties.
 */
export async function startDebianPostgres(): Promise<Readonly<{ url: string; stop(): Promise<void> }>> {
  const base = '/usr/lib/postgresql'
  const version = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)).find((name) => existsSync(join(base, name, 'bin/initdb'))) : undefined
  if (version === undefined) throw new Error("Debian's PostgreSQL is missing: apt-get install postgresql")
  const bin = join(base, version, 'bin')
  const folder = mkdtempSync(join(tmpdir(), 'vigil-pg-'))
  const user = process.getuid?.() === 0 ? ids('postgres') : null
  if (user !== null) chownSync(folder, user.uid, user.gid)
  const as = user ?? {}
  const made = spawnSync(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', 'vigil', '-E', 'UTF8', '--locale=C.UTF-8', '--auth=trust', '-N'], { ...as, cwd: '/', encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb of PostgreSQL ${version} failed:\n${made.stderr}`)
  const port = await freePort()
  const child = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-p', String(port), '-c', 'fsync=off', '-c', 'max_connections=200'], {
    ...as, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>((resolve, reject) => {
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes('ready to accept connections')) resolve()
    })
    child.once('exit', () => reject(new Error(`PostgreSQL ${version} ended:\n${text}`)))
  })
  return {
    url: `postgres://vigil@127.0.0.1:${port}/postgres`,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function ids(name: string): { uid: number; gid: number } {
  const of = (flag: string): number => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout)
  return { uid: of('-u'), gid: of('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
