import type { Affected, Software } from '#core/knowledge/affected.ts'
import { cveNumber } from '#core/knowledge/number.ts'
import type { StoredAffected } from '#knowledge/match/range-source.ts'

/**
 * A made-up fleet that looks like one: a few packages are everywhere and have most advisories, most are rare and have few; most
 * advisories are about versions older than those installed. The same for the same numbers.
 */
export const size = { advisories: 250_000, hosts: 10_000, packagesOfHost: 500, packages: 12_000, versions: 6 } as const

const releases = ['Debian:12', 'Debian:11', 'Ubuntu:22.04', 'Ubuntu:24.04'] as const

/** mulberry32. */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The version of a package after `step` updates. Installed are steps 20 to 25, advisories mend steps 0 to 25. */
function versionAt(number: number, step: number): string {
  return `${number % 5 === 0 ? '1:' : ''}${1 + (number % 9)}.${number % 23}.${Math.floor(step / 5)}-${1 + (number % 4)}+deb12u${1 + (step % 5)}`
}

/** Low numbers are the packages that everybody has. */
function popular(random: () => number): number {
  return Math.floor(size.packages * random() ** 3)
}

export function advisoryAt(index: number, random: () => number): StoredAffected {
  const number = popular(random)
  // Nine of ten were mended before anything that is installed.
  const step = random() < 0.93 ? Math.floor(random() * 20) : 20 + Math.floor(random() * size.versions)
  const name = `CVE-${2000 + (index % 25)}-${10_000 + Math.floor(index / 25)}`
  const before = versionAt(number, step)
  const affected: Affected = {
    record: 'affected', vulnerability: name, key: name, product: { ecosystem: releases[index % releases.length]!, name: `package-${number}` },
    of: 'source', scheme: 'dpkg', intervals: [{ before }], versions: [], status: 'affected', fixed: [before],
  }
  return { id: index + 1, vulnerability: cveNumber(name)!, name, source: index % releases.length < 2 ? 'debian' : 'ubuntu', affected }
}

/** New objects and texts each time, as they come out of a message. */
export function hostAt(index: number): readonly Software[] {
  const random = chance(1_000_003 + index)
  const ecosystem = releases[index % releases.length]!
  const numbers = new Set<number>()
  while (numbers.size < size.packagesOfHost) numbers.add(popular(random))
  const level = Math.floor(random() * size.versions)
  return JSON.parse(JSON.stringify([...numbers].map((number) => {
    const step = 20 + Math.max(0, Math.min(size.versions - 1, level + (random() < 0.1 ? -1 : 0)))
    return { ecosystem, name: `package-${number}`, version: versionAt(number, step), architecture: 'amd64' }
  }))) as Software[]
}
