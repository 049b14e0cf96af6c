import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { issueFirstRunLink, issueResetLink } from '#platform/user/link.ts'
import { createIdentity } from '#platform/user/identity.ts'
import { call, codeOf, type Answer } from './call.ts'
import { contextOver, origin, password, signInAs, signUp, withServer, type Browser, type TestServer } from './server.ts'
import { buildServer } from '#api/server.ts'

test('a new server: the printed link makes the first account and organisation, once', async (t) => {
  const { app, database } = await withServer(t)
  assert.equal((await call(app, 'GET', '/identity/state')).body['firstRun'], true)
  const first = await issueFirstRunLink(database.store)
  const token = await issueFirstRunLink(database.store)
  const given = { token: token!, organisation: 'Harbour Works', name: 'Ada', email: 'Ada@Example.org', password }
  assert.equal(codeOf(await call(app, 'POST', '/identity/welcome', { ...given, token: first })), '404 link.invalid', 'a newer link ends the older')
  assert.equal(codeOf(await call(app, 'POST', '/identity/welcome', { ...given, password: 'password1234' })), '400 password.common')
  assert.deepEqual((await call(app, 'POST', '/identity/links/check', { token })).body, { purpose: 'first_run', email: null, organisation: null, hasAccount: false })

  const both = await Promise.all([call(app, 'POST', '/identity/welcome', given), call(app, 'POST', '/identity/welcome', { ...given, email: 'eve@example.org' })])
  assert.deepEqual(both.map((answer) => answer.status).sort((a, b) => a - b), [201, 404], 'two at once: one wins')
  const won = both.find((answer) => answer.status === 201)!
  assert.equal((won.body['recoveryCodes'] as unknown as string[]).length, 10)
  assert.equal((await call(app, 'GET', '/identity/state')).body['firstRun'], false)
  assert.equal(await issueFirstRunLink(database.store), null)

  const session = (await call(app, 'GET', '/identity/session', undefined, { cookie: won.cookie })).body as unknown as { organisation: { id: string; name: string; role: string }; actions: string[]; scope: null }
  assert.equal(session.organisation.name, 'Harbour Works')
  assert.equal(session.organisation.role, 'manager')
  assert.equal(session.scope, null)
  assert.ok(session.actions.includes('scan.launch'))
  const networks = await database.owner`select id, tenant_id, name from network`
  assert.deepEqual(networks.map((row) => [row['id'], row['tenant_id']]), [[session.organisation.id, session.organisation.id]])
})

test('a hook that fails leaves nothing behind, and the link stays good', async (t) => {
  const { database } = await withServer(t)
  const { context } = contextOver(database)
  const failing = { ...context, identity: createIdentity({ store: database.store, origin, secret: 'x'.repeat(40), tenantHooks: [async () => { throw new Error('no space') }] }) }
  const app = await buildServer(failing)
  t.after(() => app.close())
  const token = await issueFirstRunLink(database.store)
  const given = { token, organisation: 'Harbour Works', name: 'Ada', email: 'ada@example.org', password }
  assert.equal((await call(app, 'POST', '/identity/welcome', given)).status, 500)
  assert.deepEqual([...(await database.owner`select id from app_user`), ...(await database.owner`select id from tenant`)], [])
  assert.equal((await call(app, 'POST', '/identity/links/check', { token })).status, 200)
})

test('unknown person and wrong password are one answer, and both lock', async (t) => {
  const { app, database } = await withServer(t)
  const { email } = await signUp({ app, database })
  const attempt = (address: string) => call(app, 'POST', '/identity/sign-in', { email: address, password: 'not-the-password' })
  const [known, unknown, malformed] = [await attempt(email), await attempt('nobody@example.org'), await attempt('no address at all')]
  const shown = ({ body }: Answer): unknown => ({ ...body, request: '' })
  assert.equal(codeOf(known), '401 sign_in.wrong')
  assert.deepEqual(shown(unknown), shown(known))
  assert.deepEqual(shown(malformed), shown(known))
  for (const address of [email, 'nobody@example.org']) {
    const answers = []
    for (let n = 0; n < 6; n++) answers.push(codeOf(await attempt(address)))
    assert.equal(answers.at(-1), '429 sign_in.locked', answers.join())
  }
  assert.equal(codeOf(await call(app, 'POST', '/identity/sign-in', { email, password })), '429 sign_in.locked', 'the right password too')
  await database.owner`update login_attempt set locked_until = now() - interval '1 second'`
  assert.equal((await call(app, 'POST', '/identity/sign-in', { email, password })).status, 200)
  const kept = await database.owner`select failures from login_attempt where failures > 5`
  assert.equal(kept.length, 1, 'success forgets; the unknown address stays counted')
})

test('guesses sent side by side count one by one', async (t) => {
  const { app, database } = await withServer(t)
  const { email } = await signUp({ app, database })
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(app, 'POST', '/identity/sign-in', { email, password: 'not-the-password' })))
  const wrong = answers.filter((answer) => answer.status === 401).length
  assert.ok(wrong <= 5, `${wrong} guesses were looked at`)
})

