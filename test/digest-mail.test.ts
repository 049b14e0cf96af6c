import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { DigestMail } from '#api/rest/kb/update-schemas.ts'
import { sendDigests } from '#platform/kb/digest-mail.ts'
import { openMailer } from '#platform/mail/mailer.ts'
import { call } from './call.ts'
import { signUp, type Browser } from './server.ts'
import { freePort } from './story/platform.ts'
import { now, updatesWorld } from './updates-world.ts'

const from = 'Vigil <vigil@example.test>'
/** The Monday after the week that `now` lies in. */
const monday = new Date('2026-11-30T07:00:00Z')

/** A real mail server on loopback that puts what it takes into a folder. */
async function mailServer(t: TestContext, port: number): Promise<Readonly<{ messages(): readonly string[]; stop(): Promise<void> }>> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-mail-'))
  const child = spawn('aiosmtpd', ['-n', '-l', `127.0.0.1:${port}`, '-c', 'aiosmtpd.handlers.Mailbox', join(folder, 'box')], { stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  t.after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  for (;;) {
    assert.equal(child.exitCode, null, 'aiosmtpd ended')
    const socket = connect(port, '127.0.0.1')
    const isUp = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false)
    socket.destroy()
    if (isUp) break
  }
  const box = join(folder, 'box', 'new')
  return { stop, messages: () => readdirSync(box).map((name) => readFileSync(join(box, name), 'utf8')) }
}

test('the digest of a week is mailed once to whoever wants it, also when the mail server was away, and to nobody else', async (t) => {
  const { base, server } = await updatesWorld(t, { mail: true })
  const { store } = server.database
  const [reader, other] = [await signUp(server, 'reader'), await signUp(server, 'reader')]
  const ask = async (who: Browser, subscribed?: boolean): Promise<DigestMail> => {
    const answer = await (subscribed === undefined ? call(server.app, 'GET', '/kb/updates/mail', undefined, who.headers) : call(server.app, 'PUT', '/kb/updates/mail', { subscribed }, who.headers))
    assert.equal(answer.status, 200, answer.text)
    return answer.body as DigestMail
  }
  assert.deepEqual(await ask(reader), { possible: true, subscribed: false, to: reader.email, failure: null })
  assert.equal((await ask(reader, true)).subscribed, true)
  assert.equal((await ask(reader, true)).subscribed, true)
  await ask(other, true)
  assert.equal((await ask(other, false)).subscribed, false)

  const port = await freePort()
  const mailer = openMailer(`smtp://127.0.0.1:${port}`, from)
  t.after(() => mailer.close())
  const send = (at: Date): Promise<number> => sendDigests(store, base, mailer, 'https://vigil.example.test', at)
  // Nothing of the week before the subscription, and nothing while a week runs.
  assert.equal(await send(new Date(now)), 0)
  assert.equal((await ask(reader)).failure, null)
  assert.equal(await send(monday), 0)
  assert.match((await ask(reader)).failure!, /ECONNREFUSED/)

  const box = await mailServer(t, port)
  assert.equal(await send(monday), 1)
  assert.equal(await send(monday), 0)
  const messages = box.messages()
  assert.equal(messages.length, 1)
  const [message] = messages as [string]
  assert.ok(message.includes(`To: ${reader.email}`) && message.includes(`From: ${from}`), message.slice(0, 600))
  assert.match(message, /^Message-ID:\s+<digest\.2026-W48\.[0-9a-f-]+@vigil\.example\.test>$/mi)
  assert.match(message, /^List-Unsubscribe: <https:\/\/vigil\.example\.test\/kb\/updates>$/m)
  assert.match(message, /^Content-Type: text\/plain/m)
  assert.match(message, /^Content-Type: text\/html/m)
  assert.ok(message.includes('Changed to version 2: Something'))
  assert.equal((await ask(reader)).failure, null)
  // A week in which nothing changed.
  assert.equal(await send(new Date('2026-12-07T07:00:00Z')), 0)
  assert.equal(box.messages().length, 1)
})

test('without a mail server nobody is promised one, and a wrong setting is told without its password', async (t) => {
  const { server } = await updatesWorld(t)
  const reader = await signUp(server, 'reader')
  assert.equal((await call(server.app, 'GET', '/kb/updates/mail', undefined, reader.headers)).body['possible'], false)
  const refused = await call(server.app, 'PUT', '/kb/updates/mail', { subscribed: true }, reader.headers)
  assert.equal(refused.status, 409)
  assert.match(refused.text, /VIGIL_SMTP_URL/)
  for (const [url, told] of [['mail.example.org:25', /begins with mail\.example\.org:/], ['https://u:secret@h', /begins with https:/], ['u:secret@h:x:y', /begins|no URL/]] as const) {
    assert.throws(() => openMailer(url, from), (error: Error) => told.test(error.message) && !error.message.includes('secret'))
  }
  assert.throws(() => openMailer('smtp://localhost', 'nobody'), /VIGIL_MAIL_FROM is "nobody"/)
})

test('a mail server elsewhere that grants no TLS is told nothing', async (t) => {
  const port = await freePort()
  const box = await mailServer(t, port)
  // In a spelling that is not taken for this machine's own, though it is.
  const mailer = openMailer(`smtp://[::ffff:127.0.0.1]:${port}`, from)
  t.after(() => mailer.close())
  const outcome = await mailer.send({ to: 'ada@example.test', subject: 'x', text: 'x', html: 'x', id: 'x@example.test', unsubscribe: 'https://example.test/' })
  assert.ok(outcome !== 'sent' && /STARTTLS/i.test(outcome.failure), JSON.stringify(outcome))
  assert.deepEqual(box.messages(), [])
})
