import assert from 'node:assert/strict'
import { getDiffieHellman } from 'node:crypto'
import { test } from 'node:test'
import { primeName } from './primes.ts'

test('the primes of RFC 2409 and 3526, as OpenSSL has them', () => {
  const groups = { modp1: 'RFC 2409 group 1', modp2: 'RFC 2409 group 2', modp5: 'RFC 3526 group 5', modp14: 'RFC 3526 group 14', modp15: 'RFC 3526 group 15', modp16: 'RFC 3526 group 16', modp17: 'RFC 3526 group 17', modp18: 'RFC 3526 group 18' }
  for (const [name, title] of Object.entries(groups)) assert.equal(primeName(getDiffieHellman(name).getPrime()), title)
})

test('those of RFC 7919, as its appendix A makes them: p = 2^b − 2^(b−64) + (⌊2^(b−130)·e⌋ + X)·2^64 − 1', () => {
  for (const [bits, offset] of [[2048, 560_316n], [3072, 2_625_351n], [4096, 5_736_041n], [6144, 15_705_020n], [8192, 10_965_728n]] as const) {
    const guard = 64n
    let term = 1n << (BigInt(bits - 130) + guard)
    let sum = 0n
    for (let n = 1n; term > 0n; n++) {
      sum += term
      term /= n
    }
    const prime = (1n << BigInt(bits)) - (1n << BigInt(bits - 64)) + (((sum >> guard) + offset) << 64n) - 1n
    assert.equal(primeName(Buffer.from(prime.toString(16), 'hex')), `ffdhe${bits}`)
  }
})

test('any other is the server’s own', () => {
  assert.equal(primeName(Buffer.alloc(128, 0xff)), 'own')
})