test('sessions: listed, ended one by one, all others at once, and by age', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  const other = await signInAs(app, mine.email)
  const theirs = await signUp({ app, database })
  const list = async (browser: Pick<Browser, 'headers'>) => (await call(app, 'GET', '/identity/sessions', undefined, browser.headers)).body['items'] as unknown as { id: string; current: boolean }[]
  const sessions = await list(mine)
  assert.deepEqual(sessions.map(({ current }) => Number(current)).sort((a, b) => a - b), [0, 1])
  const foreign = (await list(theirs))[0]!.id
  assert.equal(codeOf(await call(app, 'DELETE', `/identity/sessions/${foreign}`, undefined, mine.headers)), '404 not_found')
  assert.equal((await call(app, 'DELETE', `/identity/sessions/${sessions.find(({ current }) => !current)!.id}`, undefined, mine.headers)).status, 204)
  assert.equal((await call(app, 'GET', '/organisation', undefined, other.headers)).status, 401)

  const third = await signInAs(app, mine.email)
  assert.equal((await call(app, 'POST', '/identity/sessions/end-others', undefined, mine.headers)).body['ended'], 1)
  assert.equal((await call(app, 'GET', '/organisation', undefined, third.headers)).status, 401)
  assert.equal((await call(app, 'GET', '/organisation', undefined, theirs.headers)).status, 200)

  await database.owner`update session set created_at = now() - interval '8 days' where user_id = ${mine.user}`
  assert.equal((await call(app, 'GET', '/organisation', undefined, mine.headers)).status, 401, 'seven days at most, however busy')
  await database.owner`update session set expires_at = now() - interval '1 second' where user_id = ${theirs.user}`
  assert.equal((await call(app, 'GET', '/organisation', undefined, theirs.headers)).status, 401, 'idle too long')
})

test('a session in use slides on; a forged cookie is nobody', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  await database.owner`update session set expires_at = now() + interval '1 hour', updated_at = now() - interval '11 hours'`
  const answer = await call(app, 'GET', '/organisation', undefined, mine.headers)
  assert.equal(answer.status, 200)
  assert.match(answer.cookie, /vigil\.session_token=/)
  const [row] = await database.owner<{ left: number }[]>`select extract(epoch from expires_at - now())::int as left from session`
  assert.ok(row!.left > 11 * 3600, `${row!.left} s left`)
  const [name, value] = mine.headers.cookie.split('=') as [string, string]
  for (const forged of [`${name}=${value.slice(0, 32)}`, `${name}=${value.slice(0, 32)}.AAAA`, `${name}=${value.startsWith('x') ? 'y' : 'x'}${value.slice(1)}`, `${name}=`]) {
    assert.equal((await call(app, 'GET', '/organisation', undefined, { cookie: forged, origin })).status, 401, forged)
  }
})

test('cookies are for this site alone', async (t) => {
  const { app, database } = await withServer(t)
  const { email } = await signUp({ app, database })
  const answer = await app.inject({ method: 'POST', url: '/api/v1/identity/sign-in', headers: { origin }, payload: { email, password } })
  assert.match(String(answer.headers['set-cookie']), /HttpOnly; SameSite=Strict/)
  assert.doesNotMatch(answer.body, /token/i)
})

test('an authenticator: set up, asked for at sign-in, replaced by a backup code, switched off', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  let { headers } = mine
  const post = (path: string, payload: object, cookie = headers.cookie) => call(app, 'POST', `/identity${path}`, payload, { cookie, origin })
  assert.equal(codeOf(await post('/second-factor', { password: 'wrong-password-1' })), '403 password.wrong')
  const offer = (await post('/second-factor', { password })).body as unknown as { uri: string; backupCodes: string[] }
  const secret = new URL(offer.uri).searchParams.get('secret')!
  assert.equal((await call(app, 'POST', '/identity/sign-in', { email: mine.email, password })).body['status'], 'signed_in', 'off until it is confirmed')
  assert.equal(codeOf(await post('/second-factor/confirm', { code: '000000' })), '401 sign_in.code_wrong')
  const confirmed = await post('/second-factor/confirm', { code: totp(secret) })
  assert.equal(confirmed.status, 204)
  headers = { cookie: confirmed.cookie, origin }
  const here = (await call(app, 'GET', '/identity/session', undefined, headers)).body as unknown as { person: { secondFactor: boolean }; organisation: { id: string } }
  assert.equal(here.person.secondFactor, true)
  assert.equal(here.organisation.id, mine.tenant)

  const half = await call(app, 'POST', '/identity/sign-in', { email: mine.email, password })
  assert.equal(half.body['status'], 'second_factor')
  assert.equal((await call(app, 'GET', '/identity/session', undefined, { cookie: half.cookie })).status, 401, 'half a sign-in is none')
  assert.equal(codeOf(await post('/sign-in/second-factor', { kind: 'totp', code: '000000' }, half.cookie)), '401 sign_in.code_wrong')
  const whole = await post('/sign-in/second-factor', { kind: 'totp', code: totp(secret) }, half.cookie)
  assert.equal(whole.status, 200)
  assert.equal((await call(app, 'GET', '/organisation', undefined, { cookie: whole.cookie })).status, 200)

  const byBackup = async () => {
    const { cookie } = await call(app, 'POST', '/identity/sign-in', { email: mine.email, password })
    return post('/sign-in/second-factor', { kind: 'backup', code: offer.backupCodes[0]! }, cookie)
  }
  assert.equal((await byBackup()).status, 200)
  assert.equal(codeOf(await byBackup()), '401 sign_in.code_wrong', 'a backup code works once')
  const rows = await database.owner`select secret, backup_codes from two_factor`
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(`${secret}|${offer.backupCodes[1]}`), 'neither lies open in the database')

  const stopped = await post('/second-factor/stop', { password })
  assert.equal(stopped.status, 204)
  assert.equal((await call(app, 'POST', '/identity/sign-in', { email: mine.email, password })).body['status'], 'signed_in')
  assert.deepEqual(await actionsOf(database, mine.tenant), ['session.started', 'person.second_factor_on', 'session.started', 'session.started', 'person.second_factor_off', 'session.started'].slice(-6))
})

