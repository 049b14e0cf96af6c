import type { Software } from '#core/knowledge/affected.ts'

/** Numbers for pieces of software, the same number for the same software. */
export type Interning = Readonly<{ idOf(software: Software): number; at(id: number): Software; size(): number }>

/** A list above this is looked up by text. */
const mostCompared = 8

type Versions = Map<string, number | number[] | Map<string, number>>

/**
 * By ecosystem, name and version, which nearly always is enough: look-ups of short texts that nobody has to build. The rest is
 * compared where these are the same.
 */
export function interning(): Interning {
  const byEcosystem = new Map<string, Map<string, Versions>>()
  const all: Software[] = []
  const add = (software: Software): number => all.push(software) - 1
  // Software comes a host at a time, and most of a host is of one ecosystem.
  let ecosystem = ''
  let names = new Map<string, Versions>()
  const versionsOf = (software: Software): Versions => {
    if (software.ecosystem !== ecosystem) {
      ecosystem = software.ecosystem
      names = byEcosystem.get(ecosystem) ?? new Map<string, Versions>()
      byEcosystem.set(ecosystem, names)
    }
    let versions = names.get(software.name)
    if (versions === undefined) names.set(software.name, (versions = new Map()))
    return versions
  }
  return {
    idOf(software) {
      const versions = versionsOf(software)
      const known = versions.get(software.version)
      if (typeof known === 'number' && isSame(all[known]!, software)) return known
      if (known === undefined) {
        const id = add(software)
        versions.set(software.version, id)
        return id
      }
      const list = typeof known === 'number' ? [known] : known
      if (Array.isArray(list)) {
        for (const id of list) if (isSame(all[id]!, software)) return id
        const id = add(software)
        list.push(id)
        versions.set(software.version, list.length <= mostCompared ? list : new Map(list.map((one) => [restOf(all[one]!), one])))
        return id
      }
      const rest = restOf(software)
      const found = list.get(rest)
      if (found !== undefined) return found
      const id = add(software)
      list.set(rest, id)
      return id
    },
    at: (id) => all[id]!,
    size: () => all.length,
  }
}

/** Ecosystem, name and version are the same already. */
function isSame(a: Software, b: Software): boolean {
  return a === b || (a.source === b.source && a.sourceVersion === b.sourceVersion && a.architecture === b.architecture && a.part === b.part)
}

function restOf({ source, sourceVersion, architecture, part }: Software): string {
  return JSON.stringify([source, sourceVersion, architecture, part])
}
