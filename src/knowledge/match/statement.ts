import type { Affected, Condition } from '#core/knowledge/affected.ts'
import { compileRanges, type RangeTest } from '#core/knowledge/range.ts'
import { cpeVersion } from '#core/version/cpe.ts'
import type { StoredAffected } from './range-source.ts'

/** What has to hold of the host besides: lists of which one must be there each, and a platform by the name CPE gives it. */
export type Needs = Readonly<{ together: readonly (readonly Condition[])[]; platform: string | null }>

/** A row, made ready to be asked about many versions. */
export type Statement = Readonly<{
  row: StoredAffected
  /** Says that versions are affected; else that they are not, or nothing yet. */
  isAffecting: boolean
  isClearing: boolean
  /** It speaks of the product as a whole. */
  isWhole: boolean
  test: RangeTest
  /**
   * The same without epochs, of rpm: inventories often leave them out. Taking that for 0 would call everything that has one
   * outdated.
   */
  testWithoutEpoch: RangeTest | null
  needs: Needs | null
  edition: string
  /** Module stream of the version that holds the fix, of rpm; undefined: of any. */
  stream: string | null | undefined
}>

export type Group = Readonly<{ vulnerability: number; name: string; statements: readonly Statement[] }>

/** What is said of one vulnerability: the rows are of one. */
export function groupOf(rows: readonly StoredAffected[]): Group {
  return { vulnerability: rows[0]!.vulnerability, name: rows[0]!.name, statements: rows.flatMap(byStream).map(statementOf) }
}

/** One row may hold the fixes of several module streams: each is a statement of its own. */
function byStream(row: StoredAffected): readonly StoredAffected[] {
  const { affected } = row
  if (affected.scheme !== 'rpm' || affected.intervals.length < 2) return [row]
  const streams = Map.groupBy(affected.intervals, (one) => streamOf(one.before))
  if (streams.size < 2) return [row]
  return [...streams].map(([stream, intervals]) => ({
    ...row, affected: { ...affected, intervals, fixed: affected.fixed.filter((one) => streamOf(one) === stream) },
  }))
}

function statementOf(row: StoredAffected): Statement {
  const { affected } = row
  const needs = needsOf(affected)
  const edition = editionOf(affected)
  const isRpm = affected.scheme === 'rpm'
  const end = affected.intervals.find((one) => one.before !== undefined)?.before
  return {
    row,
    isAffecting: (affected.status === 'affected' || affected.status === 'unfixed') && !isVague(row),
    isClearing: affected.status === 'notAffected',
    isWhole: affected.intervals.length === 0 && affected.versions.length === 0,
    test: compileRanges(withUpdate(affected)), testWithoutEpoch: isRpm ? compileRanges(withoutEpochs(affected)) : null, needs, edition,
    stream: isRpm ? streamOf(affected.fixed[0] ?? end) : undefined,
  }
}

/**
 * A CVE record, or CISA's enrichment, that names a product without any version says nothing of the installed one: most were written before there was a fix, and
 * never again. NVD and its overrides mean it.
 */
function isVague({ source, affected: { product, intervals, versions } }: StoredAffected): boolean {
  if (product.ecosystem !== 'cpe' || (source !== 'cve' && source !== 'vulnrichment')) return false
  return versions.length === 0 && intervals.every((one) => one.from === undefined && one.before === undefined && one.upTo === undefined)
}

function needsOf(affected: Affected): Needs | null {
  const target = affected.cpe?.targetSoftware
  const platform = target === undefined || target === '-' ? null : target
  const together = affected.together ?? []
  return platform === null && together.length === 0 ? null : { together, platform }
}

export const anyEdition = '*|*|*'
/** There are no editions, or this is the one that has no name. */
export const noEdition = '-'

function editionOf({ cpe = {} }: Affected): string {
  const { edition = '*', softwareEdition = '*', targetHardware = '*' } = cpe
  const text = `${edition}|${softwareEdition}|${targetHardware}`
  return text !== anyEdition && /^[-*|]+$/.test(text) ? noEdition : text
}

/** Red Hat's module streams live side by side under one package name. Null: in no module; undefined: no version tells. */
export function streamOf(version: string | undefined): string | null | undefined {
  if (version === undefined) return undefined
  return version.includes('.module') ? (/^(?:\d+:)?(\d+)/.exec(version)?.[1] ?? '') : null
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
