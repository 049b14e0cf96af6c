import type { Affected, Condition, Software } from '#core/knowledge/affected.ts'
import { rangeTest, type RangeTest } from '#core/knowledge/range.ts'
import { cpeVersion } from '#core/version/cpe.ts'
import type { StoredAffected } from './range-source.ts'

/** What has to hold of the host besides: lists of which one must be there each, and a platform by the name CPE gives it. */
export type Needs = Readonly<{ together: readonly (readonly Condition[])[]; platform: string | null }>

/** A row that says so, and what else must be on the host for it; null: nothing. */
export type Way = Readonly<{ row: StoredAffected; needs: Needs | null }>

/**
 * What one source says of one version: `affected`, in one or several ways; `clear` when it speaks of the product and not of this version, or takes it out;
 * `unreadable` when the version or the bound that would decide is none; null when it says nothing.
 */
export type Verdict = Readonly<{ says: 'affected'; ways: readonly Way[] }> | Readonly<{ says: 'clear' | 'unreadable' }> | null

type Row = Way & Readonly<{ inside: boolean | null }>

/** Ranges are compiled once a row, however many versions are compared. */
const compiled = new WeakMap<Affected, Map<string, RangeTest>>()

export function verdictOf(software: Software, version: string, rows: readonly StoredAffected[]): Verdict {
  const applying = rows.filter(({ affected }) => applies(affected, software, version)).map((row): Row => ({ row, inside: isInside(row.affected, version), needs: needsOf(row.affected) }))
  const isOut = ({ row: { affected }, inside }: Row): boolean => affected.status === 'notAffected' && inside === true
  // A version taken out by name outweighs the range it is taken out of; a product taken out as a whole does not outweigh the ranges of the same source.
  if (applying.some((one) => isOut(one) && !isWhole(one.row.affected))) return { says: 'clear' }
  const saying = applying.filter(({ row: { affected } }) => affected.status === 'affected' || affected.status === 'unfixed')
  const holding = saying.filter(({ inside }) => inside === true)
  if (holding.length > 0 && isSureOfEdition(saying, holding)) return { says: 'affected', ways: withFewestNeeds(holding) }
  if (saying.some(({ inside }) => inside === null)) return { says: 'unreadable' }
  return saying.length > 0 || applying.some(isOut) ? { says: 'clear' } : null
}

function withFewestNeeds(holding: readonly Row[]): readonly Way[] {
  const free = holding.find(({ needs }) => needs === null)
  return (free === undefined ? holding : [free]).map(({ row, needs }) => ({ row, needs }))
}

/** Which edition is installed is never known. So a range of one edition counts only where every edition that the source tells apart is affected too. */
function isSureOfEdition(saying: readonly Row[], holding: readonly Row[]): boolean {
  const held = new Set(holding.map(editionOf))
  if (held.has(anyEdition)) return true
  const editions = new Set(saying.map(editionOf).filter((edition) => edition !== anyEdition))
  return editions.size === 1 ? held.has(noEdition) : [...editions].every((edition) => held.has(edition))
}

const anyEdition = '*|*|*'
const noEdition = '-'

function editionOf({ row: { affected } }: Row): string {
  const { edition = '*', softwareEdition = '*', targetHardware = '*' } = affected.cpe ?? {}
  const text = `${edition}|${softwareEdition}|${targetHardware}`
  return text !== anyEdition && /^[-*|]+$/.test(text) ? noEdition : text
}

function isWhole({ intervals, versions }: Affected): boolean {
  return intervals.length === 0 && versions.length === 0
}

/** Whether the row speaks of this build of the product at all. */
function applies(affected: Affected, software: Software, version: string): boolean {
  const { product, architectures } = affected
  if (product.part !== undefined && software.part !== undefined && product.part !== software.part) return false
  const known = software.architecture
  if (architectures !== undefined && architectures.length > 0 && known !== undefined && !anyArchitecture.has(known) && !architectures.includes(known)) return false
  return affected.scheme !== 'rpm' || isOfStream(affected, version)
}

const anyArchitecture = new Set(['all', 'noarch', ''])

/** Red Hat's module streams live side by side under one package name: a fix of one stream says nothing of another, nor of what is in no module. */
function isOfStream({ fixed, intervals }: Affected, version: string): boolean {
  const bound = fixed[0] ?? intervals.find((one) => one.before !== undefined)?.before
  if (bound === undefined) return true
  const stream = streamOf(bound)
  return stream === streamOf(version)
}

function streamOf(version: string): string | null {
  if (!version.includes('.module')) return null
  return /^(?:\d+:)?(\d+)/.exec(version)?.[1] ?? ''
}

function needsOf(affected: Affected): Needs | null {
  const target = affected.cpe?.targetSoftware
  const platform = target === undefined || target === '-' ? null : target
  const together = affected.together ?? []
  return platform === null && together.length === 0 ? null : { together, platform }
}

function isInside(affected: Affected, version: string): boolean | null {
  const inside = testOf(affected, version)(version)
  if (inside === true || affected.product.ecosystem !== 'cpe' || affected.cpe?.update !== undefined) return inside
  // A listed version with no word of the update is any update of it: 9.2 is 9.2p1 too.
  const bare = version.replace(/[-_]?(?:p|sp|patch|update|u)[-_]?\d{1,6}$/i, '')
  return bare !== version && affected.versions.includes(bare) ? true : inside
}

function testOf(affected: Affected, version: string): RangeTest {
  // rpm's inventories often leave the epoch out: then it is left out of the bound too, since taking it for 0 would call everything with an epoch outdated.
  const variant = affected.scheme === 'rpm' && !/^\d+:/.test(version) ? 'no epoch' : ''
  let tests = compiled.get(affected)
  if (tests === undefined) compiled.set(affected, (tests = new Map()))
  let test = tests.get(variant)
  if (test === undefined) tests.set(variant, (test = rangeTest(variant === '' ? withUpdate(affected) : withoutEpochs(affected))))
  return test
}

function withoutEpochs(affected: Affected): Affected {
  const bare = (text: string): string => text.replace(/^\d+:/, '')
  return {
    ...affected,
    versions: affected.versions.map(bare),
    intervals: affected.intervals.map((one) => ({
      ...one,
      ...(one.from === undefined ? {} : { from: bare(one.from) }),
      ...(one.before === undefined ? {} : { before: bare(one.before) }),
      ...(one.upTo === undefined ? {} : { upTo: bare(one.upTo) }),
    })),
  }
}

/** An update named beside listed versions is part of them: 7.4 with p1 is 7.4p1, and not 7.4. */
function withUpdate(affected: Affected): Affected {
  const update = affected.cpe?.update
  if (update === undefined || update === '-') return affected
  return { ...affected, versions: affected.versions.map((version) => cpeVersion({ version, update }) ?? version) }
}
