import type { Severity, FindingType } from '#core/signature.ts'
import type { KnowledgeBase, TemplateCheck } from '#knowledge/knowledge-base.ts'
import type { Store } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { upsertChecks, type CheckRow } from './check-row.ts'
import { listTemplates, type RunTemplate } from './templates.ts'
import { ensureThreats, epssDay } from './threat.ts'

/** What a finding says of a template's check. */
export type KnownTemplate = Readonly<{ check: number; version: number; title: string; severity: Severity; type: FindingType }>

export type TemplateChecks = Readonly<{
  /** Checks by the template's id, each with a row in the table `signature` for findings to name; what the release does not know is left out. */
  of(templates: Iterable<string>): Promise<ReadonlyMap<string, KnownTemplate>>
  /** All that scanners run. */
  all(): Promise<readonly RunTemplate[]>
}>

/** Checks of the templates of a release. In transactions of their own, also when the caller is in one: they wait for nothing that a tenant's holds. */
export function openTemplateChecks(store: Store, base: KnowledgeBase): TemplateChecks {
  const known = new Map<string, KnownTemplate>()
  let all: Promise<readonly RunTemplate[]> | null = null
  return {
    // What failed is asked again.
    all: () => (all ??= listTemplates(base).catch((error: unknown) => {
      all = null
      throw error
    })),
    async of(templates) {
      const wanted = [...new Set(templates)]
      const missing = wanted.filter((key) => !known.has(key)).sort()
      for (let from = 0; from < missing.length; from += 200) {
        const checks = await base.templateChecks(missing.slice(from, from + 200))
        if (checks.length === 0) continue
        const rows = checks.map(rowOf)
        const [threats, day] = [await base.threats(rows.flatMap((row) => row.cve)), await epssDay(base)]
        await store.platform(async (tx) => {
          await upsertChecks(tx, 'template', rows)
          await ensureThreats(tx, rows, threats, day)
        })
        for (const { key, id, version, title, severity, type } of checks) known.set(key.replace(/^template:/, ''), { check: id, version, title, severity: severity as Severity, type })
      }
      return new Map(wanted.flatMap((key) => {
        const one = known.get(key)
        return one === undefined ? [] : [[key, one] as const]
      }))
    },
  }
}

function rowOf(check: TemplateCheck): CheckRow {
  const day = (time: string | null): string | null => (time !== null && /^\d{4}-\d{2}-\d{2}/.test(time) ? time.slice(0, 10) : null)
  const published = day(check.published) ?? '1970-01-01'
  const products = check.product === null ? [] : [fit(check.product, 200)]
  const cve = check.cve.filter((one) => /^CVE-\d{4}-\d{4,7}$/.test(one)).slice(0, 50)
  return {
    id: check.id, title: fit(check.title, 300), severity: check.severity, type: check.type, cve, cwe: check.cwe.slice(0, 20).map((one) => fit(one, 40)),
    cvss: check.cvss === null ? null : fit(check.cvss, 300), score: check.score, products, threat: fit(check.description, 16_384), impact: fit(check.impact, 16_384),
    solution: fit(check.remediation, 16_384) || (check.type === 'information' ? 'Nothing needs to be done if this is meant to be there.' : 'Follow the references, and install the version that holds the fix or close what is open.'),
    reference: check.references.filter((url) => /^https?:\/\//.test(url)).slice(0, 20).map((url) => fit(url, 1000)), published, changed: day(check.changed) ?? published,
    category: check.category, pci: null, search: fit([check.id, check.title, check.key, ...cve, ...products].join(' ').toLowerCase(), 2000),
  }
}
