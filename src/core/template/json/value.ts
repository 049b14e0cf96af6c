import { BadQuery, type Json } from './tree.ts'

/** Counts steps, so that no query takes more than its share. */
export type Budget = { left: number }

export function isTrue(value: Json): boolean {
  return value !== null && value !== false
}

export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function wrong(problem: string): never {
  throw new BadQuery(problem)
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
