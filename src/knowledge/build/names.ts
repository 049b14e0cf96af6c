import type { DatabaseSync } from 'node:sqlite'
import { cveNumber, namedNumber, nextNumber } from '#core/knowledge/number.ts'

/**
 * Numbers of vulnerabilities and checks. A CVE has the number it spells; any other name keeps the number that the release before gave it, or gets the next free one.
 * Names that are found to mean the same are joined: under the CVE, where there is one. Two CVEs are never joined.
 */
export type Names = Readonly<{
  /** The number of a vulnerability by its name and the other names that are said to be the same. */
  vulnerability(name: string, aliases: readonly string[]): number
  /** The number of a check that has a key of its own. */
  check(key: string): number
  /** What was found to be the same as something else: number → number that it is now part of. */
  joined(): ReadonlyMap<number, number>
  /** The name that a number was first given to, for those of this build. */
  nameOf(number: number): string | undefined
}>

const firstCve = 1_000_000_000

export function openNames(db: DatabaseSync): Names {
  const readAlias = db.prepare('select vulnerability from alias where name = ?')
  const writeAlias = db.prepare('insert into alias (name, vulnerability) values (?, ?) on conflict (name) do update set vulnerability = excluded.vulnerability')
  const readCheck = db.prepare('select id from "check" where key = ?')
  const isCheck = db.prepare('select 1 from "check" where id = ?')
  const isVulnerability = db.prepare('select 1 from vulnerability where id = ?')
  const known = new Map<string, number>()
  const given = new Map<number, string>()
  const joins = new Map<number, number>()

  const lookUp = (name: string): number | undefined => {
    const here = known.get(name)
    if (here !== undefined) return rootOf(here)
    const row = readAlias.get(name) as { vulnerability: number } | undefined
    if (row !== undefined) known.set(name, row.vulnerability)
    return row === undefined ? undefined : rootOf(row.vulnerability)
  }
  const rootOf = (number: number): number => {
    let root = number
    while (joins.has(root)) root = joins.get(root)!
    return root
  }
  const tie = (name: string, number: number): void => {
    known.set(name, number)
    writeAlias.run(name, number)
  }
  const free = (name: string): number => {
    let number = namedNumber(name)
    while (given.has(number) || isCheck.get(number) !== undefined || isVulnerability.get(number) !== undefined) number = nextNumber(number)
    given.set(number, name)
    return number
  }

  return {
    vulnerability(name, aliases) {
      const own = cveNumber(name)
      if (own !== null && aliases.length === 0) return own
      const others = [name, ...aliases].filter((one) => cveNumber(one) === null)
      const cve = own ?? aliases.map(cveNumber).find((one) => one !== null)
      const before = [...new Set(others.map(lookUp).filter((one) => one !== undefined))]
      const number = cve ?? before.find((one) => one >= firstCve) ?? (before.length === 0 ? free(name) : Math.min(...before))
      for (const one of before) if (one !== number && one < firstCve) joins.set(one, number)
      for (const one of others) if (lookUp(one) === undefined) tie(one, number)
      return number
    },
    check(key) {
      const row = readCheck.get(key) as { id: number } | undefined
      return row?.id ?? free(key)
    },
    joined: () => new Map([...joins.keys()].map((from) => [from, rootOf(from)])),
    nameOf: (number) => given.get(number),
  }
}
