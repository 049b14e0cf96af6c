import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readerFor } from '#formats/feed/readers.ts'
import type { Figure } from '../src/command/bench.ts'
import { countFeed, type FeedCounts } from './feeds/count.ts'
import { countOverrides, countRustsec, countVulnrichment } from './feeds/upstream.ts'

/** By the end of a feed's path: what its description says that is in it. */
const expected: readonly (readonly [RegExp, Partial<Record<keyof FeedCounts, number>>])[] = [
  [/vulnrichment-2024-10-24\.tar\.gz$/, { records: 44_130, cves: 44_130, withdrawn: 104, cvss: 32_765, ssvc: 44_026, exploited: 224 }],
  [/nvd-data-overrides-2026-08-21\.tar\.gz$/, { records: 32_184, cves: 32_184 }],
  [/cisa-csaf-2024-10-24\.tar\.gz$/, { records: 2383, cves: 6986 }],
  [/Go\/all\.zip$/, { records: 4291, cves: 3913 }],
  [/Bitnami\/all\.zip$/, { records: 7444, cves: 5830 }],
  [/PyPI\/all\.zip$/, { records: 2661, cves: 2055, withdrawn: 10 }],
  [/advisory-db-2025-02-24\.tar\.gz$/, { records: 734 }],
  [/nuclei-templates-2026-02-03\.tar\.gz$/, { records: 12_534, cves: 3813 }],
  [/recog-2026-06-29\.tar\.gz$/, { records: 4657 }],
  [/jsrepository-master\.json$/, { records: 76, cves: 369 }],
  [/known_exploited_vulnerabilities\.json$/, { records: 1662, cves: 1662 }],
  [/epss_scores-current\.csv\.gz$/, { records: 360_142 }],
  [/endoflife\/(products\.json|endoflife\.date-products-2026-08-22\.tar)\.gz$/, { records: 464 }],
  [/oui\.csv\.gz$/, { records: 35_816 }],
  [/mam\.csv\.gz$/, { records: 5418 }],
  [/oui36\.csv\.gz$/, { records: 6079 }],
  [/iab\.csv\.gz$/, { records: 4575 }],
  [/ssg-[a-z0-9]+-ds\.xml\.gz$/, { records: 1 }],
]

const upstream: readonly (readonly [RegExp, (path: string) => Promise<Readonly<Record<string, number>>>, Readonly<Record<string, number>>])[] = [
  [/vulnrichment-2024-10-24\.tar\.gz$/, countVulnrichment, { versions: 40_579, cpes: 19_437, cwe: 27_267 }],
  [/nvd-data-overrides-2026-08-21\.tar\.gz$/, countOverrides, { criteria: 97_775, files: 32_127 }],
  [/advisory-db-2025-02-24\.tar\.gz$/, countRustsec, { named: 475 }],
]

/** Reads every feed of advisories in the folder that the environment names (VIGIL_FEEDS): records, time, and what is counted by its description. */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const root = process.env['VIGIL_FEEDS']
  if (root === undefined) throw new Error('VIGIL_FEEDS must name the folder that the feeds are in')
  for (const file of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, file)
    const known = expected.find(([form]) => form.test(file))?.[1]
    const reader = readerFor(file)
    if (known === undefined || reader === null) continue
    const counts = await countFeed(reader, path)
    for (const [name, goal] of Object.entries(known)) figure(`${file}: ${name}`, counts[name as keyof FeedCounts] as number, '', goal)
    const others = Object.entries(counts.unused).sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} ${count}`)
    tell({ bench: 'feeds', metric: `${file}: ranges (of ${counts.affectedCves} vulnerabilities; unused: ${others.join(', ') || 'none'})`, value: counts.affected, unit: '', peer: null, ratio: null, goal: null, holds: null, runs: 1 })
    tell({ bench: 'feeds', metric: `${file}: CPU`, value: counts.seconds, unit: 's', peer: null, ratio: null, goal: 'below 10 s', holds: counts.seconds < 10, runs: 1 })
    for (const [form, count, goals] of upstream) {
      if (!form.test(file)) continue
      const found = await count(path)
      for (const [name, goal] of Object.entries(goals)) figure(`${file}: ${name} (bare)`, found[name] ?? 0, '', goal)
    }
  }

  function figure(metric: string, value: number, unit: string, goal: number): void {
    tell({ bench: 'feeds', metric, value, unit, peer: null, ratio: null, goal: `exactly ${goal}`, holds: value === goal, runs: 1 })
  }
}
