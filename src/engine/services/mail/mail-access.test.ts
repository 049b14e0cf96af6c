import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAt } from '../../testing.ts'
import { imap } from './imap.ts'
import { pop3 } from './pop3.ts'
import { serve, speaker } from '../testing-server.ts'

test('POP3 without CAPA: STLS and USER are asked themselves', async (t) => {
  const port = await serve(t, speaker('+OK QPOP (version 2.53) at box starting. <12.34@box>\r\n', [[/^USER/, '+OK password\r\n']], '-ERR unknown\r\n'))
  const sighting = await lookAt(pop3, port)
  assert.deepEqual([sighting?.product, sighting?.version], ['qpopper', '2.53'])
  assert.deepEqual(sighting?.facts, { apop: true, capabilities: [], mechanisms: [], starttls: false, cleartextLogin: true })
})

test('POP3 that offers STLS and refuses USER before it', async (t) => {
  const port = await serve(t, speaker('+OK Dovecot ready.\r\n', [[/^CAPA/, '+OK\r\nSTLS\r\nSASL\r\n.\r\n']], '-ERR TLS first\r\n'))
  const facts = (await lookAt(pop3, port))?.facts
  assert.deepEqual([facts?.starttls, facts?.cleartextLogin], [true, false])
})

test('IMAP that greets everybody as known', async (t) => {
  const port = await serve(t, speaker('* PREAUTH IMAP4rev1 server logged in as root\r\n', [[/^v1/, '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nv1 OK\r\n']]))
  const facts = (await lookAt(imap, port))?.facts
  assert.deepEqual([facts?.preauth, facts?.cleartextLogin, facts?.starttls, facts?.mechanisms], [true, true, false, ['PLAIN']])
})

test('IMAP: the version comes from ID', async (t) => {
  const port = await serve(t, speaker('* OK [CAPABILITY IMAP4rev1 ID] ready\r\n', [
    [/^v1/, '* CAPABILITY IMAP4rev1 ID LOGINDISABLED STARTTLS\r\nv1 OK\r\n'], [/^v2 ID NIL/, '* ID ("name" "Dovecot" "version" "2.3.21")\r\nv2 OK\r\n']]))
  const sighting = await lookAt(imap, port)
  assert.deepEqual([sighting?.product, sighting?.version, sighting?.facts?.loginDisabled], ['Dovecot', '2.3.21', true])
})

test('IMAP that says BYE is recognised only as what it shows, and the look is incomplete', async (t) => {
  const sighting = await lookAt(imap, await serve(t, speaker('* BYE Dovecot: too many connections\r\n', [[/^v1/, 'v1 BAD no\r\n']])))
  assert.deepEqual([sighting?.product, sighting?.incomplete?.code], ['Dovecot', 'closed'])
})
