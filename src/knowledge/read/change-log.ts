import type { DatabaseSync } from 'node:sqlite'
import type { Change, ChangeCount, News } from '../knowledge-base.ts'
import { sourceNames } from './rows.ts'

/** Subjects of the log are names of vulnerabilities, numbers of checks, and names of sources. */
const ofCheck = `(subject not glob '*[^0-9]*')`
const ofVulnerability = `(subject glob '*[^0-9]*' and subject glob '*-*' and subject glob '[A-Z]*')`

/** How many changes each release brought, by kind. Newest first, of those since a time. */
export function changeCounts(db: DatabaseSync, since: string): readonly ChangeCount[] {
  const rows = db.prepare(`
    select release, min(at) as at, kind, case when ${ofCheck} then 'check' when ${ofVulnerability} then 'vulnerability' else 'source' end as about, count(*) as count
    from change where at >= ? group by release, kind, about order by release desc, kind`).all(since)
  return rows as unknown as ChangeCount[]
}

export function changesIn(db: DatabaseSync, release: number, most: number): readonly Change[] {
  const at = db.prepare('select min(at) as since, max(at) as until from change where release = ?').get(release) as { since: string | null; until: string | null }
  if (at.since === null) return []
  const names = sourceNames(db)
  const rows = db.prepare('select release, at, subject, kind, text, source from change where release = ? order by id limit ?').all(release, most) as unknown as readonly (Omit<Change, 'source'> & { source: number | null })[]
  return rows.map((row) => ({ ...row, source: row.source === null ? null : (names.get(row.source) ?? null) }))
}

const most = 200

/** What a reader of the weekly digest wants to see of a time: `from` is in it, `to` is not. */
export function newsBetween(db: DatabaseSync, from: string, to: string): News {
  const names = sourceNames(db)
  const list = (sql: string, ...args: readonly (string | number)[]): News['added'] =>
    (db.prepare(sql).all(...args) as unknown as readonly (Omit<News['added'][number], 'source'> & { source: number | null })[]).map((row) => ({ ...row, source: row.source === null ? null : (names.get(row.source) ?? null) }))
  const checks = (kind: string) => list(`
    select c.at, c.release, c.subject, coalesce(k.title, c.text) as title, c.text, k.id as "check", k.severity, c.source from change c left join "check" k on k.id = cast(c.subject as integer)
    where c.kind = ? and c.at >= ? and c.at < ? and ${ofCheck} order by coalesce(c.source = (select id from source where name = 'vigil' limit 1), 0) desc, coalesce(k.severity, 0) desc, c.id limit ${most}`, kind, from, to)
  const vulnerabilities = (where: string) => list(`
    select c.at, c.release, c.subject, coalesce(v.title, '') as title, c.text, v.id as "check", v.severity, c.source from change c join vulnerability v on v.name = c.subject
    where ${where} and c.at >= ? and c.at < ? and ${ofVulnerability} order by v.exploited_since is null, v.risk desc, v.id limit ${most}`, from, to)
  return {
    added: checks('added'), changed: checks('changed'), withdrawn: checks('withdrawn'), exploited: vulnerabilities(`c.kind = 'exploited'`), notable: vulnerabilities(`c.kind = 'added' and v.withdrawn is null`),
  }
}

