import type { Cycle, Lifecycle } from '#core/knowledge/record.ts'
import { readCpe } from '../value/cpe.ts'
import type { Fields } from '../value/json-value.ts'
import { fieldsOf, isFields, known, listOf, textOf, unique, wordOf } from '../value/json-value.ts'

const mostCycles = 5000

/** A product as the mirror list and the files of upstream have it, or null when it is none. `name` where it does not say itself. */
export function productOf(item: Fields, name?: string): Lifecycle | null {
  const key = wordOf(item.name) ?? name
  const releases = Array.isArray(item.releases) ? listOf(item.releases, mostCycles) : null
  if (key === undefined || releases === null) return null
  return known({
    record: 'lifecycle', key, title: wordOf(item.title) ?? wordOf(item.label) ?? key, category: wordOf(item.category) ?? 'other', ...identifiersOf(item.identifiers),
    link: linkOf(item.releasePolicyLink) ?? linkOf(fieldsOf(item.links).releasePolicy),
    cycles: releases.map((release) => (isFields(release) ? cycleOf(release) : null)).filter((cycle) => cycle !== null),
  } as const)
}

/** `[{type, id}]` in the list and the API, `[{cpe: …}]` in the source files. */
function identifiersOf(value: unknown): Readonly<{ cpe: readonly string[]; purl: readonly string[] }> {
  const pairs = listOf(value, 500).map(fieldsOf).flatMap((one) => (typeof one.type === 'string' ? [[one.type, one.id] as const] : Object.entries(one)))
  const of = (kind: string): readonly string[] => unique(pairs.filter(([type]) => type === kind).map(([, id]) => wordOf(id, 500)).filter((id) => id !== undefined))
  return { cpe: unique(of('cpe').map(wholeCpe).filter((id) => readCpe(id) !== null)), purl: of('purl').filter((id) => id.startsWith('pkg:')) }
}

/** Upstream leaves off what may be anything; a name of CPE 2.3 has all thirteen parts. */
function wholeCpe(id: string): string {
  const parts = id.split(/(?<!\\):/)
  return id.startsWith('cpe:2.3:') && parts.length < 13 ? [...parts, ...Array<string>(13 - parts.length).fill('*')].join(':') : id
}

/** Field names of the old API, of the source files (`releaseCycle`, `eoas`, `eoes`), and of the new API (`isEol` with `eolFrom`). */
function cycleOf(release: Fields): Cycle | null {
  const cycle = wordOf(release.cycle) ?? wordOf(release.releaseCycle) ?? wordOf(release.name) ?? (typeof release.cycle === 'number' ? String(release.cycle) : undefined)
  if (cycle === undefined) return null
  const latest = fieldsOf(release.latest)
  const lts = dayOrWhether(release.lts) ?? dayOrWhether(release.isLts)
  return known({
    cycle, codename: wordOf(release.codename), released: dayOf(release.releaseDate), latest: wordOf(release.latest) ?? wordOf(latest.name),
    latestReleased: dayOf(release.latestReleaseDate) ?? dayOf(latest.date), lts: lts === undefined ? undefined : lts !== false, link: linkOf(release.link) ?? linkOf(latest.link),
    endOfLife: since(release, ['eol'], 'isEol', 'eolFrom'),
    endOfSupport: since(release, ['support', 'eoas'], 'isEoas', 'eoasFrom'),
    endOfExtendedSupport: since(release, ['extendedSupport', 'eoes'], 'isEoes', 'eoesFrom'),
    discontinued: dayOrWhether(release.discontinued) ?? dayOf(release.discontinuedFrom) ?? (typeof release.isDiscontinued === 'boolean' ? release.isDiscontinued : undefined),
  })
}

/** A day, or whether it has come: `eol` and so on in lists and source files (`eoas`: of active support, `eoes`: of extended), day and truth apart in the new API. */
function since(release: Fields, names: readonly string[], is: string, from: string): string | boolean | undefined {
  for (const name of names) {
    const said = dayOrWhether(release[name])
    if (said !== undefined) return said
  }
  return dayOf(release[from]) ?? (typeof release[is] === 'boolean' ? release[is] : undefined)
}

function dayOrWhether(value: unknown): string | boolean | undefined {
  return typeof value === 'boolean' ? value : dayOf(value)
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined
}

function linkOf(value: unknown): string | undefined {
  const link = textOf(value, 1000)
  return link !== undefined && /^https?:\/\/\S+$/.test(link) ? link : undefined
}
