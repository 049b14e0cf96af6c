import type { DatabaseSync } from 'node:sqlite'
import { affectedSpan } from './load.ts'

/**
 * Moves everything of a vulnerability that turned out to be another: its statements, ranges and checks, and its names. The number it had stays known as a name, since a
 * finding may carry it.
 */
export function joinVulnerabilities(db: DatabaseSync, joined: ReadonlyMap<number, number>, log: Readonly<{ release: number; at: string }>): void {
  if (joined.size === 0) return
  const statements = db.prepare('update or replace statement set vulnerability = ? where vulnerability = ?')
  const ranges = db.prepare('select id, ecosystem, name, source, detects, body from affected where id >= ? and id < ?')
  const put = db.prepare('insert or ignore into affected (id, ecosystem, name, vulnerability, source, detects, body) values (?, ?, ?, ?, ?, ?, ?)')
  const same = db.prepare('select source = ? and ecosystem = ? and name = ? and body = ? as same from affected where id = ?')
  const drop = db.prepare('delete from affected where id >= ? and id < ?')
  const name = db.prepare('select name from vulnerability where id = ?')
  const touch = db.prepare('insert or ignore into touched (id) values (?)')
  const note = db.prepare(`insert into change (release, at, subject, kind, text, source) values (?, ?, ?, 'changed', ?, null)`)
  type Range = Readonly<{ id: number; ecosystem: string; name: string; source: number; detects: number; body: Uint8Array }>
  for (const [from, to] of joined) {
    const old = (name.get(from) as { name: string } | undefined)?.name
    statements.run(to, from)
    for (const row of ranges.all(from * affectedSpan, (from + 1) * affectedSpan) as Range[]) {
      for (let step = row.id % affectedSpan; ; step++) {
        const id = to * affectedSpan + (step % affectedSpan)
        if (put.run(id, row.ecosystem, row.name, to, row.source, row.detects, row.body).changes > 0) break
        if ((same.get(row.source, row.ecosystem, row.name, row.body, id) as { same: number }).same === 1) break
      }
    }
    drop.run(from * affectedSpan, (from + 1) * affectedSpan)
    db.prepare('update or ignore check_cve set vulnerability = ? where vulnerability = ?').run(to, from)
    db.prepare('delete from check_cve where vulnerability = ?').run(from)
    db.prepare('delete from vulnerability where id = ?').run(from)
    db.prepare('delete from search where rowid = ?').run(from)
    db.prepare('update alias set vulnerability = ? where vulnerability = ?').run(to, from)
    db.prepare('insert or replace into alias (name, vulnerability) values (?, ?)').run(String(from), to)
    db.prepare('delete from touched where id = ?').run(from)
    touch.run(to)
    if (old !== undefined) note.run(log.release, log.at, old, 'Found to be the same as another; its number leads there.')
  }
}
