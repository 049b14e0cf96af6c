import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, codeOf } from './call.ts'
import { password, signUp, withServer, type Browser, type TestServer } from './server.ts'

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

async function nameOf({ owner }: TestServer['database'], tenant: string): Promise<string> {
  return (await owner<{ name: string }[]>`select name from tenant where id = ${tenant}`)[0]!.name
}
