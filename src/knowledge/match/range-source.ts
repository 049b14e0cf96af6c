import type { Affected } from '#core/knowledge/affected.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import type { Product } from './product.ts'

/** One row of a release's table `affected`: what one source says of one product and one vulnerability that is not withdrawn. */
export type StoredAffected = Readonly<{
  /** The row's number, the same in every release. */
  id: number
  /** Number of the vulnerability, under which all its aliases are joined, and the name it goes by. */
  vulnerability: number
  name: string
  source: SourceName
  affected: Affected
}>

/**
 * Where the matcher reads ranges: by exact ecosystem and name, as names.ts spells them. The same list stands for the same rows:
 * it is never changed.
 */
export interface RangeSource {
  ranges(ecosystem: string, name: string): readonly StoredAffected[]
  /** The same made ready for many versions, where it is kept so; null: ask for the ranges. */
  ready?(ecosystem: string, name: string): Ready | null
}

/** `speaks`: of packages of which kinds something is said. */
export type Ready = Readonly<{ product: Product; speaks: readonly ('binary' | 'source')[] }>

/** `add` and `remove` make another release of it. */
type MemoryRanges = RangeSource & Readonly<{ add(row: StoredAffected): void; remove(row: StoredAffected): void }>

/** Ranges that are all in memory: for tests, benchmarks and drafts. */
export function memoryRanges(rows: Iterable<StoredAffected> = []): MemoryRanges {
  const byEcosystem = new Map<string, Map<string, { rows: StoredAffected[]; isRead: boolean }>>()
  // A list that was handed out is never changed: what is derived of it is kept by it.
  const listOf = ({ affected: { product } }: StoredAffected): StoredAffected[] => {
    let names = byEcosystem.get(product.ecosystem)
    if (names === undefined) byEcosystem.set(product.ecosystem, (names = new Map()))
    const known = names.get(product.name)
    if (known !== undefined && !known.isRead) return known.rows
    const rows = known === undefined ? [] : [...known.rows]
    names.set(product.name, { rows, isRead: false })
    return rows
  }
  const source = {
    ranges(ecosystem: string, name: string): readonly StoredAffected[] {
      const known = byEcosystem.get(ecosystem)?.get(name)
      if (known === undefined) return nothing
      known.isRead = true
      return known.rows
    },
    add: (row: StoredAffected) => void listOf(row).push(row),
    remove: (row: StoredAffected) => {
      const list = listOf(row)
      const at = list.findIndex((one) => one.id === row.id)
      if (at >= 0) list.splice(at, 1)
    },
  }
  for (const row of rows) source.add(row)
  return source
}

const nothing: readonly StoredAffected[] = []

export function productKeyOf(ecosystem: string, name: string): string {
  return `${ecosystem}\0${name}`
}
