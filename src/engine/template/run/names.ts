import { chanceOf, type Scope, type Value } from '../dsl/scope.ts'

export type { Scope, Value } from '../dsl/scope.ts'

/** Names in force at one moment of a run. A Map is one. */
export interface Names {
  get(name: string): Value | undefined
}

/** The first that knows a name says what it means. */
export function layered(...layers: readonly Names[]): Names {
  return {
    get(name) {
      for (const layer of layers) {
        const value = layer.get(name)
        if (value !== undefined) return value
      }
      return undefined
    },
  }
}

/** Makes names a scope of expressions, with the chance and the time of one run. */
export type Scoping = (names: Names) => Scope

export function scoping(seed: number, now: number): Scoping {
  const chance = chanceOf(seed)
  return (names) => ({ get: (name) => names.get(name), chance, now })
}
