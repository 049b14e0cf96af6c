import type { Software } from '#core/knowledge/affected.ts'

/** Numbers for pieces of software, the same number for the same software; and for their kinds, which are all versions of one ecosystem, name and source package. */
export type Interning = Readonly<{ idOf(software: Software): number; at(id: number): Software; kindAt(id: number): number; size(): number }>

/** A list above this is looked up by text. */
const mostCompared = 8

type Versions = Map<string, number | number[] | Map<string, number>>
/** Nearly always of one source package. */
type Name = { readonly versions: Versions; kind: number; source: string | undefined; others: Map<string | undefined, number> | null }

/**
 * By ecosystem, name and version, which nearly always is enough: look-ups of short texts that nobody has to build. The rest is
 * compared where these are the same.
 */
export function interning(): Interning {
  const byEcosystem = new Map<string, Map<string, Name>>()
  const all: Software[] = []
  const kinds: number[] = []
  let kindsGiven = 0
  const kindOf = (name: Name, { source }: Software): number => {
    if (name.kind < 0) {
      name.source = source
      name.kind = kindsGiven++
    }
    if (name.source === source) return name.kind
    const known = (name.others ??= new Map()).get(source)
    if (known !== undefined) return known
    name.others.set(source, kindsGiven)
    return kindsGiven++
  }
  const add = (software: Software, name: Name): number => {
    kinds.push(kindOf(name, software))
    return all.push(software) - 1
  }
  // Software comes a host at a time, and most of a host is of one ecosystem.
  let ecosystem = ''
  let names = new Map<string, Name>()
  const nameOf = (software: Software): Name => {
    if (software.ecosystem !== ecosystem) {
      ecosystem = software.ecosystem
      names = byEcosystem.get(ecosystem) ?? new Map<string, Name>()
      byEcosystem.set(ecosystem, names)
    }
    let name = names.get(software.name)
    if (name === undefined) names.set(software.name, (name = { versions: new Map(), kind: -1, source: undefined, others: null }))
    return name
  }
  return {
    idOf(software) {
      const name = nameOf(software)
      const { versions } = name
      const known = versions.get(software.version)
      if (typeof known === 'number' && isSame(all[known]!, software)) return known
      if (known === undefined) {
        const id = add(software, name)
        versions.set(software.version, id)
        return id
      }
      const list = typeof known === 'number' ? [known] : known
      if (Array.isArray(list)) {
        for (const id of list) if (isSame(all[id]!, software)) return id
        const id = add(software, name)
        list.push(id)
        versions.set(software.version, list.length <= mostCompared ? list : new Map(list.map((one) => [restOf(all[one]!), one])))
        return id
      }
      const rest = restOf(software)
      const found = list.get(rest)
      if (found !== undefined) return found
      const id = add(software, name)
      list.set(rest, id)
      return id
    },
    at: (id) => all[id]!,
    kindAt: (id) => kinds[id]!,
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
