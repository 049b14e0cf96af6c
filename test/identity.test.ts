import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { issueFirstRunLink, issueResetLink } from '#platform/user/link.ts'
import { createIdentity } from '#platform/user/identity.ts'
import { cookiesOf, contextOver, origin, password, signInAs, signUp, withServer, type Browser, type TestServer } from './server.ts'
import { buildServer } from '#api/server.ts'

type Answer = Readonly<{ status: number; body: Readonly<Record<string, unknown>>; cookie: string; text: string }>

async function call(app: FastifyInstance, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object, headers: Readonly<Record<string, string>> = { origin }): Promise<Answer> {
  const answer = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload === undefined ? {} : { payload }) })
  const isJson = /json/.test(String(answer.headers['content-type']))
  return { status: answer.statusCode, body: isJson ? answer.json() : {}, cookie: cookiesOf(answer.headers['set-cookie']), text: answer.body }
}

const codeOf = (answer: Answer): string => `${answer.status} ${String(answer.body['code'])}`

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

test('invitations: a new person, a known person, the wrong person, used, withdrawn, expired', async (t) => {
  const { app, database } = await withServer(t)
  const boss = await signUp({ app, database })
  const known = await signUp({ app, database })
  const stranger = await signUp({ app, database })
  const invite = async (email: string, role = 'scanner') => {
    const made = await call(app, 'POST', '/invitations', { email, role }, boss.headers)
    assert.equal(made.status, 201, made.text)
    return { token: new URL(String(made.body['link'])).hash.replace('#token=', ''), id: (made.body['invitation'] as unknown as { id: string }).id }
  }
  const fresh = await invite('New.Person@example.org')
  assert.deepEqual((await call(app, 'POST', '/identity/links/check', { token: fresh.token })).body, { purpose: 'invitation', email: 'new.person@example.org', organisation: await nameOf(database, boss.tenant), hasAccount: false })
  const joined = await call(app, 'POST', '/identity/join', { token: fresh.token, name: 'New', password })
  assert.equal(joined.status, 201)
  const session = (await call(app, 'GET', '/identity/session', undefined, { cookie: joined.cookie })).body as unknown as { organisation: { id: string; role: string }; scope: object }
  assert.deepEqual([session.organisation.id, session.organisation.role, session.scope], [boss.tenant, 'scanner', { groups: [], units: [] }])
  assert.equal(codeOf(await call(app, 'POST', '/identity/join', { token: fresh.token, name: 'New', password })), '404 link.invalid', 'once')
  assert.equal(codeOf(await call(app, 'POST', '/invitations', { email: 'new.person@example.org', role: 'reader' }, boss.headers)), '409 member.exists')

  const second = await invite(known.email, 'reader')
  assert.equal(codeOf(await call(app, 'POST', '/identity/join', { token: second.token, name: 'K', password })), '409 email.taken')
  assert.equal(codeOf(await call(app, 'POST', '/identity/join/signed-in', { token: second.token }, stranger.headers)), '403 link.other_person')
  assert.equal((await call(app, 'POST', '/identity/join/signed-in', { token: second.token }, known.headers)).body['organisation'], boss.tenant)
  assert.equal((await call(app, 'GET', '/organisation', undefined, known.headers)).body['id'], boss.tenant, 'and goes on there')
  assert.equal((await call(app, 'PUT', '/identity/session/organisation', { organisation: known.tenant }, known.headers)).status, 204)
  assert.equal((await call(app, 'GET', '/organisation', undefined, known.headers)).body['id'], known.tenant)
  assert.equal(codeOf(await call(app, 'PUT', '/identity/session/organisation', { organisation: stranger.tenant }, known.headers)), '404 not_found')

  const third = await invite('third@example.org')
  assert.equal((await call(app, 'DELETE', `/invitations/${third.id}`, undefined, boss.headers)).status, 204)
  assert.equal(codeOf(await call(app, 'POST', '/identity/links/check', { token: third.token })), '404 link.invalid')
  const fourth = await invite('fourth@example.org')
  await database.owner`update invitation set expires_at = now() - interval '1 second'`
  assert.equal(codeOf(await call(app, 'POST', '/identity/join', { token: fourth.token, name: 'F', password })), '404 link.invalid')
  const rows = await database.owner`select * from invitation`
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(fourth.token), 'the link itself is not kept')
})

