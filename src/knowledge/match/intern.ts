import type { Software } from '#core/knowledge/affected.ts'

/** Numbers for pieces of software, the same number for the same software. */
export type Interning = Readonly<{ idOf(software: Software): number; at(id: number): Software; size(): number }>

/** By name, then version, which nearly always is enough: two look-ups of short texts that nobody has to build. The rest is looked at where they are the same. */
export function interning(): Interning {
  const byName = new Map<string, Map<string, number | Map<string, number>>>()
  const all: Software[] = []
  const add = (software: Software): number => all.push(software) - 1
  return {
    idOf(software) {
      let versions = byName.get(software.name)
      if (versions === undefined) byName.set(software.name, (versions = new Map()))
      const known = versions.get(software.version)
      if (known === undefined) {
        const id = add(software)
        versions.set(software.version, id)
        return id
      }
      if (typeof known === 'number') {
        if (isSame(all[known]!, software)) return known
        const id = add(software)
        versions.set(software.version, new Map([[restOf(all[known]!), known], [restOf(software), id]]))
        return id
      }
      const rest = restOf(software)
      const found = known.get(rest)
      if (found !== undefined) return found
      const id = add(software)
      known.set(rest, id)
      return id
    },
    at: (id) => all[id]!,
    size: () => all.length,
  }
}

/** Name and version are the same already. */
function isSame(a: Software, b: Software): boolean {
  return a === b || (a.ecosystem === b.ecosystem && a.source === b.source && a.sourceVersion === b.sourceVersion && a.architecture === b.architecture && a.part === b.part)
}

function restOf({ ecosystem, source, sourceVersion, architecture, part }: Software): string {
  return JSON.stringify([ecosystem, source, sourceVersion, architecture, part])
}
