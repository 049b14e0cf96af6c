import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { DraftDetail } from '#api/rest/kb/draft-schemas.ts'
import { importBundle } from '#knowledge/bundle/install.ts'
import { newKey, openKey, trustKey } from '#knowledge/bundle/key.ts'
import { packBundle } from '#knowledge/bundle/pack.ts'
import { readCurrent } from '#knowledge/folder.ts'
import { openRelease } from '#knowledge/open.ts'
import { placeMember } from '#platform/kb/draft-team.ts'
import { openKnowledgeHolder, type KnowledgeHolder } from '#platform/kb/holder.ts'
import { listReleases } from '#platform/kb/release-log.ts'
import { startReleases } from '../src/command/releases.ts'
import { findings, host, makeHost, scan } from './finding-world.ts'
import { ledgerCheck } from './ledger-check.ts'
import { signUp, withServer, type Browser, type TestServer } from './server.ts'

const content = fileURLToPath(new URL('../content', import.meta.url))
const check = 9000001

type World = Readonly<{ server: TestServer; holder: KnowledgeHolder; folder: string; author: Browser; reviewer: Browser }>

async function world(t: TestContext): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), 'vigil-canary-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'knowledge')
  mkdirSync(folder)
  const held: KnowledgeHolder[] = []
  const server = await withServer(t, async ({ store }, closing) => {
    held.push(await openKnowledgeHolder({ store, content, folder, graceMs: 0 }))
    closing(() => held[0]!.stop())
    return { knowledgeFolder: folder }
  })
  const [author, reviewer] = [await signUp(server), await signUp(server)]
  const everything = { author: true, reviewer: true, publisher: true }
  for (const { email } of [author, reviewer]) await server.database.store.platform((tx) => placeMember(tx, email, everything, new Date()))
  return { server, holder: held[0]!, folder, author, reviewer }
}

async function draftIn({ server, author, reviewer }: World, state: 'staged' | 'published'): Promise<DraftDetail> {
  const post = async (who: Browser, path: string, payload: object): Promise<DraftDetail> => {
    const answer = await server.app.inject({ method: 'POST', url: `/api/v1/kb/drafts${path}`, headers: who.headers, payload })
    assert.ok(answer.statusCode < 300, answer.body)
    return answer.json<DraftDetail>()
  }
  let draft = await post(author, '', { intent: 'add', text: ledgerCheck({ id: check }), changeLog: 'New: the ledger without a login is found.' })
  for (const [who, act] of [[author, 'submit'], [reviewer, 'approve'], [author, 'regress'], [author, 'stage']] as const) draft = await post(who, `/${draft.id}/${act}`, { revision: draft.revision })
  return state === 'staged' ? draft : post(author, `/${draft.id}/publish`, { revision: draft.revision })
}

/** Scans one host of the organisation that runs an open ledger; returns how many findings of the check there are. */
async function found({ server, holder }: World, tenant: string): Promise<number> {
  const { store } = server.database
  const asset = await makeHost(store, tenant, '127.0.0.1')
  const seen = host(asset)
  await scan(store, tenant, [[seen.up, seen.service(9999, { name: 'ledger', facts: { open: true } }), seen.covered('service@1', 'tcp:9999'), seen.done()]], {}, holder.of(tenant))
  return (await findings(store, tenant)).filter((one) => one.signature === check && one.status !== 'fixed').length
}

test('a staged check finds in the canary organisation and not in the other; published, it finds in both', async (t) => {
  const here = await world(t)
  const { server, holder, author, reviewer } = here
  const set = await server.app.inject({ method: 'PUT', url: '/api/v1/kb/canary', headers: author.headers, payload: { canary: true } })
  assert.equal(set.statusCode, 200)
  const draft = await draftIn(here, 'staged')
  await holder.refresh()
  assert.deepEqual([holder.lineOf(author.tenant), holder.lineOf(reviewer.tenant)], ['canary', 'general'])
  assert.deepEqual([await found(here, author.tenant), await found(here, reviewer.tenant)], [1, 0])
  // It is in no list of checks yet.
  const listed = await server.app.inject({ url: '/api/v1/kb?q=ledger', headers: reviewer.headers })
  assert.deepEqual(listed.json<{ items: unknown[] }>().items, [])
  // Nor by its number, but where it is tried.
  const page = async (as: Browser, path: string) => (await server.app.inject({ url: `/api/v1/kb/${check}${path}`, headers: as.headers })).statusCode
  assert.deepEqual([await page(reviewer, ''), await page(reviewer, '/edit'), await page(author, ''), await page(author, '/edit')], [404, 404, 200, 200])
  // Another organisation cannot be made a canary by who is not its manager.
  const reader = await signUp(server, 'reader', reviewer.tenant)
  assert.equal((await server.app.inject({ method: 'PUT', url: '/api/v1/kb/canary', headers: reader.headers, payload: { canary: true } })).statusCode, 403)
  const published = await server.app.inject({ method: 'POST', url: `/api/v1/kb/drafts/${draft.id}/publish`, headers: author.headers, payload: { revision: draft.revision } })
  assert.equal(published.statusCode, 200, published.body)
  await holder.refresh()
  assert.deepEqual([await found(here, author.tenant), await found(here, reviewer.tenant)], [1, 1])
})

