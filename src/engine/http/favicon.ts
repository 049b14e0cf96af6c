/** The number by which search engines of the internet know a favicon: MurmurHash3 of its Base64 in lines of 76 characters, as a signed 32-bit integer. */
export function faviconHash(icon: Uint8Array): number {
  const base64 = Buffer.from(icon).toString('base64')
  return murmur3(Buffer.from(base64.replace(/.{1,76}/g, '$&\n'), 'latin1'))
}

/** MurmurHash3 (x86, 32 bits) with seed 0. */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks = bytes.length - (bytes.length % 4)
  let hash = 0
  for (let at = 0; at < blocks; at += 4) {
    hash ^= mixed(view.getUint32(at, true))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= blocks; at--) rest = (rest << 8) | bytes[at]!
  if (blocks < bytes.length) hash ^= mixed(rest)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function mixed(block: number): number {
  const spread = Math.imul(block, 0xcc9e2d51)
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593)
}
