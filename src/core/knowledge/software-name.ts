import type { Software } from './affected.ts'

/**
 * A name by which software and what a release says of a product are brought together before they are compared exactly: lower case, with the marks that ecosystems
 * take for one another made the same. Two names that an ecosystem holds equal always have one key; the reverse need not be so.
 */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]+/g, '-').slice(0, 300)
}

/** Keys under which a piece of software is looked for: its own name and its source's. */
export function softwareKeys({ name, source }: Pick<Software, 'name' | 'source'>): Readonly<{ name: string; source: string }> {
  const own = nameKey(name)
  return { name: own, source: source === undefined || source === '' ? own : nameKey(source) }
}
