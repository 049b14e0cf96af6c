import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const version = '111.28.2+1.1.1w'
const folder = join(tmpdir(), 'vigil-openssl-1.1.1w')

/**
 * OpenSSL 1.1.1w with SSL 3, RC4, IDEA and 3DES, which today's builds have not: from the source in Rust's registry (openssl-src), built once in some minutes.
 * Null where there is no cargo or compiler.
 */
export function oldOpenssl(): string | null {
  const program = join(folder, 'openssl')
  if (existsSync(program)) return program
  try {
    mkdirSync(join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'Cargo.toml'), `[package]\nname = "x"\nversion = "0.1.0"\nedition = "2018"\n[dependencies]\nopenssl-src = "=${version.split('+')[0]}"\n`)
    writeFileSync(join(folder, 'src/main.rs'), 'fn main() {}\n')
    execFileSync('cargo', ['fetch'], { cwd: folder, stdio: 'ignore' })
    const registry = join(homedir(), '.cargo/registry/src')
    const source = readdirSync(registry).map((index) => join(registry, index, `openssl-src-${version}`, 'openssl')).find(existsSync)
    if (source === undefined) return null
    const build = join(folder, 'build')
    cpSync(source, build, { recursive: true })
    execFileSync('./config', ['no-shared', 'no-asm', 'no-tests', 'no-engine', 'enable-ssl3', 'enable-ssl3-method', 'enable-weak-ssl-ciphers'], { cwd: build, stdio: 'ignore' })
    execFileSync('make', ['build_generated'], { cwd: build, stdio: 'ignore' })
    execFileSync('make', ['-j2', 'apps/openssl'], { cwd: build, stdio: 'ignore' })
    cpSync(join(build, 'apps/openssl'), program)
    return program
  } catch {
    return null
  }
}
