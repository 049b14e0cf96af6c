/** MurmurHash3 of 32 bits with the seed 0, signed, as Shodan counts favicons. */
export function murmur(bytes: Uint8Array): number {
  let hash = 0
  const whole = bytes.length & ~3
  for (let at = 0; at < whole; at += 4) {
    hash ^= mixed(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | bytes[at]!
  if (bytes.length > whole) hash ^= mixed(rest)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function mixed(block: number): number {
  const once = Math.imul(block, 0xcc9e2d51)
  return Math.imul((once << 15) | (once >>> 17), 0x1b873593)
}