test('guessing the second factor ends after five', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  const offer = (await call(app, 'POST', '/identity/second-factor', { password }, mine.headers)).body as unknown as { uri: string }
  const secret = new URL(offer.uri).searchParams.get('secret')!
  await call(app, 'POST', '/identity/second-factor/confirm', { code: totp(secret) }, mine.headers)
  const { cookie } = await call(app, 'POST', '/identity/sign-in', { email: mine.email, password })
  for (let n = 0; n < 6; n++) await call(app, 'POST', '/identity/sign-in/second-factor', { kind: 'totp', code: '000000' }, { cookie, origin })
  assert.equal(codeOf(await call(app, 'POST', '/identity/sign-in/second-factor', { kind: 'totp', code: totp(secret) }, { cookie, origin })), '401 sign_in.code_wrong')
})

test('a changed password ends the other sessions and keeps the place', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  const second = await call(app, 'POST', '/organisations', { name: 'Second' }, mine.headers)
  assert.equal((await call(app, 'PUT', '/identity/session/organisation', { organisation: second.body['id'] }, mine.headers)).status, 204)
  const other = await signInAs(app, mine.email)
  const next = 'seven-singing-kettles'
  assert.equal(codeOf(await call(app, 'PUT', '/identity/password', { current: 'wrong-password-1', password: next }, mine.headers)), '403 password.wrong')
  assert.equal(codeOf(await call(app, 'PUT', '/identity/password', { current: password, password: 'short' }, mine.headers)), '400 password.too_short')
  const changed = await call(app, 'PUT', '/identity/password', { current: password, password: next }, mine.headers)
  assert.equal(changed.status, 204)
  assert.equal((await call(app, 'GET', '/organisation', undefined, other.headers)).status, 401)
  assert.equal((await call(app, 'GET', '/organisation', undefined, { cookie: changed.cookie })).body['name'], 'Second')
  assert.equal((await call(app, 'POST', '/identity/sign-in', { email: mine.email, password })).status, 401)
  await signInAs(app, mine.email, next)
})

test('a recovery code replaces the password once, an operator link does too', async (t) => {
  const { app, database } = await withServer(t)
  const mine = await signUp({ app, database })
  const { codes } = (await call(app, 'POST', '/identity/recovery-codes', { password }, mine.headers)).body as unknown as { codes: string[] }
  const next = 'seven-singing-kettles'
  const recover = (code: string, email = mine.email) => call(app, 'POST', '/identity/recover', { email, code, password: next })
  assert.equal(codeOf(await recover('aaaaa-aaaaa-aaaaa-aaaaa')), '401 sign_in.code_wrong')
  assert.equal(codeOf(await recover(codes[0]!, 'nobody@example.org')), '401 sign_in.code_wrong', 'it is of one person')
  assert.equal((await recover(codes[0]!.toUpperCase().replaceAll('-', ' '))).status, 204, 'as people copy it from paper')
  assert.equal(codeOf(await recover(codes[0]!)), '401 sign_in.code_wrong')
  assert.equal((await call(app, 'GET', '/organisation', undefined, mine.headers)).status, 401)
  await signInAs(app, mine.email, next)

  const token = (await database.store.platform((tx) => issueResetLink(tx, { email: mine.email }, Date.now())))!
  assert.equal((await call(app, 'POST', '/identity/links/check', { token })).body['email'], mine.email)
  const reset = () => call(app, 'POST', '/identity/reset', { token, password: 'nine-humming-lanterns' })
  assert.equal((await reset()).status, 204)
  assert.equal(codeOf(await reset()), '404 link.invalid')
  await signInAs(app, mine.email, 'nine-humming-lanterns')
})

/** RFC 6238, by itself: SHA-1, six digits, thirty seconds. */
function totp(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(secret, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac.at(-1)! & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function actionsOf({ owner }: TestServer['database'], tenant: string): Promise<string[]> {
  const rows = await owner<{ action: string }[]>`select action from audit_event where tenant_id = ${tenant} order by seq desc limit 6`
  return rows.map(({ action }) => action).toReversed()
}
