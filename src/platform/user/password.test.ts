import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VigilError } from '#core/errors.ts'
import { checkPassword, hashPassword, verifyPassword } from './password.ts'

const person = { name: 'Ada Lovelace', email: 'ada.lovelace@example.org' }

function refusal(password: string): string {
  try {
    checkPassword(password, person)
    return 'accepted'
  } catch (error) {
    assert.ok(error instanceof VigilError)
    return error.code
  }
}

test('length counts, in characters', () => {
  assert.equal(refusal('short-one-1'), 'password.too_short')
  assert.equal(refusal('😀😁😂🤣😃😄😅😆😉😊😋'), 'password.too_short', 'eleven signs, though more bytes')
  assert.equal(refusal('x1'.repeat(101)), 'password.too_long')
})

test('what is tried first is refused', () => {
  const common = [
    'password1234', 'Password123!', 'P@ssw0rd2024!', 'passwordpassword', 'qwertyuiop123', '1qaz2wsx3edc', 'abcdefghijkl', '123456789012', 'aaaaaaaaaaaa', 'abcabcabcabc',
    'iloveyou1234', 'Welcome2026!', 'administrator1', 'adminadmin123', 'changeme12345', 'zxcvbnm,./123', 'correcthorsebatterystaple', 'letmein!letmein!', 'Summer2026!!', 'abababababab1',
  ]
  for (const password of common) assert.equal(refusal(password), 'password.common', password)
})

test('the own name and address are refused', () => {
  assert.equal(refusal('ada.lovelace@example.org'), 'password.personal')
  assert.equal(refusal('AdaLovelace42'), 'password.personal')
})

test('a sentence, a random string and a foreign script pass', () => {
  for (const password of ['gently-paddling-otters', 'tK9#vLq2!xZr', 'зелёный чайник поёт', 'my sister keeps four geese', 'vigilant herons wade']) assert.equal(refusal(password), 'accepted', password)
})

test('hashes are argon2id, salted, and two ways to type a letter are one', async () => {
  const [one, two] = await Promise.all([hashPassword('caf\u00e9 au lait, please'), hashPassword('caf\u00e9 au lait, please')])
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(one, two)
  assert.equal(await verifyPassword(one, 'cafe\u0301 au lait, please'), true)
  assert.equal(await verifyPassword(one, 'cafe au lait, please'), false)
  assert.equal(await verifyPassword('damaged', 'x'), false)
})
