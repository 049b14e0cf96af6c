import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DraftDetail, DraftPage } from '#api/rest/kb/draft-schemas.ts'
import { overlay, publishedSignatures, stagedSignatures } from '#platform/kb/draft-source.ts'
import { addFirstMember, dropMember, placeMember } from '#platform/kb/draft-team.ts'
import { shippedText } from '#platform/kb/draft-text.ts'
import { storeKnowledge } from './finding-world.ts'
import { ledgerCheck } from './ledger-check.ts'
import { signUp, withServer, type Browser, type TestServer } from './server.ts'

type Team = Readonly<{ author: Browser; reviewer: Browser; publisher: Browser; outsider: Browser }>

async function team(server: TestServer): Promise<Team> {
  const { store } = server.database
  const [author, reviewer, publisher, outsider] = [await signUp(server), await signUp(server), await signUp(server), await signUp(server)]
  await store.platform(async (tx) => {
    await placeMember(tx, author.email, { author: true, reviewer: true, publisher: false }, new Date())
    await placeMember(tx, reviewer.email, { author: true, reviewer: true, publisher: false }, new Date())
    await placeMember(tx, publisher.email, { author: false, reviewer: false, publisher: true }, new Date())
  })
  return { author, reviewer, publisher, outsider }
}

type Answer<T> = Readonly<{ status: number; body: T; code: string }>

async function call<T = DraftDetail>({ app }: TestServer, who: Browser, method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, payload?: object): Promise<Answer<T>> {
  const answer = await app.inject({ method, url: `/api/v1/kb${path}`, headers: who.headers, ...(payload === undefined ? {} : { payload }) })
  const body = answer.json<T & { code?: string }>()
  return { status: answer.statusCode, body, code: body.code ?? '' }
}

/** Takes the step and returns the draft as it is then. */
async function step(server: TestServer, who: Browser, draft: DraftDetail, act: string, more: object = {}): Promise<DraftDetail> {
  const { status, body } = await call(server, who, 'POST', `/drafts/${draft.id}/${act}`, { revision: draft.revision, ...more })
  assert.equal(status, 200, `${act}: ${JSON.stringify(body)}`)
  return body
}

async function refused(server: TestServer, who: Browser, draft: DraftDetail, act: string, code: string, more: object = {}): Promise<void> {
  const answer = await call(server, who, 'POST', `/drafts/${draft.id}/${act}`, { revision: draft.revision, ...more })
  assert.equal(answer.code, code, `${act}: ${JSON.stringify(answer.body)}`)
}

