import { createHash, randomBytes } from 'node:crypto'

/**
 * Secrets that are handed out once and kept as a hash. 256 random bits need no slow hash. Those that belong to a tenant carry its
 * id, so that they are looked up inside it: `tenant` (16 bytes) ‖ random (32 bytes), as base64url, 64 characters.
 */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function newTenantSecret(tenant: string): string {
  return Buffer.concat([Buffer.from(tenant.replaceAll('-', ''), 'hex'), randomBytes(32)]).toString('base64url')
}

/** The tenant a secret claims to be of; null when it has not that form. The claim proves nothing: the hash must be found there. */
export function tenantOf(secret: string): string | null {
  if (!/^[A-Za-z0-9_-]{64}$/.test(secret)) return null
  const hex = Buffer.from(secret, 'base64url').subarray(0, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Ten codes for paper: 20 letters and digits each (100 bits), without those that look alike. */
export function newPaperCodes(count = 10): readonly string[] {
  return Array.from({ length: count }, () => {
    const text = Array.from(randomBytes(20), (byte) => alphabet[byte & 31]).join('')
    return text.match(/.{5}/g)!.join('-')
  })
}

export function normalPaperCode(code: string): string {
  return code.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** 32 signs: without i, l, o and 0. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz123456789'
