/**
 * Large things that are written once: reports, raw evidence, content packs. Keys are `tenant/kind/id` of letters, digits,
 * `.`, `_`, `-` and `/`; a key's first part is the tenant or `platform`. A body becomes visible whole or not at all.
 */
export interface BlobStore {
  put(key: string, body: AsyncIterable<Uint8Array>): Promise<void>
  /** Throws `BlobMissing` when there is none. */
  get(key: string): AsyncIterable<Uint8Array>
  /** Removes all below a prefix that ends in `/`, or one key; returns how many there were. */
  drop(prefix: string): Promise<number>
}

export class BlobMissing extends Error {
  constructor(key: string) {
    super(`There is no blob ${key}`)
    this.name = 'BlobMissing'
  }
}

/** Keys come from our own code, but they hold ids that people send: nothing may climb out of the store. */
export function checkKey(key: string): string {
  if (key.length > 512 || !/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\/?$/.test(key)) {
    throw new Error(`"${key.slice(0, 80)}" is not a blob key`)
  }
  return key
}
