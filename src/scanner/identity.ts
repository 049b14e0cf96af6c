import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** What a remote scanner keeps of itself. `key`: its X25519 private key (PKCS #8, base64), which never leaves it. `id` is '' until it is activated; `ca` is the PEM it trusts, when not the system's. */
export type ScannerIdentity = Readonly<{ id: string; token: string; platform: string; name: string; ca?: string; key?: string }>

export async function readIdentity(folder: string): Promise<ScannerIdentity | null> {
  const path = join(folder, 'scanner.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)))
  if (text === null) return null
  try {
    const { id = '', token = '', platform = '', name = '', ca, key } = JSON.parse(text) as Partial<ScannerIdentity>
    return { id, token, platform, name, ...(ca === undefined ? {} : { ca }), ...(key === undefined ? {} : { key }) }
  } catch (error) {
    throw new Error(`${path} is damaged. Remove it and activate the scanner again.`, { cause: error })
  }
}

/** Synced and renamed into place: a kill leaves the old one or the new one. Mode 0600, since it holds the token. */
export async function writeIdentity(folder: string, identity: ScannerIdentity): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'scanner.json')
  const file = await open(`${path}.new`, 'w', 0o600)
  await file.writeFile(JSON.stringify(identity))
  await file.sync()
  await file.close()
  await rename(`${path}.new`, path)
}

/** 256 bits of chance, made here and known to nobody else; the platform keeps the hash. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
