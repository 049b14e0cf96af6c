import { hkdfSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { loadKey } from '#store/secrets.ts'

/**
 * What the signing key is encrypted with: derived from VIGIL_KEY or secret.key, as every secret of the installation is. One is made only where there is no database
 * that depends on it.
 */
export async function signingPassphrase(data: string, environment = process.env): Promise<string> {
  await mkdir(data, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const mayCreate = !existsSync(join(data, 'postgres')) && (environment['DATABASE_URL'] ?? '') === ''
  return Buffer.from(hkdfSync('sha256', await loadKey(data, mayCreate), '', 'knowledge signing', 32)).toString('base64')
}

export function ownName(): string {
  return `this installation (${hostname().slice(0, 60)})`
}
