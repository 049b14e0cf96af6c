/** Groups and curves by the numbers and names of IANA's registry. */
const names: Readonly<Record<number, string>> = {
  0x11ec: 'X25519MLKEM768', 0x11eb: 'SecP256r1MLKEM768', 0x11ed: 'SecP384r1MLKEM1024', 0x6399: 'X25519Kyber768Draft00', 0x639a: 'SecP256r1Kyber768Draft00',
  0x0200: 'MLKEM512', 0x0201: 'MLKEM768', 0x0202: 'MLKEM1024',
  29: 'x25519', 23: 'secp256r1', 24: 'secp384r1', 25: 'secp521r1', 30: 'x448',
  256: 'ffdhe2048', 257: 'ffdhe3072', 258: 'ffdhe4096', 259: 'ffdhe6144', 260: 'ffdhe8192',
  26: 'brainpoolP256r1', 27: 'brainpoolP384r1', 28: 'brainpoolP512r1', 31: 'brainpoolP256r1tls13', 32: 'brainpoolP384r1tls13', 33: 'brainpoolP512r1tls13',
  22: 'secp256k1', 21: 'secp224r1', 20: 'secp224k1', 19: 'secp192r1', 18: 'secp192k1', 17: 'secp160r2', 16: 'secp160r1', 15: 'secp160k1',
  14: 'sect571r1', 13: 'sect571k1', 12: 'sect409r1', 11: 'sect409k1', 10: 'sect283r1', 9: 'sect283k1', 8: 'sect239k1', 7: 'sect233r1', 6: 'sect233k1',
  5: 'sect193r2', 4: 'sect193r1', 3: 'sect163r2', 2: 'sect163r1', 1: 'sect163k1',
  41: 'curveSM2', 34: 'GC256A', 35: 'GC256B', 36: 'GC256C', 37: 'GC256D', 38: 'GC512A', 39: 'GC512B', 40: 'GC512C',
}

export function groupName(group: number): string {
  return names[group] ?? `0x${group.toString(16).padStart(4, '0')}`
}

/** Those that are offered when groups are not the question. */
export const commonGroups: readonly number[] = [29, 23, 24, 25, 30, 256, 257, 258, 26, 27, 28, 0x11ec, 22, 21, 19, 14, 13, 10, 9]
/** What may be agreed on below TLS 1.3; finite fields have no name there. */
export const curves: readonly number[] = [29, 23, 24, 25, 30, 28, 27, 26, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
export const groups13: readonly number[] = [0x11ec, 0x11eb, 0x11ed, 0x6399, 0x639a, 0x0201, 0x0202, 0x0200, 29, 23, 24, 25, 30, 256, 257, 258, 259, 260, 31, 32, 33, 26, 27, 28, 41, 34, 35, 36, 37, 38, 39, 40]
