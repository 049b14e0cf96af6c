import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { fail } from '#core/errors.ts'
import { releasesOf } from '#knowledge/folder.ts'
import type { Change, ChangeCount, KnowledgeBase, ReleaseFacts } from '#knowledge/knowledge-base.ts'
import type { PlatformTx, Store } from '#store/store.ts'

export type ReleaseNote = Readonly<{ check: number; title: string; text: string }>
export type ReleaseRow = ReleaseFacts & Readonly<{ inForce: boolean; kept: boolean; changed: readonly Readonly<{ kind: string; count: number }>[]; notes: readonly ReleaseNote[] }>

/**
 * Notes the releases that are kept here, with how much each changed, so that the list names them when their files are gone. Cheap when there is nothing new; a file that
 * cannot be read is left out.
 */
export async function recordReleases(store: Store, folder: string, base: KnowledgeBase): Promise<void> {
  const known = await store.platform(({ sql }) => sql<{ number: number; root: string }[]>`select number, root from kb_release order by at desc limit 50`)
  const fresh = releasesOf(folder).map(({ file }) => factsIn(join(folder, file))).filter((one): one is ReleaseFacts => one !== null && !known.some(({ number, root }) => number === one.number && root === one.root))
  if (fresh.length === 0) return
  const changed = byRelease(await base.changeCounts('0000'))
  await store.platform(async ({ sql }) => {
    for (const { number, root, name, at, counts } of fresh) {
      await sql`
        insert into kb_release (number, root, name, at, counts, changed) values (${number}, ${root}, ${name}, ${new Date(at)}, ${sql.json({ ...counts })}, ${sql.json([...(changed.get(number) ?? [])])})
        on conflict (number, root) do nothing`
    }
  })
}

function factsIn(path: string): ReleaseFacts | null {
  try {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const facts = Object.fromEntries((db.prepare('select name, value from fact').all() as { name: string; value: string }[]).map(({ name, value }) => [name, JSON.parse(value) as unknown])) as unknown as ReleaseFacts
      return Number.isSafeInteger(facts.number) && typeof facts.root === 'string' && facts.root !== '' ? facts : null
    } finally {
      db.close()
    }
  } catch {
    return null
  }
}

function byRelease(counts: readonly ChangeCount[]): ReadonlyMap<number, readonly Readonly<{ kind: string; count: number }>[]> {
  const found = new Map<number, Map<string, number>>()
  for (const { release, kind, count, about } of counts) {
    if (about === 'source') continue
    const kinds = found.get(release) ?? new Map<string, number>()
    found.set(release, kinds)
    kinds.set(kind, (kinds.get(kind) ?? 0) + count)
  }
  return new Map([...found].map(([release, kinds]) => [release, [...kinds].map(([kind, count]) => ({ kind, count }))]))
}

type Row = Omit<ReleaseRow, 'at' | 'inForce' | 'kept' | 'notes'> & Readonly<{ at: Date }>

/** Newest first. `folder` null: no files are kept here. */
export async function listReleases(store: Store, folder: string | null, base: KnowledgeBase, limit: number, number?: number): Promise<Readonly<{ items: readonly ReleaseRow[]; waiting: number }>> {
  const files = new Set(folder === null ? [] : releasesOf(folder).map((one) => one.number))
  const { rows, notes } = await store.platform(async ({ sql }) => ({
    rows: await sql<Row[]>`select number, root, name, at, counts, changed from kb_release ${number === undefined ? sql`` : sql`where number = ${number}`} order by at desc, number desc limit ${limit}`,
    notes: await sql<(ReleaseNote & { release: number | null })[]>`select release, signature_id as "check", title, text from kb_release_note order by at desc limit 2000`,
  }))
  const items = rows.map((row) => ({
    ...row, at: row.at.toISOString(), inForce: row.root === base.facts.root && row.number === base.facts.number, kept: files.has(row.number),
    notes: notes.filter((note) => note.release === row.number).map(({ check, title, text }) => ({ check, title, text })),
  }))
  return { items, waiting: notes.filter((note) => note.release === null).length }
}

/** Throws `not_found`. */
export async function readRelease(store: Store, folder: string | null, base: KnowledgeBase, number: number): Promise<ReleaseRow & Readonly<{ changes: readonly Change[] }>> {
  const { items: [row] } = await listReleases(store, folder, base, 1, number)
  if (row === undefined) return fail('not_found', { what: 'release', id: number })
  return { ...row, changes: number <= base.facts.number ? await base.changesIn(number, 500) : [] }
}

/** What was published and is in no release file yet. */
export async function waitingNotes({ sql }: Pick<PlatformTx, 'sql'>): Promise<readonly string[]> {
  return (await sql<{ id: string }[]>`select id from kb_release_note where release is null order by at limit 1000`).map(({ id }) => id)
}

/** Says of these notes, and of their drafts, which release they came out in. */
export async function noteRelease({ sql }: Pick<PlatformTx, 'sql'>, notes: readonly string[], release: number): Promise<void> {
  await sql`update kb_release_note set release = ${release} where id = any(${[...notes]}::uuid[]) and release is null`
  await sql`update kb_draft set release = ${release} where release is null and id in (select draft_id from kb_release_note where id = any(${[...notes]}::uuid[]))`
}