test('roles: what each may give, the last manager, a reset that would reach another organisation', async (t) => {
  const { app, database } = await withServer(t)
  const boss = await signUp({ app, database })
  const admin = await signUp({ app, database }, 'user_administrator', boss.tenant)
  const reader = await signUp({ app, database }, 'reader', boss.tenant)
  const patch = (who: Browser, id: string, change: object) => call(app, 'PATCH', `/people/${id}`, change, who.headers)
  assert.equal(codeOf(await patch(admin, reader.user, { role: 'manager' })), '403 member.role_denied')
  assert.equal(codeOf(await patch(admin, boss.user, { role: 'reader' })), '403 member.role_denied')
  assert.equal(codeOf(await patch(reader, boss.user, { role: 'reader' })), '403 forbidden')
  assert.equal((await patch(admin, reader.user, { role: 'scanner' })).body['role'], 'scanner')
  assert.equal(codeOf(await patch(boss, boss.user, { role: 'reader' })), '409 member.last_manager')
  assert.equal(codeOf(await patch(boss, boss.user, { state: 'inactive' })), '409 member.last_manager')
  assert.equal(codeOf(await call(app, 'DELETE', `/people/${boss.user}`, undefined, boss.headers)), '409 member.last_manager')
  assert.equal(codeOf(await patch(boss, reader.user, {})), '400 invalid')
  assert.equal(codeOf(await patch(boss, reader.user, { role: 'unit_manager' })), '400 member.unit_needed')

  assert.equal((await patch(boss, reader.user, { state: 'inactive' })).status, 200)
  assert.equal(codeOf(await call(app, 'GET', '/organisation', undefined, reader.headers)), '403 session.no_organisation', 'from the next request on')
  assert.equal((await call(app, 'GET', '/identity/session', undefined, reader.headers)).body['organisation'], null)

  const link = await call(app, 'POST', `/people/${admin.user}/reset-link`, undefined, boss.headers)
  assert.equal(link.status, 201)
  assert.match(String(link.body['link']), /^http:\/\/localhost:8443\/welcome#token=[\w-]{43}$/)
  const visitor = await signUp({ app, database })
  await database.owner`insert into membership select ${boss.tenant}, user_id, 'reader', null, '{}', 'active', created_at from membership where user_id = ${visitor.user}`
  assert.equal(codeOf(await call(app, 'POST', `/people/${visitor.user}/reset-link`, undefined, boss.headers)), '409 member.not_only_here')
})

test('two managers who take each other down at once: one stays', async (t) => {
  const { app, database } = await withServer(t)
  const one = await signUp({ app, database })
  const two = await signUp({ app, database }, 'manager', one.tenant)
  const answers = await Promise.all([
    call(app, 'PATCH', `/people/${two.user}`, { role: 'reader' }, one.headers), call(app, 'PATCH', `/people/${one.user}`, { role: 'reader' }, two.headers),
  ])
  const left = await database.owner`select from membership where tenant_id = ${one.tenant} and role = 'manager'`
  assert.equal(left.length, 1, answers.map(codeOf).join())
})

test('business units, and what a unit manager reaches', async (t) => {
  const { app, database } = await withServer(t)
  const boss = await signUp({ app, database })
  const north = (await call(app, 'POST', '/units', { name: 'North' }, boss.headers)).body['id'] as string
  const south = (await call(app, 'POST', '/units', { name: 'South' }, boss.headers)).body['id'] as string
  assert.equal(codeOf(await call(app, 'POST', '/units', { name: 'North' }, boss.headers)), '409 unit.exists')
  const [head, inside, outside] = [await signUp({ app, database }, 'reader', boss.tenant), await signUp({ app, database }, 'reader', boss.tenant), await signUp({ app, database }, 'reader', boss.tenant)]
  await call(app, 'PATCH', `/people/${head.user}`, { role: 'unit_manager', unit: north }, boss.headers)
  await call(app, 'PATCH', `/people/${inside.user}`, { unit: north }, boss.headers)
  await call(app, 'PATCH', `/people/${outside.user}`, { unit: south }, boss.headers)
  const seen = (await call(app, 'GET', '/people', undefined, head.headers)).body['items'] as unknown as { id: string }[]
  assert.deepEqual(seen.map(({ id }) => id).sort(), [head.user, inside.user].sort())
  assert.equal(codeOf(await call(app, 'GET', `/people/${outside.user}`, undefined, head.headers)), '404 not_found')
  assert.equal(codeOf(await call(app, 'PATCH', `/people/${inside.user}`, { unit: south }, head.headers)), '403 member.role_denied')
  assert.equal((await call(app, 'PATCH', `/people/${inside.user}`, { role: 'scanner' }, head.headers)).status, 200)
  assert.equal(codeOf(await call(app, 'POST', '/invitations', { email: 'x@example.org', role: 'reader' }, head.headers)), '403 member.role_denied')
  assert.equal((await call(app, 'POST', '/invitations', { email: 'x@example.org', role: 'reader', unit: north }, head.headers)).status, 201)
  assert.equal(codeOf(await call(app, 'DELETE', `/units/${north}`, undefined, boss.headers)), '409 unit.in_use')
})

test('people are paged by name', async (t) => {
  const { app, database } = await withServer(t)
  const boss = await signUp({ app, database })
  for (let n = 0; n < 5; n++) await signUp({ app, database }, 'reader', boss.tenant)
  const names: string[] = []
  let next: string | null = null
  do {
    const page = (await call(app, 'GET', `/people?limit=2${next === null ? '' : `&after=${next}`}`, undefined, boss.headers)).body as unknown as { items: { name: string }[]; next: string | null }
    names.push(...page.items.map(({ name }) => name))
    next = page.next
  } while (next !== null)
  assert.equal(names.length, 6)
  assert.deepEqual(names, [...names].sort())
  const other = Buffer.from(JSON.stringify(['audit.newest', 5])).toString('base64url')
  for (const damaged of ['zzz', other, 'e30', Buffer.from('["people.name",{},1]').toString('base64url')]) {
    assert.equal(codeOf(await call(app, 'GET', `/people?after=${damaged}`, undefined, boss.headers)), '400 page.cursor', damaged)
  }
  assert.equal((await call(app, 'GET', '/people?limit=9999', undefined, boss.headers)).status, 400)
})

test('API tokens act as their maker, and no more', async (t) => {
  const { app, database } = await withServer(t)
  const boss = await signUp({ app, database })
  const scanner = await signUp({ app, database }, 'scanner', boss.tenant)
  const other = await signUp({ app, database })
  assert.equal(codeOf(await call(app, 'POST', '/tokens', { name: 'up', role: 'manager' }, scanner.headers)), '403 token.role_too_high')
  const make = async (browser: Browser, role: string, extra = {}) => (await call(app, 'POST', '/tokens', { name: role, role, ...extra }, browser.headers)).body as unknown as { id: string; token: string }
  const { id, token } = await make(boss, 'reader')
  assert.match(token, /^vigil_[\w-]{64}$/)
  const as = (text: string) => ({ authorization: `Bearer ${text}` })
  assert.equal((await call(app, 'GET', '/organisation', undefined, as(token))).body['id'], boss.tenant)
  assert.equal((await call(app, 'GET', '/identity/session', undefined, as(token))).body['scope'], null, 'the scope is its maker\'s')
  assert.equal(codeOf(await call(app, 'PATCH', '/organisation', { name: 'X' }, as(token))), '403 forbidden')
  assert.equal(codeOf(await call(app, 'POST', '/tokens', { name: 'more', role: 'reader' }, as(token))), '403 token.not_here')
  assert.equal(codeOf(await call(app, 'GET', '/identity/sessions', undefined, as(token))), '403 token.not_here')
  const listed = (await call(app, 'GET', '/tokens', undefined, boss.headers)).body['items'] as unknown as { hint: string; lastUsedAt: string | null; lastUsedFrom: string }[]
  assert.deepEqual([listed[0]!.hint, listed[0]!.lastUsedFrom, listed[0]!.lastUsedAt !== null], [token.slice(-4), '127.0.0.1', true])

  const moved = `vigil_${Buffer.concat([Buffer.from(other.tenant.replaceAll('-', ''), 'hex'), Buffer.from(token.slice(6), 'base64url').subarray(16)]).toString('base64url')}`
  for (const wrong of [moved, `${token.slice(0, -1)}${token.endsWith('_') ? '-' : '_'}`, 'vigil_', 'x', `${token}x`, `vigil_${'A'.repeat(64)}`]) assert.equal(codeOf(await call(app, 'GET', '/organisation', undefined, as(wrong))), '401 token.invalid', wrong)
  assert.equal((await call(app, 'GET', '/organisation', undefined, { authorization: 'Basic YTpi' })).status, 401)

  const expiring = await make(boss, 'reader', { expiresAt: new Date(Date.now() + 60_000).toISOString() })
  await database.owner`update api_token set expires_at = now() - interval '1 second' where id = ${expiring.id}`
  assert.equal(codeOf(await call(app, 'GET', '/organisation', undefined, as(expiring.token))), '401 token.invalid')
  assert.equal(codeOf(await call(app, 'POST', '/tokens', { name: 'old', role: 'reader', expiresAt: '2020-01-01T00:00:00Z' }, boss.headers)), '400 invalid')

  const theirs = await make(scanner, 'scanner')
  await call(app, 'PATCH', `/people/${scanner.user}`, { role: 'reader' }, boss.headers)
  assert.equal(codeOf(await call(app, 'GET', '/organisation', undefined, as(theirs.token))), '401 token.invalid', 'the maker may no longer do what it does')
  assert.equal(codeOf(await call(app, 'DELETE', `/tokens/${id}`, undefined, scanner.headers)), '404 not_found', 'another\'s')
  assert.equal((await call(app, 'DELETE', `/tokens/${theirs.id}`, undefined, boss.headers)).status, 204, 'a manager may')
  assert.equal((await call(app, 'DELETE', `/tokens/${id}`, undefined, boss.headers)).status, 204)
  assert.equal(codeOf(await call(app, 'GET', '/organisation', undefined, as(token))), '401 token.invalid')
  assert.doesNotMatch(JSON.stringify(await database.owner`select * from api_token`), /vigil_/)
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

async function nameOf({ owner }: TestServer['database'], tenant: string): Promise<string> {
  return (await owner<{ name: string }[]>`select name from tenant where id = ${tenant}`)[0]!.name
}
