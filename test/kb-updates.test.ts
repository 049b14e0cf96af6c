import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SaxesParser } from 'saxes'
import type { ReleaseDetail, Releases } from '#api/rest/kb/release-schemas.ts'
import type { Updates, WeekDigest } from '#api/rest/kb/update-schemas.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import { digestText } from '#platform/kb/digest-text.ts'
import { readWeek } from '#platform/kb/digest.ts'
import { noteRelease, recordReleases, waitingNotes } from '#platform/kb/release-log.ts'
import { signUp } from './server.ts'
import { updatesWorld } from './updates-world.ts'

test('updates are counted by week from the change log, with what waits for a release file', async (t) => {
  const { get, note } = await updatesWorld(t)
  await note(9000001, 'added', 'New: the ledger without a login is found.', '2026-11-25T10:00:00Z')
  const { weeks, updatesAWeek } = (await get('/updates?weeks=4')).json<Updates>()
  assert.deepEqual(weeks.map(({ week, from, to }) => [week, from, to]), [
    ['2026-W48', '2026-11-23', '2026-11-29'], ['2026-W47', '2026-11-16', '2026-11-22'], ['2026-W46', '2026-11-09', '2026-11-15'], ['2026-W45', '2026-11-02', '2026-11-08'],
  ])
  const nothing = { updates: 0, checksAdded: 0, checksChanged: 0, checksWithdrawn: 0, vulnerabilitiesAdded: 0, vulnerabilitiesChanged: 0, vulnerabilitiesWithdrawn: 0, newlyExploited: 0 }
  assert.deepEqual(weeks.map(({ counts }) => counts), [
    { ...nothing, updates: 2, checksAdded: 1, checksChanged: 1, vulnerabilitiesWithdrawn: 1 }, { ...nothing, updates: 2, checksAdded: 1, newlyExploited: 1, vulnerabilitiesChanged: 1 },
    { ...nothing, updates: 1, vulnerabilitiesAdded: 1 }, nothing,
  ])
  // Two and one; the week before the first update is no week without updates.
  assert.equal(updatesAWeek, 1.5)
})

test('a week is told with titles, and our own checks in the words of those who published them', async (t) => {
  const { get, note, server } = await updatesWorld(t)
  const id = await note(340001, 'changed', 'It spares the port that answers for another.', '2026-11-24T07:00:00Z')
  await note(9000001, 'added', 'New: the ledger without a login is found.', '2026-11-25T10:00:00Z')
  await server.database.store.platform((tx) => noteRelease(tx, [id], 5))
  assert.equal((await server.database.store.platform(waitingNotes)).length, 1)
  const week = (await get('/updates/2026-W48')).json<WeekDigest>()
  assert.deepEqual(week.added.map(({ subject, text, release }) => [subject, text, release]), [['9000001', 'New: the ledger without a login is found.', 0]])
  assert.deepEqual(week.changed.map(({ check, title, text, severity }) => [check, title, text, severity]), [[340001, 'Something', 'It spares the port that answers for another.', 4]])
  const before = (await get('/updates/2026-W47')).json<WeekDigest>()
  assert.deepEqual([before.exploited.map(({ subject, check }) => [subject, check]), before.notable], [[['CVE-2026-1000', cveNumber('CVE-2026-1000')]], []])
  for (const wrong of ['2025-W53', '2026-W60']) assert.equal((await server.app.inject({ url: `/api/v1/kb/updates/${wrong}`, headers: (await signUp(server)).headers })).statusCode, 404)
})

type Element = { name: string; text: string; children: Element[]; attributes: Record<string, string> }

/** Parses strictly; anything that is not well-formed throws. */
function parseXml(text: string): Element {
  const root: Element = { name: '', text: '', children: [], attributes: {} }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, text: '', children: [], attributes: attributes as Record<string, string> }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (part) => void (open.at(-1)!.text += part))
  parser.write(text).close()
  return root.children[0]!
}

