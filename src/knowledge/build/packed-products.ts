import type { DatabaseSync } from 'node:sqlite'
import type { Affected } from '#core/knowledge/affected.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'
import { packedForm, packProduct } from '../match/packed-product.ts'
import type { StoredAffected } from '../match/range-source.ts'

export const productTable = 'create table if not exists packed_product (ecosystem text not null, name text not null, body text not null, primary key (ecosystem, name)) without rowid'
const everyProduct = 'select distinct ecosystem, name from affected order by ecosystem, name'

/** From now on notes of which products rows come and go, in tables of the connection: a release has no triggers. */
export function followProducts(db: DatabaseSync): void {
  db.exec(`create temp table touched_product (ecosystem text, name text, primary key (ecosystem, name)) without rowid;
    create temp trigger product_added after insert on main.affected begin insert or ignore into touched_product values (new.ecosystem, new.name); end;
    create temp trigger product_removed after delete on main.affected begin insert or ignore into touched_product values (old.ecosystem, old.name); end;
    create temp trigger product_changed after update on main.affected begin
      insert or ignore into touched_product values (old.ecosystem, old.name); insert or ignore into touched_product values (new.ecosystem, new.name); end`)
}

/** Puts what is said of each product in order: of those whose rows changed, or, where that was not noted or never done in this form, of all. */
export function packProducts(db: DatabaseSync): void {
  db.exec(productTable)
  const form = db.prepare(`select value from fact where name = 'packedProducts'`).get() as { value: string } | undefined
  const isFollowed = db.prepare(`select 1 from temp.sqlite_schema where name = 'touched_product'`).get() !== undefined
  const isPart = isFollowed && form?.value === String(packedForm)
  if (!isPart) db.exec('delete from packed_product')
  pack(db, db, isPart ? 'select ecosystem, name from touched_product order by ecosystem, name' : everyProduct)
  notePacked(db)
}

/** All products of `db` into the table of another file. */
export function packAllProducts(db: DatabaseSync, into: DatabaseSync): void {
  pack(db, into, everyProduct)
}

/** What `packed_product` holds is whole, and of this form. */
export function notePacked(db: DatabaseSync): void {
  db.prepare(`insert or replace into fact (name, value) values ('packedProducts', ?)`).run(String(packedForm))
}

function pack(db: DatabaseSync, into: DatabaseSync, products: string): void {
  const sources = new Map((db.prepare('select id, name from source').all() as { id: number; name: SourceName }[]).map(({ id, name }) => [id, name] as const))
  const put = into.prepare('insert or replace into packed_product (ecosystem, name, body) values (?, ?, ?)')
  const drop = into.prepare('delete from packed_product where ecosystem = ? and name = ?')
  const rowsOf = db.prepare('select id, vulnerability, source, body from affected where ecosystem = ? and name = ? order by id')
  for (const { ecosystem, name } of db.prepare(products).all() as { ecosystem: string; name: string }[]) {
    const rows = (rowsOf.all(ecosystem, name) as { id: number; vulnerability: number; source: number; body: Uint8Array }[]).map(({ id, vulnerability, source, body }): StoredAffected =>
      ({ id, vulnerability, name: '', source: sources.get(source)!, affected: unpackBody<Affected>(body) }))
    if (rows.length === 0) drop.run(ecosystem, name)
    else put.run(ecosystem, name, packProduct(rows))
  }
}
