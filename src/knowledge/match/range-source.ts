import type { Affected } from '#core/knowledge/affected.ts'
import type { SourceName } from '#core/knowledge/record.ts'

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

/** Where the matcher reads ranges: by exact ecosystem and name, as names.ts spells them. */
export interface RangeSource {
  ranges(ecosystem: string, name: string): readonly StoredAffected[]
}

/** Ranges that are all in memory: for tests, benchmarks and drafts. `add` and `remove` make another release of it. */
export function memoryRanges(rows: Iterable<StoredAffected> = []): RangeSource & Readonly<{ add(row: StoredAffected): void; remove(row: StoredAffected): void }> {
  const byProduct = new Map<string, StoredAffected[]>()
  const listOf = ({ affected: { product } }: StoredAffected): StoredAffected[] => {
    const key = productKeyOf(product.ecosystem, product.name)
    const list = byProduct.get(key)
    if (list !== undefined) return list
    const made: StoredAffected[] = []
    byProduct.set(key, made)
    return made
  }
  const source = {
    ranges: (ecosystem: string, name: string) => byProduct.get(productKeyOf(ecosystem, name)) ?? nothing,
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
