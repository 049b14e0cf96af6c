import { cveOfNumber } from '#core/knowledge/number.ts'
import type { KnownLifecycle } from '#core/knowledge/lifecycle.ts'
import type { KnowledgeBase, VulnerabilityDetail } from '#knowledge/knowledge-base.ts'
import type { Store } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { templateProbes } from '../finding/ledger.ts'
import { upsertChecks, type CheckRow } from './check-row.ts'
import { ensureThreats, epssDay } from './threat.ts'

/** Numbers from here on are no signatures of ours: src/core/knowledge/number.ts. */
export const firstRange = 100_000_000
export const isRange = (check: number): boolean => check >= firstRange
/** Templates have numbers up there too, but what they say was asked for, not compared. */
export const isOfRange = ({ signature, probe }: Readonly<{ signature: number; probe: string }>): boolean => isRange(signature) && !templateProbes.has(probe)

/** What a finding needs of a range check. */
export type RangeCheck = Readonly<{ severity: 1 | 2 | 3 | 4 | 5; score: number | null }>

/**
 * Checks of ranges as findings need them: a row of the table `signature` is there before the first finding names it, and says what the release says. Rows that are
 * there already in these words are not written. Asked once a check and release.
 */
export function openRangeChecks(store: Store, base: KnowledgeBase): Readonly<{
  /** Makes the rows be there. In a transaction of its own, also when the caller is in one: it waits for nothing that a tenant's holds. */
  ensure(checks: Iterable<number>, nameOf: (check: number) => string): Promise<void>
  ensureLifecycles(known: Iterable<KnownLifecycle>): Promise<void>
  of(check: number): RangeCheck | undefined
}> {
  const known = new Map<number, RangeCheck>()
  const keep = async (rows: readonly CheckRow[]): Promise<void> => {
    const [threats, day] = [await base.threats(rows.flatMap((row) => row.cve)), await epssDay(base)]
    await store.platform(async (tx) => {
      await upsertChecks(tx, 'range', rows)
      await ensureThreats(tx, rows, threats, day)
    })
    for (const row of rows) known.set(row.id, { severity: row.severity as RangeCheck['severity'], score: row.score })
  }
  return {
    of: (check) => known.get(check),
    async ensureLifecycles(list) {
      const missing = [...new Map([...list].filter((one) => !known.has(one.check)).map((one) => [one.check, one])).values()].sort((a, b) => a.check - b.check)
      if (missing.length > 0) await keep(missing.map(lifecycleRow))
    },
    async ensure(checks, nameOf) {
      const missing = [...new Set(checks)].filter((check) => !known.has(check)).sort((a, b) => a - b)
      for (let from = 0; from < missing.length; from += 100) {
        const part = missing.slice(from, from + 100)
        await keep(await Promise.all(part.map(async (check) => rowOf(check, nameOf(check), await base.vulnerability(nameOf(check))))))
      }
    },
  }
}

function rowOf(id: number, name: string, detail: VulnerabilityDetail | null): CheckRow {
  const day = (time: string | null | undefined): string | null => (typeof time === 'string' && /^\d{4}-\d{2}-\d{2}/.test(time) ? time.slice(0, 10) : null)
  const text = (value: string | undefined, most: number): string => fit(value ?? '', most)
  const title = detail === null || detail.title === '' ? name : `${name}: ${detail.title}`
  const cve = [...new Set([cveOfNumber(id) ?? name, ...(detail?.aliases ?? [])])].filter((one) => /^CVE-\d{4}-\d{4,7}$/.test(one))
  const products = (detail?.products ?? []).slice(0, 50).map((one) => fit(one, 200))
  const published = day(detail?.published) ?? '1970-01-01'
  // What no source rated is told as serious: neither hidden nor cried out.
  const severity = detail === null || detail.severity === 0 ? 3 : detail.severity
  return {
    id, title: fit(title, 300), severity, type: detail?.detection.includes('package') === false ? 'potential' : 'confirmed', cve,
    cwe: (detail?.facts.cwe?.value ?? []).slice(0, 20).map((one) => fit(one, 40)), cvss: detail?.cvss === null || detail === null ? null : fit(detail.cvss, 300), score: detail?.score ?? null, products,
    threat: text(detail?.facts.details?.value, 16_384), impact: text(detail?.facts.impact?.value, 16_384),
    solution: text(detail?.facts.solution?.value, 16_384) || 'Install a version that holds the fix. The result of each finding names the lowest one.',
    reference: [...new Set((detail?.statements ?? []).flatMap(({ statement }) => statement.references.map((one) => one.url)))].filter((url) => /^https?:\/\//.test(url)).slice(0, 20).map((url) => fit(url, 1000)),
    published, changed: day(detail?.modified) ?? published, category: 'Known vulnerability', pci: null, search: fit([id, title, ...cve, ...products].join(' ').toLowerCase(), 2000),
  }
}

/** Support that is over is serious whatever the product: what is found from now on stays open. */
function lifecycleRow({ check, lifecycle, products }: KnownLifecycle): CheckRow {
  const title = fit(`${lifecycle.title}: unsupported version`, 300)
  const names = products.filter(([ecosystem]) => ecosystem === 'cpe').slice(0, 50).map(([, name]) => fit(name, 200))
  const published = lifecycle.cycles.map((cycle) => cycle.released).filter((one) => one !== undefined).sort()[0] ?? '1970-01-01'
  return {
    id: check, title, severity: 4, type: 'potential', cve: [], cwe: ['CWE-1104'], cvss: null, score: null, products: names,
    threat: fit(`This version of ${lifecycle.title} is not supported any more by those who make it, as endoflife.date tells. Faults found from then on are not repaired in it.`, 2000),
    impact: 'Known attacks work, and new ones will not be stopped by updates. What a distribution or a contract of extended support maintains is another matter: then its own support counts.',
    solution: 'Move to a version that is supported. The result of each finding names the newest of its line and the day on which support ended.',
    reference: [`https://endoflife.date/${encodeURIComponent(lifecycle.key)}`, ...(lifecycle.link === undefined ? [] : [fit(lifecycle.link, 1000)])],
    published, changed: published, category: 'Unsupported software', pci: 'Unsupported software fails where security fixes are missing.',
    search: fit([check, title, ...names].join(' ').toLowerCase(), 2000),
  }
}
