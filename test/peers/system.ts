import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Account = Readonly<{ uid: number; gid: number }>

/** Runs a command to its end; what it said becomes part of the error when it fails. */
export function run(command: readonly string[], options: Readonly<{ cwd?: string; user?: Account | null; environment?: Readonly<Record<string, string>> }> = {}): Promise<string> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    execFile(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.user === null || options.user === undefined ? {} : options.user),
      env: { ...process.env, LC_ALL: 'C', ...options.environment },
      maxBuffer: 16 * 1024 * 1024,
      timeout: 300_000,
    }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command.join(' ')}: ${error.message}\n${stdout}${stderr}`))
    })
  })
}

const done = new Map<string, Promise<void>>()

/** Sees to it that Debian packages are there, without starting their services. Without root, what is missing is named in the error. */
export function installed(packages: readonly string[]): Promise<void> {
  const key = packages.join(' ')
  const known = done.get(key)
  if (known !== undefined) return known
  const work = install(packages)
  done.set(key, work)
  return work
}

async function install(packages: readonly string[]): Promise<void> {
  const missing = await missingOf(packages)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) throw new Error(`these Debian packages are needed and missing: ${missing.join(' ')}`)
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Options::=--force-confold', '-qq']
  await withoutServices(async () => {
    await run([...apt, 'update'], { environment })
    await run([...apt, 'install', '-y', '--no-install-recommends', ...missing], { environment })
  })
  const still = await missingOf(packages)
  if (still.length > 0) throw new Error(`these Debian packages could not be installed: ${still.join(' ')}`)
}

async function missingOf(packages: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (const name of packages) {
    const status = await run(['dpkg-query', '-W', '-f', '${db:Status-Status}', name]).catch(() => '')
    if (status !== 'installed') missing.push(name)
  }
  return missing
}

/** invoke-rc.d asks /usr/sbin/policy-rc.d; 101 means "not allowed". A script that is there already is left as it is. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const path = '/usr/sbin/policy-rc.d'
  const ours = await access(path).then(() => false, () => true)
  if (ours) await writeFile(path, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await work()
  } finally {
    if (ours) await rm(path, { force: true })
  }
}

export async function account(name: string): Promise<Account> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`no account ${name} on this machine`)
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * A command that writes `server.key` and `server.crt` in the peer's directory, signed by the authority of this test run: what a careful
 * operator has. Needs the package `openssl`.
 */
export function certificate(bits = 2048): readonly string[] {
  const folder = authority()
  return [
    'openssl', 'req', '-x509', '-newkey', `rsa:${bits}`, '-nodes', '-sha256', '-days', '90', '-subj', '/CN=peer.test', '-addext', 'subjectAltName=DNS:peer.test', '-addext', 'basicConstraints=critical,CA:FALSE',
    '-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key'), '-keyout', 'server.key', '-out', 'server.crt',
  ]
}

let authorityFolder: string | null = null

/** The folder with `ca.crt`, made on first use and gone with the process. The key may be read by the accounts that daemons run as. */
export function authority(): string {
  if (authorityFolder !== null) return authorityFolder
  const folder = mkdtempSync(join(tmpdir(), 'vigil-peer-ca-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-sha256', '-days', '365', '-subj', '/CN=Peers of the test', '-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt'),
  ], { stdio: 'pipe' })
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'ca.key'), 0o644)
  authorityFolder = folder
  return folder
}
