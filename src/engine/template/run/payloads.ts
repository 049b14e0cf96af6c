import type { Payloads } from '#core/template/plan.ts'
import type { Text } from '#core/template/dsl.ts'

export type Payload = ReadonlyMap<string, Text>

/**
 * Values in the order in which they are tried. `batteringram`: one set's values in every place; `pitchfork`: the first of each set together, then the second; `clusterbomb`: each with each, the last set
 * turning slowest. Never more than `most`.
 */
export function* payloadsOf(payloads: Payloads | null, most: number): Generator<Payload | null> {
  if (payloads === null || payloads.sets.length === 0) return yield null
  const { attack, sets } = payloads
  let left = most
  if (attack === 'batteringram') {
    for (const { name, values } of sets) for (const value of values) {
      if (left-- <= 0) return
      yield new Map([[name, value]])
    }
    return
  }
  if (attack === 'pitchfork') {
    const shortest = Math.min(...sets.map(({ values }) => values.length))
    for (let at = 0; at < Math.min(shortest, most); at++) yield new Map(sets.map(({ name, values }) => [name, values[at]!]))
    return
  }
  if (sets.some(({ values }) => values.length === 0)) return
  const at = sets.map(() => 0)
  while (left-- > 0) {
    yield new Map(sets.map(({ name, values }, index) => [name, values[at[index]!]!]))
    let index = 0
    while (index < sets.length && ++at[index]! === sets[index]!.values.length) at[index++] = 0
    if (index === sets.length) return
  }
}

/** How many there are in all. */
export function countPayloads(payloads: Payloads | null): number {
  if (payloads === null || payloads.sets.length === 0) return 1
  const sizes = payloads.sets.map(({ values }) => values.length)
  if (payloads.attack === 'batteringram') return sizes.reduce((sum, size) => sum + size, 0)
  return payloads.attack === 'pitchfork' ? Math.min(...sizes) : sizes.reduce((product, size) => product * size, 1)
}
