import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlatformTx } from './store.ts'

/**
 * Envelope encryption, AES-256-GCM: the key-encryption key (32 bytes, outside the database) wraps one data key a tenant; data keys seal
 * values. Where a value lives is authenticated with it, so that a sealed value copied to another row or tenant does not open.
 */
export type SecretBox = Readonly<{
  /** `where` is `table:column:id`. */
  seal(tx: PlatformTx, tenant: string, where: string, value: Uint8Array): Promise<Uint8Array>
  unseal(tx: PlatformTx, tenant: string, where: string, sealed: Uint8Array): Promise<Uint8Array>
}>

const version = 1

export function secretBox(keyEncryptionKey: Uint8Array, newId: () => string, now: () => number): SecretBox {
  if (keyEncryptionKey.length !== 32) throw new Error(`The key-encryption key has ${keyEncryptionKey.length} bytes; 32 are needed.`)
  // A tenant's data key is unwrapped once a process; the wrapped form is what the database holds.
  const known = new Map<string, Uint8Array>()

  const dataKey = async (tx: PlatformTx, tenant: string): Promise<Uint8Array> => {
    const cached = known.get(tenant)
    if (cached !== undefined) return cached
    const fresh = randomBytes(32)
    await tx.sql`insert into data_key (tenant_id, id, wrapped, created_at)
      values (${tenant}, ${newId()}, ${Buffer.from(encrypt(keyEncryptionKey, fresh, `${tenant}:data_key`))}, ${new Date(now())}) on conflict (tenant_id) do nothing`
    const [row] = await tx.sql<{ wrapped: Uint8Array }[]>`select wrapped from data_key where tenant_id = ${tenant}`
    const key = decrypt(keyEncryptionKey, row!.wrapped, `${tenant}:data_key`)
    // Not before the commit: a key that was rolled back would seal values that nobody can open.
    tx.after(() => void known.set(tenant, key))
    return key
  }

  return {
    seal: async (tx, tenant, where, value) => encrypt(await dataKey(tx, tenant), value, `${tenant}:${where}`),
    unseal: async (tx, tenant, where, sealed) => decrypt(await dataKey(tx, tenant), sealed, `${tenant}:${where}`),
  }
}

function encrypt(key: Uint8Array, value: Uint8Array, where: string): Uint8Array {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(where))
  return Buffer.concat([Buffer.from([version]), nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, sealed: Uint8Array, where: string): Uint8Array {
  if (sealed[0] !== version || sealed.length < 29) throw new Error(`The sealed value at ${where} has an unknown form.`)
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13)).setAAD(Buffer.from(where))
  decipher.setAuthTag(sealed.subarray(sealed.length - 16))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(13, sealed.length - 16)), decipher.final()])
  } catch (error) {
    throw new Error(`The sealed value at ${where} does not open: wrong key, or it was moved or changed.`, { cause: error })
  }
}

/**
 * The key-encryption key: VIGIL_KEY (base64 of 32 bytes) when given, else `secret.key` in the data directory, made at first start
 * with mode 0600. `mayCreate` is false when the database already holds sealed values: a new key could not open them.
 */
export async function loadKey(data: string, mayCreate: boolean, environment = process.env): Promise<Uint8Array> {
  const given = environment['VIGIL_KEY']
  if (given !== undefined) {
    const key = Buffer.from(given, 'base64')
    if (key.length !== 32) throw new Error(`VIGIL_KEY must be base64 of 32 bytes; it is of ${key.length}.`)
    return key
  }
  const path = join(data, 'secret.key')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text !== null) {
    const key = Buffer.from(text.trim(), 'base64')
    if (key.length !== 32) throw new Error(`${path} is damaged. Restore it from your backup; without it sealed secrets cannot be opened.`)
    return key
  }
  if (!mayCreate) throw new Error(`${path} is missing, and the database holds secrets sealed with it. Restore it from your backup.`)
  const key = randomBytes(32)
  const file = await open(`${path}.new`, 'w', 0o600)
  await file.writeFile(`${key.toString('base64')}\n`)
  await file.sync()
  await file.close()
  await rename(`${path}.new`, path)
  return key
}