test('the RSS is well-formed, has what RSS 2.0 demands, and no markup of a source gets through', async (t) => {
  const { get } = await updatesWorld(t)
  const answer = await get('/updates.rss')
  assert.match(String(answer.headers['content-type']), /^application\/rss\+xml; charset=utf-8$/)
  const rss = parseXml(answer.body)
  assert.deepEqual([rss.name, rss.attributes['version']], ['rss', '2.0'])
  const [channel] = rss.children
  const one = (of: Element, name: string): string => {
    const found = of.children.filter((child) => child.name === name)
    assert.equal(found.length, 1, name)
    return found[0]!.text
  }
  for (const name of ['title', 'link', 'description']) assert.ok(one(channel!, name).length > 0)
  const items = channel!.children.filter(({ name }) => name === 'item')
  assert.deepEqual(items.map((item) => one(item, 'link')), ['2026-W48', '2026-W47', '2026-W46'].map((week) => `http://localhost:8443/kb/updates?week=${week}`))
  assert.equal(new Set(items.map((item) => one(item, 'guid'))).size, 3)
  for (const item of items) {
    assert.match(one(item, 'pubDate'), /^Sun, \d\d Nov 2026 23:59:59 GMT$/)
    const html = one(item, 'description')
    // The description is HTML in turn, and must be whole too.
    parseXml(`<div>${html}</div>`)
    assert.ok(!html.includes('<script'))
  }
  assert.ok(one(items[1]!, 'description').includes('&lt;script&gt;alert(1)'))
})

test('the JSON Feed has what JSON Feed 1.1 demands', async (t) => {
  const { get } = await updatesWorld(t)
  const answer = await get('/updates.json')
  assert.match(String(answer.headers['content-type']), /^application\/feed\+json/)
  const feed = JSON.parse(answer.body) as { version: string; title: string; items: { id: string; url: string; title: string; content_html: string; date_published: string }[] }
  assert.equal(feed.version, 'https://jsonfeed.org/version/1.1')
  assert.ok(feed.title.length > 0)
  assert.equal(feed.items.length, 3)
  for (const { id, content_html: html, date_published: date } of feed.items) {
    assert.ok(id.length > 0 && html.length > 0 && !Number.isNaN(Date.parse(date)))
    assert.ok(!html.includes('<script'))
  }
})

test('the digest as plain text has no control characters and says how much was left out', async (t) => {
  const { server, base } = await updatesWorld(t)
  const week = (await readWeek(server.database.store, base, '2026-W47'))!
  const text = digestText({ ...week, added: Array.from({ length: 40 }, () => week.added[0]!) }, null)
  assert.match(text, /^Vigil KnowledgeBase, 2026-11-16 to 2026-11-22\n\n2 updates: 1 new check, 1 newly known to be exploited\.\n/)
  // oxlint-disable-next-line no-control-regex
  assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text))
  assert.match(text, /New checks \(40\)[\s\S]+… and 15 more/)
})

test('releases are listed with what they changed, also when their files are gone', async (t) => {
  const { get, base, folder, server, note } = await updatesWorld(t)
  const { store } = server.database
  await recordReleases(store, folder, base)
  const id = await note(340001, 'changed', 'It spares the port that answers for another.', '2026-11-24T07:00:00Z')
  await note(9000001, 'added', 'New: the ledger without a login is found.', '2026-11-25T10:00:00Z')
  await store.platform((tx) => noteRelease(tx, [id], 5))
  rmSync(join(folder, 'release-4.sqlite'))
  await recordReleases(store, folder, base)
  const { items, waiting } = (await get('/releases')).json<Releases>()
  assert.equal(waiting, 1)
  assert.deepEqual(items.map(({ number, inForce, kept, notes }) => [number, inForce, kept, notes.map(({ check }) => check)]), [[5, true, true, [340001]], [4, false, false, []]])
  assert.deepEqual(items[1]!.changed, [{ kind: 'exploited', count: 1 }, { kind: 'score', count: 1 }])
  const one = (await get('/releases/5')).json<ReleaseDetail>()
  assert.deepEqual(one.changes.map(({ subject, kind }) => [subject, kind]), [['CVE-2026-1001', 'withdrawn'], ['340001', 'changed']])
  assert.equal(one.counts.vulnerabilities, 2)
})
