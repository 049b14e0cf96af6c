import { constants, copyFileSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SourceName } from '#core/knowledge/record.ts'
import { packColumns } from '../search/columns.ts'
import { joinVulnerabilities } from './join.ts'
import { loadFeed, type Loading } from './load.ts'
import { mergeTouched } from './merge.ts'
import { openNames } from './names.ts'
import { packTemplates } from './pack-templates.ts'
import { followProducts } from './packed-products.ts'
import { mergeProbabilities } from './probability.ts'
import { openSettled, type Settled } from './settled.ts'
import { hashSize, openTextIndex, type TextIndex } from './text-index.ts'
import { packVocabulary } from './vocabulary.ts'

export type Assembly = Readonly<{
  db: DatabaseSync
  load(loading: Loading): void
  /** Joins, merges and packs what was loaded. Texts may still be on their way into the index. */
  finish(tell: (done: number, all: number) => void, timed: <T>(step: string, work: () => T) => T): void
  /** Waits for what is done in threads beside, until texts can be searched and products are in order; gives the hashes of the sources that changed. No other transaction goes on from here to there. */
  settle(): Promise<ReadonlyMap<number, string>>
  close(): void
}>

/** With fewer rows a thread takes longer to begin than they do. */
const many = 20_000
const schema = readFileSync(new URL('../schema.sql', import.meta.url), 'utf8')
/** Indexes are made at the end of a first build: in one go they cost a fifth. */
const indexes = [...schema.matchAll(/^create index [^;]+;/gm)].map((found) => found[0])

/** Opens the file that becomes the next release: a copy of the one in force, or a new one. Nothing of it is safe from a crash, nor need it be: it is then thrown away. */
export function openAssembly(path: string, base: string | null, at: Readonly<{ release: number; at: string }>): Assembly {
  if (base !== null) copyFileSync(base, path, constants.COPYFILE_FICLONE)
  const db = new DatabaseSync(path)
  db.exec('pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma temp_store = memory; pragma cache_size = -131072; pragma trusted_schema = off')
  db.exec('begin')
  if (base === null) db.exec(schema.replaceAll(/^create index [^;]+;/gm, ''))
  db.exec(`create temp table touched (id integer primary key);
    create temp table seen_statement (vulnerability integer, key text, primary key (vulnerability, key)) without rowid;
    create temp table seen_affected (id integer primary key); create temp table seen_check (id integer primary key);
    ${hashSize}`)
  if (base !== null) followProducts(db)
  const names = openNames(db)
  const loaded = new Map<number, Readonly<{ source: SourceName; isFirst: boolean; records: number }>>()
  let texts: TextIndex | null = null
  let settled: Settled | null = null
  const log = db.prepare('insert into change (release, at, subject, kind, text, source) values (?, ?, ?, ?, ?, ?)')
  return {
    db,
    load(loading) {
      const done = loadFeed(db, names, loading)
      loaded.set(done.id, { source: loading.source, isFirst: done.isFirst, records: loading.totals.records })
      if (done.isFirst) {
        const name = loading.feed === '' ? loading.source : `${loading.source} ${loading.feed}`
        log.run(at.release, at.at, loading.source, 'added', `First import of ${name}: ${loading.totals.records.toLocaleString('en-US')} records.`, done.id)
      }
    },
    finish(tell, timed) {
      if (base === null) timed('indexes', () => indexes.forEach((sql) => db.exec(sql)))
      timed('joining', () => joinVulnerabilities(db, names.joined(), at))
      const packed = timed('templates', () => packTemplates(db))
      const isMuch = base === null && (db.prepare('select count(*) as count from affected').get() as { count: number }).count >= many
      settled = timed('settling', () => openSettled(db, isMuch, new Set([...loaded.keys(), ...packed]), path))
      const sources = new Map((db.prepare('select id, name from source').all() as { id: number; name: SourceName }[]).map((row) => [row.id, row.name] as const))
      // From now on the list itself has the word over its copies.
      if ([...loaded.values()].some((one) => one.source === 'kev' && one.isFirst)) db.exec('insert or ignore into touched (id) select id from vulnerability where exploited_since is not null')
      for (const [id, { source, isFirst }] of loaded) if (source === 'epss') timed('probabilities', () => mergeProbabilities(db, { ...at, source: id, isFirst }))
      const firstTime = new Set([...loaded.values()].filter((one) => one.isFirst).map((one) => one.source))
      const { count } = db.prepare('select count(*) as count from touched').get() as { count: number }
      texts = openTextIndex(db, base === null, count, `${path}-texts`)
      timed('merging', () => mergeTouched(db, { ...at, names, sources, firstTime, texts: texts!, tell }))
      timed('columns', () => packColumns(db))
    },
    async settle() {
      const sums = await settled!.finish()
      await texts!.finish()
      packVocabulary(db)
      return sums
    },
    close: () => db.close(),
  }
}
