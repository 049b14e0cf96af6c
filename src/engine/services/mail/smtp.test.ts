import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAt } from '../../testing.ts'
import { extensionFacts, smtp } from './smtp.ts'
import { parseReply } from '../wire/reply.ts'
import { serve, speaker, type Line } from '../testing-server.ts'

const ehlo: Line = [/^EHLO/, '250-mail.example\r\n250-SIZE 52428800\r\n250-AUTH PLAIN LOGIN\r\n250-AUTH=PLAIN LOGIN\r\n250 HELP\r\n']
const rest: readonly Line[] = [[/^RSET/, '250 ok\r\n'], [/^VRFY/, '252 maybe\r\n'], [/^EXPN/, '250 root\r\n'], [/^QUIT/, '221 bye\r\n']]

test('Exim: version, logins in the clear, lists expanded, no relay', async (t) => {
  const port = await serve(t, speaker('220 mail.example ESMTP Exim 4.94.2 Tue, 01 Jan 2030 00:00:00 +0000\r\n', [ehlo, [/^MAIL/, '250 ok\r\n'], [/^RCPT/, '550 relay not permitted\r\n'], ...rest]))
  const sighting = await lookAt(smtp, port)
  assert.deepEqual([sighting?.product, sighting?.version, sighting?.cpe], ['Exim', '4.94.2', 'cpe:2.3:a:exim:exim:4.94.2:*:*:*:*:*:*:*'])
  assert.deepEqual(sighting?.facts, {
    hostname: 'mail.example', extensions: ['SIZE', 'AUTH', 'HELP'], size: 52_428_800, starttls: false, authMechanisms: ['PLAIN', 'LOGIN'], cleartextLogin: true,
    auth: false, openRelay: false, relayAnswer: '550 relay not permitted', vrfyAccepted: true, vrfy: false, expn: true,
  })
})

test('greylisting is no answer: neither a relay nor none', async (t) => {
  const port = await serve(t, speaker('220 m ESMTP\r\n', [ehlo, [/^MAIL/, '250 ok\r\n'], [/^RCPT/, '450 come back later\r\n'], ...rest]))
  assert.equal((await lookAt(smtp, port))?.facts?.openRelay, null)
})

test('a login is demanded before anything', async (t) => {
  const port = await serve(t, speaker('220 m ESMTP\r\n', [ehlo, [/^MAIL/, '530 5.7.0 Authentication required\r\n'], ...rest]))
  const facts = (await lookAt(smtp, port))?.facts
  assert.deepEqual([facts?.auth, facts?.openRelay], [true, false])
})

test('DATA is never sent, whatever the server says yes to', async (t) => {
  const port = await serve(t, speaker('220 m ESMTP\r\n', [ehlo, ...rest], '250 ok\r\n'))
  const sighting = await lookAt(smtp, port)
  assert.equal(sighting?.facts?.openRelay, true)
  assert.doesNotMatch(sighting?.evidence?.sent ?? 'DATA', /^DATA/m)
})

test('hung up in the middle: incomplete, and nothing concluded of the rest', async (t) => {
  const port = await serve(t, speaker('220 m ESMTP Postfix\r\n', [ehlo, [/^MAIL/, '250 ok\r\n'], [/^RCPT/, null]]))
  const sighting = await lookAt(smtp, port)
  assert.equal(sighting?.incomplete?.code, 'closed')
  assert.equal('openRelay' in (sighting?.facts ?? {}), false)
})

test('extensions: words only, once each', () => {
  const reply = parseReply(Buffer.from('250-x\r\n250-STARTTLS\r\n250-STARTTLS\r\n250-!!\r\n250 auth cram-md5\r\n'))!
  assert.deepEqual(extensionFacts(reply, false), { extensions: ['STARTTLS', 'AUTH'], starttls: true, authMechanisms: ['CRAM-MD5'], cleartextLogin: false })
})
