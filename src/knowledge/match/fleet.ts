import type { Product, Software } from '#core/knowledge/affected.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { subjectOf } from './names.ts'
import { productKeyOf, type RangeSource } from './range-source.ts'

/**
 * Who has what, turned round: a change of ranges finds the software it speaks of, and the software the hosts that have it, so
 * that a feed's delta touches nobody else.
 */
export type Fleet = Readonly<{
  /** Its own: the numbers of software in a fleet never change. */
  matcher: Matcher
  /** Puts a host's software in; the same host again replaces it. Gives its numbers. */
  put(host: number, software: readonly Software[]): Uint32Array
  softwareOf(host: number): Uint32Array
  /** Software that these products' ranges speak of; what is kept of it is dropped, and will be judged anew. */
  delta(products: Iterable<Product>): readonly number[]
  hostsOf(software: number): readonly number[]
}>

export function createFleet(source: RangeSource): Fleet {
  const matcher = createMatcher(source, Number.POSITIVE_INFINITY)
  const byProduct = new Map<string, number[]>()
  const hosts = new Map<number, Uint32Array>()
  const having: number[][] = []

  const enter = (software: Software): number => {
    const id = matcher.intern(software)
    if (having[id] === undefined) {
      having[id] = []
      for (const { ecosystem, name } of subjectOf(software).lookups) {
        const key = productKeyOf(ecosystem, name)
        const list = byProduct.get(key)
        if (list === undefined) byProduct.set(key, [id])
        else if (list.at(-1) !== id) list.push(id)
      }
    }
    return id
  }
  return {
    matcher,
    put(host, software) {
      for (const id of hosts.get(host) ?? []) having[id]!.splice(having[id]!.indexOf(host), 1)
      const ids = Uint32Array.from(new Set(software.map(enter)))
      for (const id of ids) having[id]!.push(host)
      hosts.set(host, ids)
      return ids
    },
    softwareOf: (host) => hosts.get(host) ?? new Uint32Array(0),
    delta(products) {
      const ids = new Set<number>()
      for (const { ecosystem, name } of products) for (const id of byProduct.get(productKeyOf(ecosystem, name)) ?? []) ids.add(id)
      matcher.forget(ids)
      return [...ids]
    },
    hostsOf: (software) => having[software] ?? [],
  }
}