test('what is reopened is tried no more, and leaving the canaries ends it too', async (t) => {
  const here = await world(t)
  const { server, holder, author } = here
  await server.app.inject({ method: 'PUT', url: '/api/v1/kb/canary', headers: author.headers, payload: { canary: true } })
  const draft = await draftIn(here, 'staged')
  await holder.refresh()
  assert.ok(holder.of(author.tenant).signatures.has(check))
  await server.app.inject({ method: 'PUT', url: '/api/v1/kb/canary', headers: author.headers, payload: { canary: false } })
  await holder.refresh()
  assert.ok(!holder.of(author.tenant).signatures.has(check))
  await server.app.inject({ method: 'PUT', url: '/api/v1/kb/canary', headers: author.headers, payload: { canary: true } })
  const reopened = await server.app.inject({ method: 'POST', url: `/api/v1/kb/drafts/${draft.id}/reopen`, headers: author.headers, payload: { revision: draft.revision } })
  assert.equal(reopened.statusCode, 200)
  await holder.refresh()
  assert.ok(!holder.of(author.tenant).signatures.has(check))
})

test('what was published comes out in the next numbered release with its entry in the log, and reaches others by a bundle', async (t) => {
  const here = await world(t)
  const { server, holder, folder } = here
  const { store } = server.database
  const errors: unknown[] = []
  const releases = startReleases({ store, folder, knowledge: holder, onError: (error) => void errors.push(error) })
  t.after(() => releases.stop())
  await releases.look()
  assert.equal(readCurrent(folder)?.number, 1, 'a new installation has a release of the shipped checks alone')
  await releases.look()
  assert.equal(readCurrent(folder)?.number, 1, 'nothing was published: there is nothing to build')
  const draft = await draftIn(here, 'published')
  await releases.look()
  assert.deepEqual(errors, [])
  const current = readCurrent(folder)!
  assert.equal(current.number, 2)
  const base = openRelease(folder, current)
  t.after(() => base.close())
  const known = (await base.check(check))!
  assert.deepEqual(known.changes.map(({ release, kind, text: said, source }) => [release, kind, said, source]), [[2, 'added', 'New: the ledger without a login is found.', 'vigil']])
  const detail = (await server.app.inject({ url: `/api/v1/kb/drafts/${draft.id}`, headers: here.author.headers })).json<DraftDetail>()
  assert.equal(detail.release, 2)
  const list = await listReleases(store, folder, base, 10)
  assert.deepEqual([list.waiting, list.items[0]?.number, list.items[0]?.notes.map((note) => note.check)], [0, 2, [check]])
  // Nothing more to do: no release after it.
  await releases.look()
  assert.equal(readCurrent(folder)!.number, 2)

  const other = join(folder, '..', 'other')
  trustKey(other, newKey(folder, 'secret', 'here'), 'them')
  const { file, ...facts } = current
  const out = join(folder, '..', 'release.vkb')
  await packBundle({ file: join(folder, file), facts, key: openKey(folder, 'secret'), made: new Date(), out })
  const taken = (await importBundle(out, { folder: other })).current
  assert.ok(readFileSync(join(other, taken.file)).equals(readFileSync(join(folder, file))))
  const elsewhere = openRelease(other, taken)
  t.after(() => elsewhere.close())
  assert.equal((await elsewhere.signatures()).find((one) => one.id === check)?.title, 'Ledger answers without a login')
})
