import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'

/**
 * Installs Debian packages that are missing, without letting any of them start a service. Not root: names them and fails, since a
 * test that cannot run is a failure, never a skip. Returns an exit code.
 */
export async function installDebian(names: readonly string[]): Promise<number> {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0) return 0
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    process.stderr.write(`vigil: these Debian packages are missing: ${missing.join(' ')}\n  sudo apt-get install -y --no-install-recommends ${missing.join(' ')}\n`)
    return 69
  }
  process.stderr.write(`vigil: installing ${missing.length} Debian packages: ${missing.join(' ')}\n`)
  const policy = '/usr/sbin/policy-rc.d'
  const own = !existsSync(policy)
  if (own) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await apt(['update'])
    return await apt(['install', '-y', '--no-install-recommends', ...missing])
  } finally {
    if (own) await rm(policy, { force: true })
  }
}

function isInstalled(name: string): boolean {
  const result = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' })
  return result.status === 0 && result.stdout.includes('install ok installed')
}

function apt(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=600', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-16_384)))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code !== 0) process.stderr.write(text)
      resolve(code ?? 1)
    })
  })
}
