import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { sessionToken } from './session-cookie.ts'

const secret = 'a secret of the tests, long enough'
const signed = (token: string, by = secret): string => encodeURIComponent(`${token}.${createHmac('sha256', by).update(token).digest('base64')}`)

test('a token counts only with its own signature', () => {
  const good = signed('abc.def')
  assert.equal(sessionToken(`theme=dark; vigil.session_token=${good}; x=y`, secret), 'abc.def')
  assert.equal(sessionToken(`__Secure-vigil.session_token=${good}`, secret), 'abc.def')
  const bad = [
    '', 'vigil.session_token', 'vigil.session_token=', 'vigil.session_token=abc', 'vigil.session_token=abc.', 'vigil.session_token=.abc', 'vigil.session_token=%', 'vigil.session_token=%ff.%ff',
    `vigil.session_token=${signed('abc', 'another secret, as long as the first')}`, `vigil.session_token=${good.replace('abc', 'abd')}`, `vigil.session_token=${good.slice(0, -4)}`, `xvigil.session_token=${good}`,
  ]
  for (const cookies of bad) assert.equal(sessionToken(cookies, secret), null, cookies)
  assert.equal(sessionToken(`vigil.session_token=${signed('abc').replace('abc', 'evil')}; vigil.session_token=${good}`, secret), 'abc.def', 'a planted cookie does not hide the true one')
})
