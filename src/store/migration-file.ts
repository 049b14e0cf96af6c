import { createHash } from 'node:crypto'

export const folder = new URL('../../db/migrations/', import.meta.url)

export function nameOf(file: string): string {
  return file.replace(/\.sql$/, '')
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
