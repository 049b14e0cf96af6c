import type { VersionScheme } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { orderOf } from '#core/version/scheme.ts'
import { byOf, partsOf, type Product, type Sorted } from './product.ts'
import type { Ready, StoredAffected } from './range-source.ts'
import { groupOf, type Group } from './statement.ts'

/** Raised when what `partsOf` puts in order changes, or the form: packed products of before are then not read. */
export const packedForm = 1

type Table = readonly [scheme: VersionScheme, of: 'binary' | 'source', architectures: readonly string[] | null, ids: readonly number[], vulnerabilities: readonly number[], bounds: readonly string[]]
type Packed = Readonly<{ speaks: Ready['speaks']; tables: readonly Table[]; /** Ids by vulnerability. */ rest: readonly (readonly number[])[] }>

/** What is said of one product, without what is said: only the order of it. The rows are all that there are of it. */
export function packProduct(rows: readonly StoredAffected[]): string {
  const { tables, rest } = partsOf(rows)
  const packed: Packed = {
    speaks: [...new Set(rows.map(({ affected }) => affected.of))].sort(),
    tables: tables.map((entries): Table => {
      const { scheme, of, architectures } = entries[0]!.row.affected
      return [scheme, of, architectures ?? null, entries.map(({ row }) => row.id), entries.map(({ row }) => row.vulnerability), entries.map(({ row }) => row.affected.intervals[0]!.before!)]
    }),
    rest: rest.map((said) => said.map(({ id }) => id)),
  }
  return JSON.stringify(packed)
}

/** Rows are read when a version is found to lie before their fix, which few are. `read` gives null for rows that say nothing. */
export function openProduct(text: string, read: (id: number) => StoredAffected | null, withdrawn: ReadonlySet<number>): Ready {
  const { speaks, tables, rest } = JSON.parse(text) as Packed
  let groups: readonly Group[] | null = null
  const product: Product = {
    sorted: tables.map((table) => sortedOf(table, read, withdrawn)),
    get groups() {
      return (groups ??= rest.map((ids) => ids.map(read).filter((row) => row !== null)).filter((said) => said.length > 0).map(groupOf))
    },
  }
  return { product, speaks }
}

function sortedOf([scheme, of, architectures, allIds, vulnerabilities, allTexts]: Table, read: (id: number) => StoredAffected | null, withdrawn: ReadonlySet<number>): Sorted {
  const isHeld = (_: unknown, index: number): boolean => !withdrawn.has(vulnerabilities[index]!)
  const isWhole = withdrawn.size === 0 || !vulnerabilities.some((one) => withdrawn.has(one))
  const [ids, texts] = isWhole ? [allIds, allTexts] : [allIds.filter(isHeld), allTexts.filter(isHeld)]
  const order = orderOf(scheme)
  const bounds: unknown[] = []
  const rows: (StoredAffected | undefined)[] = []
  const by: (Hit['by'] | undefined)[] = []
  const rowAt = (index: number): StoredAffected => (rows[index] ??= read(ids[index]!)!)
  return {
    scheme, of, architectures: architectures ?? undefined, length: ids.length, rowAt,
    boundAt: (index) => (bounds[index] ??= order.read(texts[index]!)),
    byAt: (index) => (by[index] ??= byOf(rowAt(index))),
  }
}
