import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import type { ApiConfig } from '#api/context.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import { publish, readCurrent } from '#knowledge/folder.ts'
import { openRelease } from '#knowledge/open.ts'
import { newId } from '#store/id.ts'
import { origin, signUp, withServer } from './server.ts'

const schema = readFileSync(new URL('../src/knowledge/schema.sql', import.meta.url), 'utf8')
export const now = Date.parse('2026-11-26T12:00:00Z')
/** What a source may say: markup, control characters, half of an emoji, an end of CDATA. */
export const hostile = '<script>alert(1)</script> & "x" \u0007\u202e \ud83d ]]> \ufffe'

type Change = readonly [release: number, at: string, subject: string, kind: string, text: string]
const changes: readonly Change[] = [
  [1, '2026-11-02T08:00:00Z', 'cve', 'added', 'The source is new.'],
  [2, '2026-11-10T08:00:00Z', 'CVE-2026-1000', 'added', 'A hole'],
  [3, '2026-11-17T08:00:00Z', '340001', 'added', 'New check: Something'],
  [4, '2026-11-18T08:00:00Z', 'CVE-2026-1000', 'exploited', 'Known to be exploited since 2026-11-18.'],
  [4, '2026-11-18T08:00:00Z', 'CVE-2026-1001', 'score', 'CVSS 5 → 9.8.'],
  [5, '2026-11-24T08:00:00Z', 'CVE-2026-1001', 'withdrawn', 'Withdrawn by who assigned it.'],
  [5, '2026-11-24T08:00:00Z', '340001', 'changed', 'Changed to version 2: Something'],
]

/** Releases 4 and 5 in a folder, the way the builder leaves them. */
export function releases(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-updates-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  let before: string | null = null
  for (const number of [4, 5]) {
    const path = join(folder, 'building-test')
    if (before !== null) copyFileSync(before, path)
    const db = new DatabaseSync(path)
    if (before === null) {
      db.exec(schema)
      db.exec(`insert into source (id, name, feed, imported_at, input, records, statements, ranges, unused, content) values (1, 'vigil', '', '2026-11-01', '', 0, 0, 0, 0, '')`)
      const vulnerability = db.prepare(`insert into vulnerability (id, name, title, severity, ransomware, detection, cwe, products, sources, risk, changed_in, exploited_since) values (?, ?, ?, 5, 0, 4, '', '', 1, ?, 1, ?)`)
      vulnerability.run(cveNumber('CVE-2026-1000')!, 'CVE-2026-1000', hostile, 900, '2026-11-18')
      vulnerability.run(cveNumber('CVE-2026-1001')!, 'CVE-2026-1001', 'Another hole', 500, null)
      db.prepare(`insert into "check" (id, key, kind, source, version, title, category, severity, type, runnable, body) values (340001, 'signature:340001', 'signature', 1, 2, 'Something', 'Network services', 4, 'confirmed', 1, '{}')`).run()
    }
    const log = db.prepare('insert into change (release, at, subject, kind, text, source) values (?, ?, ?, ?, ?, 1)')
    for (const change of changes) if (before === null ? change[0] <= number : change[0] === number) log.run(...change)
    const facts = { number, name: `2026.11.24-${number}`, root: String(number).repeat(64), at: `2026-11-2${number - 1}T08:00:00.000Z`, counts: { vulnerabilities: 2, checks: 1, ranges: 0, statements: 0, fingerprints: 0 } }
    for (const [name, value] of Object.entries(facts)) db.prepare('insert or replace into fact (name, value) values (?, ?)').run(name, JSON.stringify(value))
    db.close()
    before = join(folder, publish(folder, path, facts).file)
  }
  return folder
}

export async function updatesWorld(t: TestContext, config: Partial<ApiConfig> = {}) {
  const folder = releases(t)
  const base = openRelease(folder, readCurrent(folder)!)
  t.after(() => base.close())
  const server = await withServer(t, { knowledge: () => base, knowledgeFolder: folder, now: () => now, config: { version: 'test', origin, console: null, rate: 0, ...config } })
  const reader = await signUp(server, 'reader')
  const get = async (path: string) => {
    const answer = await server.app.inject({ url: `/api/v1/kb${path}`, headers: reader.headers })
    assert.equal(answer.statusCode, 200, answer.body)
    return answer
  }
  const note = async (check: number, kind: string, text: string, at: string): Promise<string> => {
    const id = newId()
    await server.database.owner`
      insert into kb_release_note (id, draft_id, signature_id, title, kind, severity, text, at) values (${id}, ${newId()}, ${check}, 'Ledger open', ${kind}, 4, ${text}, ${at})`
    return id
  }
  return { folder, base, server, reader, get, note }
}
