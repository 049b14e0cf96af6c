import type { Affected, Condition, Interval, Software } from '#core/knowledge/affected.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { schemeOf } from '#core/version/ecosystem.ts'

/** What a source says, with what goes without saying left out. */
export type Advisory = Readonly<{ source: SourceName; vulnerability: string; withdrawn?: true; affected: Affected }>

/** A hit that must be there: the software's name, the vulnerability, and the version that fixes it. */
export type Expected = readonly [name: string, vulnerability: string, fixedIn: string | null]

/**
 * One host and what is true of it. Whatever of its software has a vulnerability of the corpus and is not in `hits` must not be
 * found: a case without hits is about a false alarm. `seen` says where people met the problem.
 */
export type Case = Readonly<{ title: string; seen: string; advisories: readonly Advisory[]; host: readonly Software[]; hits: readonly Expected[] }>

export function says(
  source: SourceName, vulnerability: string, ecosystem: string, name: string, intervals: readonly Interval[],
  more: Partial<Affected> & Readonly<{ part?: 'a' | 'o' | 'h'; withdrawn?: true }> = {},
): Advisory {
  const { part, withdrawn, ...rest } = more
  const isBySource = /^(Debian|Ubuntu|Alpine)/.test(ecosystem)
  return {
    source, vulnerability, ...(withdrawn === undefined ? {} : { withdrawn }),
    affected: {
      record: 'affected', vulnerability, key: `${source}:${vulnerability}`, product: { ecosystem, name, ...(part === undefined ? {} : { part }) }, of: isBySource ? 'source' : 'binary',
      scheme: schemeOf(ecosystem), intervals, versions: [], status: 'affected', fixed: intervals.flatMap(({ before }) => before ?? []), ...rest,
    },
  }
}

/** Another product of which one must be there. */
export function needs(part: 'a' | 'o' | 'h', name: string, intervals: readonly Interval[] = [{}], versions: readonly string[] = []): Condition {
  return { part, name, scheme: 'generic', intervals, versions }
}

export function deb(release: string, name: string, version: string, source?: string, sourceVersion?: string): Software {
  return { ecosystem: release, name, version, architecture: 'amd64', ...(source === undefined ? {} : { source }), ...(sourceVersion === undefined ? {} : { sourceVersion }) }
}

export function rpm(release: string, name: string, version: string, source?: string): Software {
  return { ecosystem: release, name, version, architecture: 'x86_64', ...(source === undefined ? {} : { source }) }
}

export function library(ecosystem: string, name: string, version: string): Software {
  return { ecosystem, name, version }
}

export function product(name: string, version: string, part: 'a' | 'o' | 'h' = 'a'): Software {
  return { ecosystem: 'cpe', name, version, part }
}
