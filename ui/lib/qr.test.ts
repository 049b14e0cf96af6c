import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qrModules } from './qr.ts'

test('a code has its finder patterns, its timing and the size of its version', () => {
  const modules = qrModules('otpauth://totp/Vigil:ada@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Vigil')!
  assert.equal((modules.length - 17) % 4, 0)
  for (const [y, x] of [[0, 0], [0, modules.length - 7], [modules.length - 7, 0]] as const) {
    assert.deepEqual(modules[y]!.slice(x, x + 7), Array(7).fill(true))
    assert.deepEqual(modules[y + 1]!.slice(x, x + 7), [true, false, false, false, false, false, true])
  }
  assert.deepEqual(modules[6]!.slice(8, 14), [true, false, true, false, true, false])
})

test('a text beyond version 15 has no code', () => {
  assert.notEqual(qrModules('x'.repeat(412)), null)
  assert.equal(qrModules('x'.repeat(420)), null)
})