async function begin(server: TestServer, who: Browser, draft: object = {}): Promise<DraftDetail> {
  const { status, body } = await call(server, who, 'POST', '/drafts', { intent: 'add', text: ledgerCheck(), changeLog: 'New: the ledger without a login is found.', ...draft })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

test('a draft goes from its author over a second person, the fixtures and the canaries to everybody, and each step is told', async (t) => {
  const server = await withServer(t)
  const { store } = server.database
  const { author, reviewer, publisher } = await team(server)
  let draft = await begin(server, author)
  assert.deepEqual([draft.state, draft.check, draft.title, draft.problems, draft.may], ['draft', 9000001, 'Ledger answers without a login', [], ['change', 'submit', 'regress', 'abandon']])
  draft = await step(server, author, draft, 'submit')
  assert.ok(!draft.may.includes('approve'))
  await refused(server, author, draft, 'approve', 'draft.own')
  await refused(server, publisher, draft, 'approve', 'draft.team')
  draft = await step(server, reviewer, draft, 'approve')
  await refused(server, publisher, draft, 'stage', 'draft.state')
  await refused(server, publisher, draft, 'publish', 'draft.state')
  draft = await step(server, author, draft, 'regress')
  assert.equal(draft.state, 'tested')
  assert.ok(draft.regression!.passed && draft.regression!.fixtures > 500, `${draft.regression!.fixtures} fixtures`)
  assert.deepEqual(draft.regression!.rows.map(({ fixture, got, text }) => [fixture, got, text]), [['fires[0]', 'fires', 'ledger answered, entries: 3'], ['spares[0]', 'silent', '']])
  await refused(server, author, draft, 'stage', 'draft.team')
  draft = await step(server, publisher, draft, 'stage')
  assert.deepEqual((await stagedSignatures(store)).signatures.map(({ id }) => id), [9000001])
  // Taken back, changed and brought there again under its number, which is nobody else's any more.
  draft = await step(server, publisher, draft, 'reopen')
  await refused(server, reviewer, await begin(server, reviewer), 'submit', 'draft.problems')
  draft = (await call(server, author, 'PATCH', `/drafts/${draft.id}`, { revision: draft.revision, text: ledgerCheck().replace('Its entries leak.', 'Its entries leak to all.') })).body
  for (const [who, act] of [[author, 'submit'], [reviewer, 'approve'], [author, 'regress'], [publisher, 'stage']] as const) draft = await step(server, who, draft, act)
  assert.deepEqual((await publishedSignatures(store)).signatures, [])
  draft = await step(server, publisher, draft, 'publish')
  assert.equal(draft.state, 'published')
  assert.deepEqual((await publishedSignatures(store)).signatures.map(({ id, score }) => [id, score]), [[9000001, 9.8]])
  assert.deepEqual((await stagedSignatures(store)).signatures, [])
  assert.deepEqual(draft.history.map(({ act, who }) => `${act} ${who.id === author.user ? 'author' : who.id === reviewer.user ? 'reviewer' : 'publisher'}`), [
    'created author', 'submitted author', 'approved reviewer', 'regressed author', 'staged publisher', 'reopened publisher', 'changed author', 'submitted author', 'approved reviewer',
    'regressed author', 'staged publisher', 'published publisher',
  ])
  for (const act of ['submit', 'approve', 'stage', 'publish', 'reopen', 'abandon']) await refused(server, act === 'approve' ? reviewer : act === 'submit' ? author : publisher, draft, act, 'draft.state')
  const acts = (await server.app.inject({ url: '/api/v1/audit?action=kb', headers: publisher.headers })).json<{ items: { action: string }[] }>().items.map(({ action }) => action)
  assert.deepEqual(acts, ['kb.draft_published', 'kb.draft_staged', 'kb.draft_reopened', 'kb.draft_staged', 'kb.member_placed'])
  // Now it is a check as any other.
  const check = (await call<{ title: string; retired: boolean }>(server, author, 'GET', '/9000001')).body
  assert.deepEqual([check.title, check.retired], ['Ledger answers without a login', false])
})

test('nobody approves what they wrote a line of, and a change makes all of it be read and tried anew', async (t) => {
  const server = await withServer(t)
  const { author, reviewer } = await team(server)
  const first = await begin(server, author)
  const { body: changed } = await call(server, reviewer, 'PATCH', `/drafts/${first.id}`, { revision: 1, text: ledgerCheck({ spares: '{ name: ledger, facts: { open: false, entries: 9 } }' }) })
  assert.deepEqual([changed.revision, changed.writers.length], [2, 2])
  const stale = await call(server, author, 'PATCH', `/drafts/${first.id}`, { revision: 1, text: ledgerCheck() })
  assert.equal(stale.code, 'draft.revision')
  let draft = await step(server, author, changed, 'submit')
  await refused(server, reviewer, draft, 'approve', 'draft.own')
  const third = await signUp(server)
  await server.database.store.platform((tx) => placeMember(tx, third.email, { author: false, reviewer: true, publisher: false }, new Date()))
  assert.equal((await call(server, third, 'POST', `/drafts/${draft.id}/approve`, { revision: 1 })).code, 'draft.revision')
  draft = await step(server, third, draft, 'approve')
  draft = await step(server, author, draft, 'regress')
  assert.equal(draft.state, 'tested')
  assert.equal((await call(server, author, 'PATCH', `/drafts/${draft.id}`, { revision: draft.revision, text: ledgerCheck() })).code, 'draft.state')
  draft = await step(server, author, draft, 'reopen')
  assert.deepEqual([draft.state, draft.reviewer], ['draft', null])
  draft = (await call(server, author, 'PATCH', `/drafts/${draft.id}`, { revision: draft.revision, text: ledgerCheck() })).body
  assert.deepEqual([draft.passed, draft.regression], [null, null])
  draft = await step(server, author, draft, 'submit')
  draft = await step(server, third, draft, 'reject', { comment: 'Says too little of the impact.' })
  assert.deepEqual([draft.state, draft.history.at(-1)!.comment], ['draft', 'Says too little of the impact.'])
  draft = await step(server, author, draft, 'abandon')
  assert.deepEqual(draft.may, [])
})

test('the database itself refuses an approval by a writer, and a stage that was not tried', async (t) => {
  const server = await withServer(t)
  const { author } = await team(server)
  const draft = await begin(server, author)
  const { owner } = server.database
  await assert.rejects(owner`update kb_draft set state = 'approved', reviewer_id = ${author.user} where id = ${draft.id}`, /kb_draft_check/)
  await assert.rejects(owner`update kb_draft set state = 'staged', reviewer_id = gen_random_uuid() where id = ${draft.id}`, /kb_draft_check/)
})

test('the regression catches a draft that fires where others are spared, is silent where it should fire, or shows a hole', async (t) => {
  const server = await withServer(t)
  const { author, reviewer } = await team(server)
  const tried = async (text: string): Promise<DraftDetail> => {
    const draft = await begin(server, author, { text })
    return step(server, author, draft, 'regress')
  }
  const wide = await tried(ledgerCheck({ when: '{ any: [{ field: name, is: ledger }, { field: name, is: redis }] }', spares: '{ name: other }' }))
  assert.equal(wide.passed, false)
  const wrong = wide.regression!.rows.filter((row) => !row.passed)
  assert.ok(wrong.length > 3 && wrong.every((row) => row.file !== null && row.expected === 'silent' && row.got === 'fires'))
  assert.ok(wrong.some((row) => row.fixture.includes('spares')))
  const silent = await tried(ledgerCheck({ fires: '{ name: ledger, facts: { open: false } }', spares: '{ name: ledger, facts: { open: true, entries: 1 } }' }))
  assert.deepEqual(silent.regression!.rows.map(({ fixture, passed }) => [fixture, passed]), [['fires[0]', false], ['spares[0]', false]])
  const hole = await tried(ledgerCheck({ fires: '{ name: ledger, facts: { open: true } }' }))
  assert.equal(hole.regression!.rows[0]!.passed, false)
  // Failed after the approval: it stays approved, and cannot be staged.
  let draft = await step(server, author, hole, 'submit')
  draft = await step(server, reviewer, draft, 'approve')
  draft = await step(server, author, draft, 'regress')
  assert.deepEqual([draft.state, draft.passed], ['approved', false])
})

test('a change of a shipped check is tried on what the check spared before, and comes out as its next version', async (t) => {
  const server = await withServer(t)
  const { store } = server.database
  const { author, reviewer, publisher } = await team(server)
  const text = (await shippedText(151009))!
  assert.match(text, /^- id: 151009\n/)
  let draft = await begin(server, author, { intent: 'change', check: 151009, text: undefined })
  assert.deepEqual([draft.text, draft.before, draft.problems.map(({ field }) => field)], [text, text, ['version']])
  await refused(server, author, draft, 'submit', 'draft.problems')
  const next = text.replace('id: 151009\n', 'id: 151009\n  version: 2\n')
  const wide = next.replace('{ field: status, is: 200 }', '{ field: status, exists: true }').replace(/- \{ field: body, matches: .*\}\n/, '- { field: status, exists: true }\n').replace(/spares:\n.*\n.*\n/, 'spares:\n    - { status: 500 }\n')
  draft = (await call(server, author, 'PATCH', `/drafts/${draft.id}`, { revision: 1, text: wide })).body
  draft = await step(server, author, draft, 'regress')
  assert.ok(draft.regression!.rows.some((row) => !row.passed && row.check === 151009 && row.text.includes('what it spared before')), JSON.stringify(draft.regression))
  draft = (await call(server, author, 'PATCH', `/drafts/${draft.id}`, { revision: draft.revision, text: next })).body
  for (const [who, act] of [[author, 'submit'], [reviewer, 'approve'], [author, 'regress'], [publisher, 'stage'], [publisher, 'publish']] as const) draft = await step(server, who, draft, act)
  const own = await publishedSignatures(store)
  const shipped = { ...own.signatures[0]!, version: 1 }
  assert.deepEqual(overlay([shipped], own).map(({ version }) => version), [2])
  assert.deepEqual(overlay([{ ...shipped, version: 3 }], own).map(({ version }) => version), [3])
  // And then it is withdrawn.
  draft = await begin(server, author, { intent: 'withdraw', check: 151009, text: undefined, changeLog: 'Withdrawn: it found what was in order.' })
  for (const [who, act] of [[author, 'submit'], [reviewer, 'approve'], [author, 'regress'], [publisher, 'stage']] as const) draft = await step(server, who, draft, act)
  await refused(server, publisher, draft, 'publish', 'draft.change_log', { changeLog: 'short' })
  draft = await step(server, publisher, draft, 'publish')
  assert.deepEqual(overlay([shipped], await publishedSignatures(store)), [])
  const again = await call(server, author, 'POST', '/drafts', { intent: 'change', check: 151009 })
  assert.equal(again.code, 'draft.unknown_check')
})

test('what is wrong with a draft is told by field, and nothing is submitted with faults, a taken number or no entry in the change log', async (t) => {
  const server = await withServer(t)
  await storeKnowledge(server.database.store)
  const { author, reviewer } = await team(server)
  const faulty = await begin(server, author, { text: '- id: 9000002\n  title: Half\n' })
  assert.deepEqual([faulty.check, faulty.title], [9000002, 'Half'])
  assert.ok(faulty.problems.some(({ field }) => field === 'severity'))
  await refused(server, author, faulty, 'submit', 'draft.problems')
  await refused(server, author, faulty, 'regress', 'draft.problems')
  for (const text of ['', 'no: list', '[', ledgerCheck() + ledgerCheck({ id: 9000003 }), `- &a [x, x]\n- [${'*a, '.repeat(50)}]\n`]) {
    const draft = await begin(server, author, { text })
    assert.ok(draft.problems.length > 0, text.slice(0, 40))
  }
  const bomb = ['- &a0 [x, x, x, x, x, x, x, x]', ...Array.from({ length: 30 }, (_, n) => `- &a${n + 1} [${`*a${n}, `.repeat(8)}]`)].join('\n')
  assert.match((await begin(server, author, { text: bomb })).problems[0]!.text, /aliases/)
  await refused(server, author, await begin(server, author, { text: ledgerCheck({ id: 1 }) }), 'submit', 'draft.problems')
  const ofVigil = await begin(server, author, { text: ledgerCheck({ id: 8999999 }) })
  assert.deepEqual(ofVigil.problems.map(({ field }) => field), ['id'])
  assert.match(ofVigil.problems[0]!.text, /9000000 or more/)
  await refused(server, author, ofVigil, 'submit', 'draft.problems')
  await refused(server, author, await begin(server, author, { changeLog: 'short' }), 'submit', 'draft.change_log')
  await step(server, author, await begin(server, author), 'submit')
  await refused(server, reviewer, await begin(server, reviewer), 'submit', 'draft.under_way')
})

test('who is not of the team sees no draft, and a token is good for no more than it was made for', async (t) => {
  const server = await withServer(t)
  const { store } = server.database
  const { author, reviewer, outsider } = await team(server)
  const draft = await begin(server, author)
  assert.deepEqual((await call<DraftPage>(server, outsider, 'GET', '/drafts')).body, { items: [], next: null, me: { author: false, reviewer: false, publisher: false } })
  assert.deepEqual([(await call(server, outsider, 'GET', `/drafts/${draft.id}`)).status, (await call(server, outsider, 'POST', `/drafts/${draft.id}/approve`, { revision: 1 })).status], [404, 404])
  assert.equal((await call(server, outsider, 'POST', '/drafts', { intent: 'add' })).code, 'draft.team')
  const token = (await server.app.inject({ method: 'POST', url: '/api/v1/tokens', headers: author.headers, payload: { name: 'reader', role: 'reader' } })).json<{ token: string }>().token
  const answer = await server.app.inject({ method: 'POST', url: '/api/v1/kb/drafts', headers: { authorization: `Bearer ${token}` }, payload: { intent: 'add' } })
  assert.equal(answer.json<{ code: string }>().code, 'draft.token')
  await store.platform((tx) => dropMember(tx, reviewer.email, new Date()))
  assert.equal((await call(server, reviewer, 'GET', `/drafts/${draft.id}`)).status, 404)
  // A team that exists is not joined by coming first.
  await store.platform((tx) => addFirstMember(tx, outsider.user, new Date()))
  assert.equal((await call(server, outsider, 'GET', `/drafts/${draft.id}`)).status, 404)
  const found = (await call<DraftPage>(server, author, 'GET', '/drafts?q=ledg&state=draft')).body
  assert.deepEqual([found.items.length, found.me], [1, { author: true, reviewer: true, publisher: false }])
})

test('a regression that does not end is ended, and is a failure of the draft', async () => {
  const { runRegression } = await import('#platform/kb/regression.ts')
  const { shipped } = await import('#platform/kb/draft-text.ts')
  const ask = { text: ledgerCheck(), check: 9000001, content: shipped, published: [] }
  const late = await runRegression(ask, { milliseconds: 1, megabytes: 512 })
  assert.deepEqual([late.passed, /took more than/.test(late.rows[0]!.text)], [false, true])
  const large = await runRegression(ask, { milliseconds: 60_000, megabytes: 8 })
  assert.equal(large.passed, false)
})
